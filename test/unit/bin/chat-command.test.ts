import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { readArguments } from "../../../bin/chat/arguments.ts";
import { History } from "../../../bin/chat/history.ts";
import { LANGUAGES, textsFor } from "../../../bin/terminal/texts.ts";
import { chatBody } from "../../../contracts/agent.ts";
import { environment } from "../../support/environment.ts";
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
function chat(
  url: string,
  args: string[],
  { input = "", env = {} }: { input?: string | Buffer; env?: Record<string, string> } = {},
) {
  const whole = environment({ MACJARVIS_HOME: home, MACJARVIS_URL: url, ...env });
  let child = undefined as unknown as ReturnType<typeof execFile>;
  const ended = new Promise<Ended>((resolve) => {
    child = execFile(process.execPath, ["bin/chat.ts", ...args], { env: whole }, (error, out, notes) =>
      resolve({ code: error ? Number(error.code) : 0, out, notes }),
    );
    // A program that has read enough closes its input.
    child.stdin?.on("error", () => undefined);
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

  test("text of a pipe is part of the question, whole and in its order", async () => {
    const remote = await start({ "POST /agent/chat": answering([RUN, done()]) });
    const log = `line 1\n${"x".repeat(300_000)}\n第三行\n`;
    expect((await chat(remote.url, ["summarise", "this"], { input: log }).ended).code).toBe(0);
    expect(remote.asked[0]?.body).toEqual({ message: `summarise this\n\n${log.trim()}` });
  });

  test("a pipe that is too long or no text is refused before anything is sent", async () => {
    const remote = await start({ "POST /agent/chat": answering([RUN, done()]) });
    const long = await chat(remote.url, ["summarise"], { input: "x".repeat(2_000_000) }).ended;
    expect(long.code).toBe(1);
    expect(long.notes).toContain("at most 2,000,000 characters");
    const binary = await chat(remote.url, ["what is it?"], { input: Buffer.from([1, 0, 2]) }).ended;
    expect(binary).toMatchObject({ code: 1, notes: expect.stringContaining("is not text") });
    expect(remote.asked).toEqual([]);
    expect(chatBody.safeParse({ message: "x".repeat(2_000_000) }).success).toBe(true);
    expect(chatBody.safeParse({ message: "x".repeat(2_000_001) }).success).toBe(false);
  });

  test("a pipe of nothing but yes and no answers the questions of tools", async () => {
    let stream: ServerResponse | undefined;
    const remote = await start({
      "POST /agent/chat": (_asked, response) => {
        stream = response;
        sendEvents(response, [RUN, question("call_1", "run_shell", {})]);
      },
      "GET /agent/runs/run_1": (_asked, response) => json(response, 200, { run: { steps: [] } }),
      "POST /agent/runs/run_1/approvals/*": (_asked, response) => {
        json(response, 200, { approval: {} });
        if (stream) sendEvents(stream, [done()], 3);
      },
    });
    expect((await chat(remote.url, ["x"], { input: "y\n".repeat(100_000) }).ended).code).toBe(0);
    expect(remote.asked[0]?.body).toEqual({ message: "x" });
    expect(remote.asked.find(({ path }) => path.includes("/approvals/"))?.body).toEqual({
      decision: "approve",
    });
  });

  test("--continue goes on with the session that was used last, --session with the end of an id", async () => {
    const sessions = [
      { id: "ses_01aaaaaaaaaaaaaaaaaaaaaaaa", updated_at: "2026-11-01T00:00:00.000Z" },
      { id: "ses_01bbbbbbbbbbbbbbbbbbbbbbbb", updated_at: "2026-11-03T00:00:00.000Z" },
    ];
    const remote = await start({
      "POST /agent/chat": answering([RUN, done()]),
      "GET /sessions?*": (_asked, response) => json(response, 200, { sessions, next_cursor: null }),
    });
    await chat(remote.url, ["--continue", "and now?"]).ended;
    expect(remote.asked.at(-1)?.body).toEqual({ message: "and now?", session_id: sessions[1]?.id });
    await chat(remote.url, ["--session", "aaaaaa", "and now?"]).ended;
    expect(remote.asked.at(-1)?.body).toEqual({ message: "and now?", session_id: sessions[0]?.id });
    const none = await chat(remote.url, ["--session", "cccccc", "x"]).ended;
    expect(none).toMatchObject({ code: 1, notes: expect.stringContaining('There is no session "cccccc"') });
    expect(none.notes).toContain("Start npm run chat, then /sessions lists them");
  });

  test("a command of the conversation is not sent to the model as a question, a path is", async () => {
    const remote = await start({ "POST /agent/chat": answering([RUN, done()]) });
    const given = await chat(remote.url, ["/sessions", "disk"]).ended;
    expect(given).toMatchObject({
      code: 1,
      notes: expect.stringContaining("/sessions is a command of the conversation"),
    });
    expect(remote.asked).toEqual([]);
    await chat(remote.url, ["/etc/hosts", "what is it?"]).ended;
    expect(remote.asked[0]?.body).toEqual({ message: "/etc/hosts what is it?" });
  });

  test("speaks Chinese where the locale is Chinese", async () => {
    const env = { LANG: "zh_CN.UTF-8" };
    const gone = await remoteServer({});
    await gone.close();
    expect((await chat(gone.url, ["--help"], { env }).ended).out).toContain("不带问题时进入对话");
    const away = await chat(gone.url, ["x"], { env }).ended;
    expect(away.notes).toContain("那里没有程序在监听。请用 npm start 启动它");
    const refused = await start({
      "POST /agent/chat": (_asked, response) => problem(response, 422, "model_not_found", "There is no x/y."),
    });
    expect((await chat(refused.url, ["x"], { env }).ended).notes).toContain(
      "没有这个模型（There is no x/y.）",
    );
    expect((await chat(gone.url, ["--help"], { env: { ...env, LC_ALL: "C" } }).ended).out).toContain(
      "Without a",
    );
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
      [chat(gone.url, ["--bogus"]).ended, "There is no option --bogus. npm run chat -- --help lists"],
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
    for (const language of LANGUAGES)
      for (const option of ["--model", "--session", "--continue", "--run", "--yes", "--no", "--help"])
        expect(textsFor(language).chat.help).toContain(option);
    expect(readArguments(["-y", "a", "b"])).toMatchObject({ question: "a b", answer: "approve" });
    expect(readArguments([])).toMatchObject({ question: undefined, answer: undefined });
    expect(() => readArguments(["--yes", "--no"])).toThrow("exclude");
    expect(() => readArguments(["--run", "run_1", "x"])).toThrow("no question");
    expect(() => readArguments(["--continue", "--session", "abcdef"])).toThrow("exclude");
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
