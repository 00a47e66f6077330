// What an operator sees: log lines that can be followed by their ids, and numbers for Prometheus; neither tells a text or a secret.
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { readEvents, register } from "../support/client.ts";
import { rawRequest } from "../support/raw-http.ts";
import { type Stack, startStack } from "../support/stack.ts";
import { waitFor } from "../support/wait-for.ts";

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ LOG_LEVEL: "trace", METRICS_PORT: "0" });
});
afterAll(() => stack.stop());

type Line = Record<string, unknown> & { msg: string };

function lines(): Line[] {
  return stack.server
    .output()
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Line);
}

describe("the log", () => {
  test("a request, its run and the run's calls can be followed by their ids, without a word of what was said", async () => {
    const user = await register(stack.server.url);
    const path = join(stack.workspace, "secret-plan-4711.txt");
    const message = `call:read_file ${JSON.stringify({ path })}`;
    const response = await user.open(
      "POST",
      "/agent/chat",
      { message },
      { "X-Request-ID": "req-operations-1" },
    );
    const events = await response.text();
    const run = /"run_id":"(run_\w+)"/.exec(events)?.[1];
    const call = /"call_id":"(call_\w+)"/.exec(events)?.[1];
    expect(call).toBeTruthy();
    const said = (msg: string) => lines().find((line) => line.msg === msg && line.run_id === run);
    const isLogged = () =>
      said("run ended") &&
      lines().some(({ msg, request_id: id }) => msg === "request" && id === "req-operations-1");
    await waitFor("the lines", async () => isLogged() === true);
    expect(said("run accepted")).toMatchObject({ request_id: "req-operations-1", level: 30 });
    expect(said("call ended")).toMatchObject({
      call_id: call,
      name: "read_file",
      status: "failed",
      level: 30,
    });
    expect(said("run ended")).toMatchObject({ status: "completed", finish_reason: "stop", level: 30 });
    expect(lines()).toContainEqual(
      expect.objectContaining({
        msg: "request",
        method: "POST",
        request_id: "req-operations-1",
        path: "/api/v1/agent/chat",
        status: 200,
      }),
    );
    for (const line of lines()) expect(JSON.stringify(line)).not.toMatch(/secret-plan|call:read_file/);
  });

  test("a client that leaves in the middle has its line, too", async () => {
    const user = await register(stack.server.url);
    stack.fake.hold();
    const leave = new AbortController();
    const asked = user.open(
      "POST",
      "/agent/chat",
      { message: "x" },
      { "X-Request-ID": "req-leaves" },
      leave.signal,
    );
    await asked;
    leave.abort();
    await waitFor("the line", async () =>
      lines().some((line) => line.request_id === "req-leaves" && line.cut === true),
    );
    stack.fake.release();
  });
});

const NO_ANSWER = "a model server cannot be used";

describe("a stop", () => {
  test("does not wait for the readers of a run that goes on, and they go on after it", async () => {
    const user = await register(stack.server.url);
    stack.fake.hold();
    const response = await user.open("POST", "/agent/chat", { message: "say this after the restart" });
    const cut = readEvents(response);
    await stack.fake.waitForRequest(({ heard }) => heard.message.includes("after the restart"));
    await stack.server.kill("SIGTERM");
    expect(lines().at(-1)).toMatchObject({ msg: "stopped" });
    // The model's stand-in may answer the start's look too late on a slow machine, which is no part of the stop.
    const faults = lines().filter(({ level, msg }) => Number(level) >= 40 && msg !== NO_ANSWER);
    expect(faults).toEqual([]);
    expect(lines().filter(({ msg }) => msg === "Service 'quota' stopped.")).toHaveLength(1);
    stack.fake.release();
    await stack.restart();
    user.url = stack.server.url;
    const [begun] = await cut;
    const events = await user.events(String(begun?.data.run_id), 1);
    expect(events.at(-1)).toMatchObject({ event: "done", data: { status: "completed" } });
  });
});

describe("the metrics", () => {
  test.each([
    ["a name that is not served", ["Host: evil.example"], 421],
    ["two names", ["Host: localhost", "Host: localhost"], 400],
    ["no name", [], 400],
    ["a page", ["Host: localhost", "Origin: http://localhost"], 403],
    ["a name that is served", ["Host: LOCALHOST:1"], 200],
  ])("are told under names that are served, and to no page: %s", async (_what, headers, status) => {
    const url = lines().find((line) => line.msg === "started")?.metrics as string;
    const answer = await rawRequest(url, `GET /metrics HTTP/1.1\r\n${headers.join("\r\n")}\r\n\r\n`);
    expect(answer.status).toBe(status);
    expect(answer.body.includes("macjarvis_")).toBe(status === 200);
    expect(answer.headers["x-content-type-options"]).toBe("nosniff");
  });

  test("count what ended, on a port of their own, and name nobody", async () => {
    const url = lines().find((line) => line.msg === "started")?.metrics as string;
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/metrics$/);
    const user = await register(stack.server.url);
    await user.chat({ message: 'call:no_such_tool_4711 {"a":1}' });
    const response = await fetch(url);
    expect(response.headers.get("content-type")).toContain("text/plain; version=0.0.4");
    const text = await response.text();
    expect(text).toMatch(/^macjarvis_runs_total\{status="completed",reason="stop"\} [1-9]/m);
    expect(text).toMatch(/^macjarvis_tool_calls_total\{status="failed"\} [1-9]/m);
    expect(text).toMatch(/^macjarvis_http_requests_total\{method="POST",status="201"\} [1-9]/m);
    expect(text).toMatch(/^macjarvis_model_tokens_total\{provider="openai",direction="input"\} [1-9]/m);
    expect(text).toMatch(/^process_resident_memory_bytes \d+$/m);
    expect(text).not.toMatch(/4711|run_|usr_|@/);
    for (const line of text.trimEnd().split("\n"))
      expect(line).toMatch(/^(# (HELP|TYPE) \w+ .+|\w+(\{\w+="[\w-]*"(,\w+="[\w-]*")*\})? [\d.e-]+)$/);
    expect((await fetch(new URL("/", url))).status).toBe(404);
  });

  test("are off unless METRICS_PORT is set", async () => {
    await stack.restart({ METRICS_PORT: "" });
    expect(lines().find((line) => line.msg === "started")?.metrics).toBeUndefined();
  });
});
