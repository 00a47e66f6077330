// A user stops one call: it ends as its machine says, and its run goes on with what the model is told.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { auditEvents, auditRecords } from "../support/auditor.ts";
import { type AnyEvent, type Client, register } from "../support/client.ts";
import { type Stack, startStack } from "../support/stack.ts";
import { waitFor } from "../support/wait-for.ts";

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

const shell = (command: string) => `call:execute_shell_command ${JSON.stringify({ command })}`;
type Call = { call_id: string; status: string };
const stop = (user: Client, run: unknown, call: unknown) =>
  user.call<{ call: Call; code?: string }>("POST", `/agent/runs/${run}/calls/${call}/cancel`);
const until = (name: string) => ({ until: (event: AnyEvent) => event.event === name });
async function allowed(): Promise<Client & { id: string }> {
  const user = await register(stack.server.url);
  await user.call("PUT", "/users/me/policy", { rules: [{ risk: "execute", decision: "allow" }] });
  return user;
}
const resultOf = (events: AnyEvent[], call: unknown) =>
  events.find(({ event, data }) => event === "tool_result" && data.call_id === call)?.data;

test("that runs: what it printed is kept, the other call and the model go on, and the trail says who", async () => {
  const user = await allowed();
  const other = join(stack.workspace, "other.txt");
  const commands = [shell("echo so far; sleep 1000"), shell(`sleep 1; echo other > ${other}`)];
  const first = await user.chat({ message: commands.join("\n") }, until("tool_output"));
  const [run, call] = [first[0]?.data.run_id, first.at(-1)?.data.call_id];
  const { status, body } = await stop(user, run, call);
  expect({ status, call: body.call }).toMatchObject({ status: 202, call: { call_id: call } });
  const events = await user.events(String(run));
  expect(auditEvents(events)).toEqual([]);
  expect(resultOf(events, call)).toMatchObject({
    status: "cancelled",
    result: { ok: false, stdout: "so far\n", error: { code: "stopped_by_user" } },
  });
  expect(await readFile(other, "utf8")).toBe("other\n");
  expect(events.at(-1)?.data).toMatchObject({ status: "completed" });
  expect(JSON.stringify(stack.fake.requests.at(-1)?.body)).toContain("The user stopped this call");
  const again = await stop(user, run, call);
  expect(again).toMatchObject({ status: 202, body: { call: { status: "cancelled" } } });
  const trail = await stack.sql(`SELECT entry, details FROM audit WHERE subject = '${run}'`);
  const asked = trail.filter(({ entry }) => String(entry).startsWith("call.stop_requested"));
  expect(asked.map(({ details }) => JSON.parse(String(details)))).toEqual([{ call_id: call, by: user.id }]);
});

test("by its user only, and not while its question waits", async () => {
  const [user, stranger] = [await register(stack.server.url), await register(stack.server.url)];
  const first = await user.chat({ message: shell("echo a") }, until("approval_required"));
  const [run, call] = [first[0]?.data.run_id, first.at(-1)?.data.call_id];
  expect(await stop(stranger, run, call)).toMatchObject({ status: 404, body: { code: "run_not_found" } });
  expect(await stop(user, run, "call_none")).toMatchObject({ status: 404, body: { code: "call_not_found" } });
  expect(await stop(user, run, call)).toMatchObject({ status: 409, body: { code: "conflict" } });
  await user.call("POST", `/agent/cancel/${run}`);
});

test("before a crash: the next owner ends it, and it never runs a second time", async () => {
  const user = await allowed();
  const marker = join(stack.workspace, "begun.txt");
  const first = await user.chat({ message: shell(`echo x >> ${marker}; sleep 1000`) }, until("tool_start"));
  const [run, call] = [String(first[0]?.data.run_id), first.at(-1)?.data.call_id];
  await waitFor("the command runs", () => readFile(marker, "utf8").catch(() => undefined));
  await Promise.all([stop(user, run, call).catch(() => undefined), stack.restart()]);
  user.url = stack.server.url;
  await stop(user, run, call);
  const events = await user.events(run);
  expect(auditEvents(events)).toEqual([]);
  expect(["cancelled", "failed", "outcome_unknown"]).toContain(resultOf(events, call)?.status);
  expect(await readFile(marker, "utf8")).toBe("x\n");
  expect(events.at(-1)?.data).toMatchObject({ status: "completed" });
});

test("everything is consistent afterwards", async () => {
  await stack.server.kill("SIGTERM");
  expect(auditRecords(await stack.records())).toEqual([]);
});
