import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { CRASH_POINTS } from "../../bin/start/crash-points.ts";
import { audit, auditEvents } from "../support/auditor.ts";
import { type AnyEvent, register } from "../support/client.ts";
import { startStack } from "../support/stack.ts";
import { waitFor } from "../support/wait-for.ts";

describe("G5 a run survives kill -9 of its process at each crash point", () => {
  test.each(CRASH_POINTS.filter((point) => !/^(cancel|stop)\./.test(point)))(
    "at %s: the restarted process goes on, nothing is lost and nothing is done twice",
    async (point) => {
      const stack = await startStack({ CRASH_AT: point });
      try {
        const user = await register(stack.server.url);
        const path = join(stack.workspace, "log.txt");
        const append = `call:append_file ${JSON.stringify({ path, content: "x", create_if_missing: true })}`;
        const body = { message: append };
        const headers = { "Idempotency-Key": "crash" };
        const died = stack.server.died();
        const answering = answerUntilDead(user, body, headers);
        await died;
        await answering;
        await stack.restart({ CRASH_AT: "" });
        user.url = stack.server.url;
        const events = await finished(user, body, headers);
        expect(auditEvents(events)).toEqual([]);
        expect(events.at(-1)?.data).toMatchObject({ status: "completed" });
        const results = events.filter((event) => event.event === "tool_result");
        expect(results).toHaveLength(1);
        // Its node says what became of it, so that nothing here is unknown.
        expect(results[0]?.data).toMatchObject({ status: "done", ok: true });
        expect(await readFile(path, "utf8")).toBe("x");
        await stack.server.kill("SIGTERM");
        expect(audit(stack.server.home)).toEqual([]);
      } finally {
        await stack.stop();
      }
    },
  );
});

describe("G5 a cancel survives kill -9 of the process it came to", () => {
  test.each(CRASH_POINTS.filter((point) => point.startsWith("cancel.")))(
    "at %s: the restarted process ends the run, and the call it waited for does not run",
    async (point) => {
      const stack = await startStack({ CRASH_AT: point });
      try {
        const user = await register(stack.server.url);
        const path = join(stack.workspace, "log.txt");
        const message = `call:append_file ${JSON.stringify({ path, content: "x", create_if_missing: true })}`;
        const [first] = await user.chat(
          { message },
          { until: (event) => event.event === "approval_required" },
        );
        const run = String(first?.data.run_id);
        const died = stack.server.died();
        await user.call("POST", `/agent/cancel/${run}`).catch(() => undefined);
        await died;
        await stack.restart({ CRASH_AT: "" });
        user.url = stack.server.url;
        await waitFor("the run has ended", async () => {
          const { body } = await user.call<Asked>("GET", `/agent/runs/${run}`);
          return body.run.status === "cancelled";
        });
        expect(auditEvents(await user.events(run))).toEqual([]);
        await expect(readFile(path, "utf8")).rejects.toThrow("ENOENT");
        await stack.server.kill("SIGTERM");
        expect(audit(stack.server.home)).toEqual([]);
      } finally {
        await stack.stop();
      }
    },
  );
});

describe("G5 the stop of one call survives kill -9 of the process it came to", () => {
  test.each(CRASH_POINTS.filter((point) => point.startsWith("stop.")))(
    "at %s: the restarted process ends the call, which ran once, and the run goes on",
    async (point) => {
      const stack = await startStack({ CRASH_AT: point });
      try {
        const user = await register(stack.server.url);
        await user.call("PUT", "/users/me/policy", { rules: [{ risk: "execute", decision: "allow" }] });
        const path = join(stack.workspace, "log.txt");
        const message = `call:execute_shell_command ${JSON.stringify({ command: `echo x >> ${path}; sleep 1000` })}`;
        const begun = await user.chat({ message }, { until: ({ event }) => event === "tool_start" });
        const [run, call] = [String(begun[0]?.data.run_id), begun.at(-1)?.data.call_id];
        await waitFor("the command runs", () => readFile(path, "utf8").catch(() => undefined));
        const died = stack.server.died();
        await user.call("POST", `/agent/runs/${run}/calls/${call}/cancel`).catch(() => undefined);
        await died;
        await stack.restart({ CRASH_AT: "" });
        user.url = stack.server.url;
        const events = await user.events(run);
        expect(auditEvents(events)).toEqual([]);
        const ended = events.find(({ event }) => event === "tool_result");
        // Its process died with the server: nobody knows how far it came.
        expect(ended?.data.status).toMatch(/^(cancelled|outcome_unknown)$/);
        expect(await readFile(path, "utf8")).toBe("x\n");
        expect(events.at(-1)?.data).toMatchObject({ status: "completed" });
        await stack.server.kill("SIGTERM");
        expect(audit(stack.server.home)).toEqual([]);
      } finally {
        await stack.stop();
      }
    },
  );
});

describe("G5 a message that replaces another survives kill -9 of its process", () => {
  test.each(CRASH_POINTS.filter((point) => point.startsWith("accept.")))(
    "at %s: it stands in that one's place, once, and nothing else is gone",
    async (point) => {
      const stack = await startStack();
      try {
        const user = await register(stack.server.url);
        const ask = (body: object, headers: Record<string, string> = {}) =>
          user.call<{ session_id: string }>("POST", "/agent/chat/sync", body, headers);
        const { session_id } = (await ask({ message: "one" })).body;
        await ask({ message: "two", session_id });
        const read = async () =>
          (
            await user.call<{ messages: { id: string; content: string }[] }>(
              "GET",
              `/sessions/${session_id}/messages`,
            )
          ).body.messages;
        const replaces = (await read()).find(({ content }) => content === "two")?.id;
        await stack.restart({ CRASH_AT: point });
        user.url = stack.server.url;
        const body = { message: "zwei", session_id, replaces };
        const headers = { "Idempotency-Key": "replace" };
        const died = stack.server.died();
        await ask(body, headers).catch(() => undefined);
        await died;
        await stack.restart({ CRASH_AT: "" });
        user.url = stack.server.url;
        const shown = ["one", "echo: one", "zwei", "echo: zwei"];
        expect((await ask(body, headers)).status).toBe(200);
        expect((await read()).map(({ content }) => content)).toEqual(shown);
        const { body: now } = await user.call<{ session: object }>("GET", `/sessions/${session_id}`);
        expect(now.session).toMatchObject({ message_count: 4, active_run_id: null });
        await stack.server.kill("SIGTERM");
        expect(audit(stack.server.home)).toEqual([]);
      } finally {
        await stack.stop();
      }
    },
  );
});

type User = Awaited<ReturnType<typeof register>>;

type Asked = {
  run: { status: string; steps: { tool_calls: { call_id: string; approval?: { decision: unknown } }[] }[] };
};

/** Approves what the run asks now. Answers the run's status. */
async function approveOpen(user: User, run: string): Promise<string> {
  const { body } = await user.call<Asked>("GET", `/agent/runs/${run}`);
  const open = body.run.steps
    .flatMap((step) => step.tool_calls)
    .find((call) => call.approval?.decision === null);
  if (open) await user.call("POST", `/agent/runs/${run}/approvals/${open.call_id}`, { decision: "approve" });
  return body.run.status;
}

/** Chats and approves until the server is gone; what is lost with it is lost on purpose. */
async function answerUntilDead(
  user: User,
  body: Record<string, unknown>,
  headers: Record<string, string>,
): Promise<void> {
  try {
    const [first] = await user.chat(body, { headers, until: (event) => event.event === "run" });
    for (;;) await approveOpen(user, String(first?.data.run_id));
  } catch {
    // The server died.
  }
}

/** Asks again with the same key, answers what is asked, and reads the run to its end. */
async function finished(
  user: User,
  body: Record<string, unknown>,
  headers: Record<string, string>,
): Promise<AnyEvent[]> {
  const [first] = await user.chat(body, { headers, until: (event) => event.event === "run" });
  const run = String(first?.data.run_id);
  await waitFor("the run has ended", async () =>
    ["completed", "failed", "cancelled"].includes(await approveOpen(user, run)),
  );
  return user.events(run);
}
