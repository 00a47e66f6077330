// A data folder in which people have lived: made by the real server on its own files, through its door, with what is hard to move in it.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Client, register } from "./client.ts";
import type { FakeModel } from "./fake-model-server.ts";
import { startServer, type TestServer } from "./start-server.ts";

export type Person = Client & { email: string; password: string; key: string; refreshToken: string };
export type LivedIn = {
  server: TestServer;
  ada: Person;
  /** A run that has ended, its session, and its events as they go over the wire. */
  ended: { run: string; session: string; stream: string };
  /** A run that waits for an answer to its call, and one that stands in line behind it. */
  asked: { run: string; call: string; session: string; path: string };
  queued: { run: string };
  /** What Ada has used of the day. */
  usage: unknown;
};

/** What a text of a person, of a model and of a tool may have in it. */
export const HARD_TEXT = 'naïve 🙈 \u0000 \uffff {"_bsontype":"ObjectId"} \u2028';

/** @param env with a model server and a workspace, and no cluster */
export async function liveIn(env: Record<string, string>, fake: FakeModel): Promise<LivedIn> {
  const server = await startServer(env);
  const ada = await person(server.url);
  const owner = new Client(server.url, await server.ownerKey());
  for (const max_steps of [7, 9]) await owner.call("PUT", "/admin/config", { max_steps });
  fake.script();
  const told = await ada.chat({ message: `hello ${HARD_TEXT}` });
  const run = String(told[0]?.data.run_id);
  const session = String(told[0]?.data.session_id);
  const odd = JSON.stringify({ path: env.TOOL_ROOTS, "$or.a": 1, _bsontype: "Long" });
  await ada.chat({ session_id: session, message: `call:list_directory ${odd}` });
  for (let n = 0; n < 12; n += 1) await ada.chat({ message: `more ${n} ${"x".repeat(5_000)}` });
  const path = join(env.TOOL_ROOTS ?? "", "note.txt");
  await writeFile(path, "first, ");
  const call = JSON.stringify({ path, content: "once" });
  const waiting = await ada.chat(
    { message: `call:append_file ${call}` },
    { until: ({ event }) => event === "approval_required" },
  );
  const asked = {
    run: String(waiting[0]?.data.run_id),
    session: String(waiting[0]?.data.session_id),
    call: String(waiting.at(-1)?.data.call_id),
    path,
  };
  const [line] = await ada.chat(
    { message: "I can wait", session_id: asked.session, if_busy: "queue" },
    { until: () => true },
  );
  const queued = { run: String(line?.data.run_id) };
  const { body: usage } = await ada.call("GET", "/users/me/usage");
  return { server, ada, usage, ended: { run, session, stream: await streamOf(ada, run) }, asked, queued };
}

async function person(url: string): Promise<Person> {
  const known = await register(url);
  const { email, password } = known;
  const login = await known.call<{ refresh_token: string }>("POST", "/users/login", { email, password });
  const made = await known.call<{ secret: string }>("POST", "/users/me/keys", { name: "mine" });
  return Object.assign(known, { key: made.body.secret, refreshToken: login.body.refresh_token });
}

/** All events of a run that has ended, byte for byte. */
export async function streamOf(user: Client, run: string): Promise<string> {
  const response = await user.open("GET", `/agent/runs/${run}/events`);
  return `${response.status} ${await response.text()}`;
}
