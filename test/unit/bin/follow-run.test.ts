import { afterEach, describe, expect, test } from "@jest/globals";
import { waitFor } from "../../support/wait-for.ts";
import {
  content,
  done,
  json,
  problem,
  question,
  type RemoteServer,
  RUN,
  resolved,
  sendEvents,
  toolResult,
  toolStart,
} from "./remote-server.ts";
import { type Chat, startChat } from "./start-chat.ts";

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function chat(...given: Parameters<typeof startChat>): Promise<Chat> {
  const started = await startChat(...given);
  closing.push(started.remote.close);
  return started;
}

const seen = (shown: Chat["shown"], text: string) =>
  waitFor(text, async () => (shown.out + shown.notes).includes(text));
const requests = ({ asked }: RemoteServer, path: string) => asked.filter((one) => one.path.startsWith(path));
const answers = (remote: RemoteServer) => requests(remote, "/agent/runs/run_1/approvals/call_1");
const ASKING = [
  RUN,
  toolStart("call_1", "run_shell", { command: "ls -l" }),
  question("call_1", "run_shell", { command: "ls -l" }),
];

describe("following a run", () => {
  test("the answer goes to the output, what is beside it to the notes", async () => {
    const { outcome, shown } = await chat([
      RUN,
      toolStart("call_1", "disk_usage", { path: "/tmp" }),
      toolResult("call_1", "disk_usage", { duration_ms: 1_234 }),
      content("Half "),
      content("full."),
      done(),
    ]);
    expect(await outcome).toEqual({ status: "completed", runId: "run_1", sessionId: "ses_1" });
    expect(shown.out).toBe("Half full.\n");
    expect(shown.notes).toBe("[tool] disk_usage path=/tmp\n✓ disk_usage path=/tmp (1.2 s)\n");
  });

  test("a model and a tool cannot drive the terminal", async () => {
    const { outcome, shown } = await chat([
      RUN,
      toolStart("call_1", "x\x1b[2J", { "a\x1b[1m": "\x1b]0;t\x07\u009b2J" }),
      toolResult("call_1", "x\x1b[2J", {
        ok: false,
        status: "failed",
        result: { ok: false, error: { code: "e", message: "no\x1b[5m" } },
      }),
      content("a\x1b]52;c;"),
      content("aGk=\x07b\x1b[31m"),
      { event: "reset", data: { step: 1, reason: "r\x1b[2J" } },
      { event: "error", data: { code: "internal", message: "m\x1b[2J", retryable: false } },
      done("failed", "error"),
    ]);
    expect((await outcome).status).toBe("failed");
    expect(shown.out + shown.notes).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/);
    expect(shown.out).toBe("ab\n");
  });

  test("after a reset the text of the step comes anew", async () => {
    const { outcome, shown } = await chat([
      RUN,
      content("Wro"),
      { event: "reset", data: { step: 1, reason: "the model broke off" } },
      content("Right."),
      done(),
    ]);
    await outcome;
    expect(shown.out).toBe("Wro\nRight.\n");
    expect(shown.notes).toContain("starts again (the model broke off)");
  });

  test.each([
    ["y", { decision: "approve" }],
    ["n", { decision: "deny" }],
    ["A", { decision: "approve", remember: "always" }],
  ])("the key %s answers a question", async (key, answer) => {
    const { outcome, shown, keys, remote, stream } = await chat(ASKING);
    await seen(shown, "Ctrl-C cancels the run");
    expect(shown.notes).toContain("? run_shell on studio (executes something)\n    command: ls -l\n");
    expect(shown.notes).toContain("a always: exactly this run_shell on studio, without asking\n");
    keys.type("x\x1b");
    keys.type("\x1b[A");
    keys.type(key);
    await waitFor("the answer", async () => answers(remote)[0]);
    expect(answers(remote)[0]?.body).toEqual(answer);
    sendEvents(stream(), [resolved("call_1"), toolResult("call_1", "run_shell"), done()], 4);
    expect((await outcome).status).toBe("completed");
  });

  test("a question shows what its arguments hide", async () => {
    const args = { command: "rm \u202e-rf\x1b[8m ~", script: "a\nb" };
    const { outcome, shown, keys, stream } = await chat([RUN, question("call_1", "run_shell", args)]);
    await seen(shown, "Ctrl-C cancels the run");
    expect(shown.notes).toContain("rm \\u202e-rf\\u001b[8m ~");
    expect(shown.notes).toContain("    script:\n      a\n      b\n");
    keys.type("n");
    sendEvents(stream(), [done()], 3);
    await outcome;
  });

  test("a key that may make no rules is told so, asked again without always, and its plain answer counts", async () => {
    const { outcome, shown, keys, remote, stream } = await chat(ASKING, {
      routes: {
        "POST /agent/runs/run_1/approvals/*": ({ body }, response) =>
          "remember" in (body as object)
            ? problem(response, 403, "scope_missing", 'The API key needs the scope "account".')
            : json(response, 200, { approval: {} }),
      },
    });
    await seen(shown, "Ctrl-C cancels the run");
    keys.type("a");
    await seen(shown, "may not make permanent rules");
    expect(shown.notes).toContain('The API key needs the scope "account".');
    await waitFor("the question again", async () => shown.notes.split("Ctrl-C cancels the run").length === 3);
    expect(shown.notes.split("a always").length).toBe(2);
    keys.type("ay");
    await waitFor("the answer", async () => answers(remote)[1]);
    expect(answers(remote).map(({ body }) => body)).toEqual([
      { decision: "approve", remember: "always" },
      { decision: "approve" },
    ]);
    sendEvents(stream(), [resolved("call_1"), toolResult("call_1", "run_shell"), done()], 4);
    expect((await outcome).status).toBe("completed");
  });

  test("a key that may not answer at all leaves the run waiting, and says why and how to answer", async () => {
    const { outcome, shown, keys } = await chat(ASKING, {
      routes: {
        "POST /agent/runs/run_1/approvals/*": (_asked, response) =>
          problem(response, 403, "scope_missing", 'The API key needs the scope "approve".'),
      },
    });
    await seen(shown, "Ctrl-C cancels the run");
    keys.type("y");
    expect((await outcome).status).toBe("waiting");
    expect(shown.notes).toContain('The answer was refused: The API key needs the scope "approve".');
    expect(shown.notes).toContain("of a key that may answer (MACJARVIS_KEY)");
    expect(shown.notes).toContain('"Authorization: Bearer $MACJARVIS_KEY"');
    expect(shown.notes).not.toContain("--yes");
    expect(shown.notes).toContain("--run run_1");
  });

  test("each retry of the model is told, and events of a newer server break nothing", async () => {
    const retry = (attempt: number, reason: string, wait_ms: number) => ({
      event: "retry",
      data: { step: 1, attempt, of: 3, reason, wait_ms },
    });
    const { outcome, shown } = await chat([
      RUN,
      retry(2, "no answer for 60 s, MODEL_IDLE_S", 2_400),
      { event: "weather", data: "sunny" },
      { event: "weather", data: null },
      retry(3, "it is\x1b[2J overloaded", 0),
      content("Hello."),
      done(),
    ]);
    expect((await outcome).status).toBe("completed");
    expect(shown.notes).toContain(
      "The model did not answer (no answer for 60 s, MODEL_IDLE_S). Attempt 2 of 3 in 2.4 s …\n",
    );
    expect(shown.notes).toContain("(it is overloaded). Attempt 3 of 3 …\n");
    expect(shown.out).toBe("Hello.\n");
  });

  test("a server that does not come back is told in words, with the way to find the run again", async () => {
    const { outcome, stream, remote } = await chat([RUN, content("a")], { giveUpMs: 1 });
    const ended = outcome.catch((thrown: Error) => thrown.message);
    await waitFor("the stream", async () => stream());
    await remote.close();
    const words = await ended;
    expect(words).toMatch(
      /No server answers at .*: (nothing listens there|the connection was cut)\. Start it with: npm start/,
    );
    expect(words).toContain("npm run chat -- --run run_1");
    expect(words).not.toMatch(/ECONN|UND_ERR|terminated|fetch failed/);
  });

  test("a question that is answered elsewhere goes away", async () => {
    const { outcome, shown, remote, stream } = await chat(ASKING);
    await seen(shown, "Ctrl-C cancels the run");
    sendEvents(stream(), [resolved("call_1")], 4);
    await seen(shown, "The question is settled");
    sendEvents(stream(), [toolResult("call_1", "run_shell"), done()], 5);
    expect((await outcome).status).toBe("completed");
    expect(answers(remote)).toEqual([]);
  });

  test("questions that a replay shows with their answers are not asked again", async () => {
    const { outcome, shown } = await chat(
      [...ASKING, resolved("call_1"), toolResult("call_1", "run_shell"), done()],
      { approval: { call_id: "call_1", decision: "approve" } },
    );
    expect((await outcome).status).toBe("completed");
    expect(shown.notes).not.toContain("Ctrl-C cancels the run");
  });

  test("--no answers every question without a keyboard", async () => {
    const { outcome, remote, stream } = await chat(ASKING, { answer: "deny", isTTY: false });
    await waitFor("the answer", async () => answers(remote)[0]);
    expect(answers(remote)[0]?.body).toEqual({ decision: "deny" });
    sendEvents(stream(), [done()], 4);
    expect((await outcome).status).toBe("completed");
  });

  test("without a terminal nothing is denied: it says that the run waits and how to answer", async () => {
    const approval = { call_id: "call_1", name: "run_shell", args: { command: "ls -l" }, decision: null };
    const { outcome, shown, remote } = await chat(ASKING, { isTTY: false, isClosed: true, approval });
    expect(await outcome).toMatchObject({ status: "waiting", runId: "run_1" });
    expect(shown.notes).toContain("npm run chat -- --run run_1");
    expect(shown.notes).toContain(`${remote.url}/api/v1/agent/runs/run_1/approvals/call_1`);
    expect(answers(remote)).toEqual([]);
  });

  test("a pipe answers with a line; what else comes through it is no answer", async () => {
    const { outcome, shown, remote, keys, stream } = await chat(ASKING, { isTTY: false });
    await seen(shown, "Ctrl-C cancels the run");
    keys.type("anything else\nyesterday\n n");
    keys.type("o\n");
    await waitFor("the answer", async () => answers(remote)[0]);
    expect(answers(remote)[0]?.body).toEqual({ decision: "deny" });
    sendEvents(stream(), [done()], 4);
    expect((await outcome).status).toBe("completed");
  });

  test("a pipe that ends while the question stands leaves the run waiting", async () => {
    const { outcome, shown, remote, keys } = await chat(ASKING, { isTTY: false });
    await seen(shown, "Ctrl-C cancels the run");
    keys.emit("end");
    expect((await outcome).status).toBe("waiting");
    expect(shown.notes).toContain("npm run chat -- --run run_1");
    expect(answers(remote)).toEqual([]);
  });

  test("an answer that meets a server that restarts is sent again, and told when it has arrived", async () => {
    let attempts = 0;
    const { outcome, shown, keys, stream } = await chat(ASKING, {
      routes: {
        "POST /agent/runs/run_1/approvals/*": (_asked, response) => {
          attempts += 1;
          if (attempts === 1) response.destroy();
          else if (attempts === 2) problem(response, 503, "shutting_down", "The server is shutting down.");
          else problem(response, 409, "approval_answered", "It was answered already.");
          if (attempts === 3) sendEvents(stream(), [resolved("call_1"), done()], 4);
        },
      },
    });
    await seen(shown, "Ctrl-C cancels the run");
    keys.type("y");
    expect((await outcome).status).toBe("completed");
    expect(attempts).toBe(3);
    expect(shown.notes).toContain("allowed: run_shell");
    expect(shown.notes).not.toContain("answered already");
  });

  test("Ctrl-C cancels the run and waits for its end", async () => {
    const { outcome, shown, keys, remote, stream } = await chat([RUN, content("a")]);
    await seen(shown, "a");
    keys.type("\x03");
    await waitFor("the cancel", async () => requests(remote, "/agent/cancel/run_1")[0]);
    sendEvents(stream(), [done("cancelled", "cancelled")], 3);
    expect((await outcome).status).toBe("cancelled");
    expect(shown.notes).toContain("Cancelled.");
  });

  test("Ctrl-C at a question cancels the run instead of answering", async () => {
    const { outcome, shown, keys, remote, stream } = await chat(ASKING);
    await seen(shown, "Ctrl-C cancels the run");
    keys.type("\x03");
    await waitFor("the cancel", async () => requests(remote, "/agent/cancel/run_1")[0]);
    sendEvents(stream(), [done("cancelled", "cancelled")], 4);
    expect((await outcome).status).toBe("cancelled");
    expect(answers(remote)).toEqual([]);
  });

  test("Ctrl-C twice leaves without waiting for the server", async () => {
    const { outcome, shown, keys } = await chat([RUN, content("a")]);
    await seen(shown, "a");
    keys.type("\x03\x03");
    expect((await outcome).status).toBe("left");
  });

  test("events that are gone are made up for by the run's own answer", async () => {
    const run = {
      id: "run_1",
      status: "completed",
      finish_reason: "stop",
      answer_id: "msg_2",
      steps: [{ number: 1, content: "The answer.", tool_calls: [] }],
    };
    const { outcome, shown, stream } = await chat([RUN], {
      routes: {
        "GET /agent/runs/run_1/events": (_asked, response) =>
          void response
            .writeHead(410, { "content-type": "application/problem+json" })
            .end(JSON.stringify({ code: "events_expired", detail: "gone" })),
        "GET /agent/runs/run_1": (_asked, response) => json(response, 200, { run }),
      },
    });
    await waitFor("the stream", async () => stream());
    stream().end();
    expect((await outcome).status).toBe("completed");
    expect(shown.out).toBe("The answer.\n");
  });
});
