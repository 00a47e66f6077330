import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { HELP, readArguments } from "../../../bin/chat/arguments.ts";
import { History } from "../../../bin/chat/history.ts";
import { waitFor } from "../../support/wait-for.ts";
import {
  content,
  done,
  json,
  problem,
  question,
  type RemoteServer,
  type Reply,
  RUN,
  remoteServer,
  sendEvents,
} from "./remote-server.ts";

let home = "";
const closing: (() => Promise<void>)[] = [];
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), "macjarvis-chat-"));
  writeFileSync(join(home, "owner.key"), "k\n");
});
afterAll(() => rmSync(home, { recursive: true }));
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function start(routes: Record<string, Reply>): Promise<RemoteServer> {
  const remote = await remoteServer(routes);
  closing.push(remote.close);
  return remote;
}

type Ended = { code: number | null; out: string; notes: string };

/** Runs `node bin/chat.ts` as npm does; input is a pipe. */
function chat(url: string, args: string[], { input = "" }: { input?: string } = {}) {
  const environment = { PATH: process.env.PATH, MACJARVIS_HOME: home, MACJARVIS_URL: url };
  let child = undefined as unknown as ReturnType<typeof execFile>;
  const ended = new Promise<Ended>((resolve) => {
    child = execFile(process.execPath, ["bin/chat.ts", ...args], { env: environment }, (error, out, notes) =>
      resolve({ code: error ? Number(error.code) : 0, out, notes }),
    );
    child.stdin?.end(input);
  });
  return { child, ended };
}

const answering =
  (events: Parameters<typeof sendEvents>[1]): Reply =>
  (_asked, response) => {
    sendEvents(response, events);
    response.end();
  };

describe("npm run chat -- question", () => {
  test("prints the answer and ends with 0", async () => {
    const remote = await start({ "POST /agent/chat": answering([RUN, content("**Half** full."), done()]) });
    const { code, out } = await chat(remote.url, ["How full", "is my disk?", "--model", "demo/demo"]).ended;
    expect({ code, out }).toEqual({ code: 0, out: "**Half** full.\n" });
    expect(remote.asked[0]).toMatchObject({
      headers: { authorization: "Bearer k" },
      body: { message: "How full is my disk?", model: "demo/demo" },
    });
  });

  test("takes the question from a pipe", async () => {
    const remote = await start({ "POST /agent/chat": answering([RUN, done()]) });
    await chat(remote.url, [], { input: "line 1\nline 2\n" }).ended;
    expect(remote.asked[0]?.body).toEqual({ message: "line 1\nline 2" });
  });

  test("a failed run ends with 1 and its reason", async () => {
    const error = { event: "error", data: { code: "internal", message: "It broke.", retryable: false } };
    const remote = await start({ "POST /agent/chat": answering([RUN, error, done("failed", "error")]) });
    const { code, notes } = await chat(remote.url, ["x"]).ended;
    expect(code).toBe(1);
    expect(notes).toContain("It broke.");
  });

  test("a question that nobody can answer ends with 2", async () => {
    const remote = await start({
      "POST /agent/chat": (_asked, response) =>
        sendEvents(response, [RUN, question("call_1", "run_shell", {})]),
      "GET /agent/runs/run_1": (_asked, response) => json(response, 200, { run: { steps: [] } }),
    });
    const { code, notes } = await chat(remote.url, ["x"]).ended;
    expect(code).toBe(2);
    expect(notes).toContain("--run run_1");
  });

  test("SIGINT cancels the run on the server and ends with 130", async () => {
    const remote = await start({
      "POST /agent/chat": (_asked, response) => {
        sendEvents(response, [RUN, content("a")]);
        cancelled.then(() => sendEvents(response, [done("cancelled", "cancelled")], 3));
      },
      "POST /agent/cancel/run_1": (_asked, response) => {
        json(response, 202, { run: {} });
        cancel();
      },
    });
    let cancel = () => {};
    const cancelled = new Promise<void>((resolve) => {
      cancel = resolve;
    });
    const { child, ended } = chat(remote.url, ["x"]);
    let out = "";
    child.stdout?.on("data", (text) => {
      out += text;
    });
    await waitFor("the first piece", async () => out.includes("a"));
    child.kill("SIGINT");
    expect((await ended).code).toBe(130);
  });

  test("no server, a wrong option, a refusal: words and 1, no stack", async () => {
    const gone = await remoteServer({});
    await gone.close();
    const busy = await start({
      "POST /agent/chat": (_asked, response) =>
        problem(response, 409, "session_busy", "Run run_9 is active."),
    });
    const other = await start({
      "POST /agent/chat": (_asked, response) => json(response, 200, { hello: 1 }),
    });
    const active = await start({
      "POST /agent/chat": (_asked, response) =>
        json(response, 409, { code: "session_busy", detail: "busy", active_run_id: "run_7" }),
    });
    for (const [ended, words] of [
      [chat(gone.url, ["x"]).ended, "npm start"],
      [chat(gone.url, ["--bogus"]).ended, "Unknown option '--bogus'. npm run chat -- --help lists"],
      [chat(other.url, ["x"]).ended, "is not this version of MacJarvis"],
      [chat(active.url, ["x"]).ended, "npm run chat -- --run run_7"],
      [chat(busy.url, ["x"]).ended, "Run run_9 is active."],
    ] as const) {
      const { code, notes } = await ended;
      expect(code).toBe(1);
      expect(notes).toContain(words);
      expect(notes).not.toContain("    at ");
    }
  });
});

describe("the command line of the chat", () => {
  test("every option is in the help", () => {
    for (const option of ["--model", "--session", "--run", "--yes", "--no"]) expect(HELP).toContain(option);
    expect(readArguments(["-y", "a", "b"])).toMatchObject({ question: "a b", answer: "approve" });
    expect(readArguments([])).toMatchObject({ question: undefined, answer: undefined });
    expect(() => readArguments(["--yes", "--no"])).toThrow("exclude");
    expect(() => readArguments(["--run", "run_1", "x"])).toThrow("no question");
  });

  test("the history is private, in order, and one line a message", () => {
    const file = join(home, "sub", "chat-history");
    const history = new History(file);
    for (const text of ["one", "two\n  lines", "two lines", "three"]) history.add(text);
    expect(new History(file).newestFirst).toEqual(["three", "two lines", "one"]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(new History("/proc/none/x").newestFirst).toEqual([]);
  });
});
