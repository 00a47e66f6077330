import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { auditEvents, auditRecords } from "../support/auditor.ts";
import { type AnyEvent, register } from "../support/client.ts";
import { type Stack, startStack } from "../support/stack.ts";

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

type User = Awaited<ReturnType<typeof register>>;
type Question = { run: string; session: string; call: string; events: AnyEvent[] };

const line = (tool: string, args: unknown) => `call:${tool} ${JSON.stringify(args)}`;
const contentOf = (path: string) => readFile(path, "utf8").catch(() => "not there");

/** Chats until the run asks; the reader leaves then. */
async function ask(user: User, message: string, more: Record<string, unknown> = {}): Promise<Question> {
  const events = await user.chat(
    { message, ...more },
    { until: (event) => event.event === "approval_required" },
  );
  const [first, last] = [events[0]?.data, events.at(-1)?.data];
  return {
    run: String(first?.run_id),
    session: String(first?.session_id),
    call: String(last?.call_id),
    events,
  };
}

const answer = (user: User, { run, call }: Question, body: Record<string, unknown>) =>
  user.call<{ approval: Record<string, unknown>; code?: string }>(
    "POST",
    `/agent/runs/${run}/approvals/${call}`,
    body,
  );

describe("what the rules would say", () => {
  test("is told for a call that nobody makes, and nothing runs", async () => {
    const user = await register(stack.server.url);
    const path = join(stack.workspace, "if.txt");
    const check = async (name: string, args: unknown) =>
      (await user.call<Record<string, unknown>>("POST", "/users/me/policy/check", { name, args })).body;
    expect(await check("write_file", { path, content: "a" })).toMatchObject({
      decision: "ask",
      risk: "write",
      bound: { places: [{ path }] },
    });
    await user.call("PUT", "/users/me/policy", { rules: [{ tool: "write_file", decision: "deny" }] });
    expect(await check("write_file", { path, content: "a" })).toMatchObject({ decision: "deny" });
    expect(await check("write_file", { path })).toMatchObject({
      decision: "invalid",
      error: { code: "invalid_arguments" },
    });
    expect(await check("no_such", {})).toMatchObject({
      decision: "invalid",
      error: { code: "unknown_tool" },
    });
    expect(await contentOf(path)).toBe("not there");
  });
});

describe("G6 approvals", () => {
  test("a question survives kill -9 of the process; approved then, the call runs once", async () => {
    const user = await register(stack.server.url);
    const path = join(stack.workspace, "survives.txt");
    const question = await ask(user, line("append_file", { path, content: "x", create_if_missing: true }));
    await stack.restart();
    user.url = stack.server.url;
    const { body } = await user.call<{ run: { status: string } }>("GET", `/agent/runs/${question.run}`);
    expect(body.run.status).toBe("waiting_approval");
    expect((await answer(user, question, { decision: "approve" })).body.approval).toMatchObject({
      decision: "approve",
      decided_by: user.id,
    });
    const events = await user.events(question.run);
    expect(auditEvents(events)).toEqual([]);
    expect(events.at(-1)?.data).toMatchObject({ status: "completed" });
    expect(await contentOf(path)).toBe("x");
    const late = await answer(user, question, { decision: "deny" });
    expect(late.status).toBe(409);
    expect(late.body).toMatchObject({ code: "approval_answered", approval: { decision: "approve" } });
    expect(await contentOf(path)).toBe("x");
  });

  test("answered while the process is down by nobody: it still asks; two answers at once count once", async () => {
    const user = await register(stack.server.url);
    const path = join(stack.workspace, "twice.txt");
    const question = await ask(user, line("append_file", { path, content: "x", create_if_missing: true }));
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => answer(user, question, { decision: "approve" })),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(9);
    await user.events(question.run);
    expect(await contentOf(path)).toBe("x");
  });

  test("approved with other arguments, exactly those run, and they are shown", async () => {
    const user = await register(stack.server.url);
    const [asked, given] = [join(stack.workspace, "asked.txt"), join(stack.workspace, "given.txt")];
    const question = await ask(user, line("write_file", { path: asked, content: "a" }));
    const wrong = await answer(user, question, { decision: "approve", args: { path: given, colour: "red" } });
    expect(wrong).toMatchObject({
      status: 422,
      body: { code: "invalid_request", errors: [{ path: "args.content" }, { path: "args.colour" }] },
    });
    const args = { path: given, content: "b" };
    expect((await answer(user, question, { decision: "approve", args })).body.approval).toMatchObject({
      args,
    });
    const events = await user.events(question.run);
    expect(events.find((event) => event.event === "approval_resolved")?.data).toMatchObject({ args });
    expect([await contentOf(asked), await contentOf(given)]).toEqual(["not there", "b"]);
  });

  test("denied, the call does not run and the model is told", async () => {
    const user = await register(stack.server.url);
    const path = join(stack.workspace, "denied.txt");
    const question = await ask(user, line("write_file", { path, content: "a" }));
    await answer(user, question, { decision: "deny" });
    const events = await user.events(question.run);
    expect(events.find((event) => event.event === "tool_result")?.data).toMatchObject({
      ok: false,
      status: "denied",
    });
    expect(events.at(-1)?.data).toMatchObject({ status: "completed" });
    expect(JSON.stringify(stack.fake.requests.at(-1)?.body)).toContain("denied");
    expect(await contentOf(path)).toBe("not there");
  });

  test("denied with a reason, everybody reads it: the model, the run and who watches", async () => {
    const user = await register(stack.server.url);
    const path = join(stack.workspace, "why.txt");
    const question = await ask(user, line("write_file", { path, content: "a" }));
    const misplaced = await answer(user, question, { decision: "approve", reason: "because" });
    expect(misplaced).toMatchObject({ status: 422, body: { errors: [{ path: "reason" }] } });
    const reason = "that folder is for photos";
    const { body } = await answer(user, question, { decision: "deny", reason });
    expect(body.approval).toMatchObject({ decision: "deny", reason });
    const events = await user.events(question.run);
    expect(events.find(({ event }) => event === "approval_resolved")?.data).toMatchObject({ reason });
    expect(JSON.stringify(stack.fake.requests.at(-1)?.body)).toContain(reason);
    expect(await contentOf(path)).toBe("not there");
  });

  test("allowed calls of a step do not wait for the asked ones, and all questions come at once", async () => {
    const user = await register(stack.server.url);
    const write = (name: string) => line("write_file", { path: join(stack.workspace, name), content: "a" });
    const message = [
      write("one.txt"),
      line("list_directory", { path: stack.workspace }),
      write("two.txt"),
    ].join("\n");
    const questions: string[] = [];
    const events = await user.chat(
      { message },
      {
        until(event) {
          if (event.event === "approval_required") questions.push(String(event.data.call_id));
          return event.event === "tool_result";
        },
      },
    );
    const run = String(events[0]?.data.run_id);
    expect(events.at(-1)?.data).toMatchObject({ name: "list_directory", ok: true });
    const { body } = await user.call<{
      run: { steps: { tool_calls: { call_id: string; approval?: unknown }[] }[] };
    }>("GET", `/agent/runs/${run}`);
    const asked = body.run.steps[0]?.tool_calls.filter((call) => call.approval) ?? [];
    expect(asked).toHaveLength(2);
    for (const { call_id } of asked) {
      expect(
        (await answer(user, { run, call: call_id, session: "", events: [] }, { decision: "approve" })).status,
      ).toBe(200);
    }
    const all = await user.events(run);
    expect(auditEvents(all)).toEqual([]);
    expect(all.filter((event) => event.event === "tool_result")).toHaveLength(3);
    expect(await contentOf(join(stack.workspace, "two.txt"))).toBe("a");
  });

  test("remembered for a write tool it is not asked again; for a command only that very command is", async () => {
    const user = await register(stack.server.url);
    const write = (name: string) => line("write_file", { path: join(stack.workspace, name), content: "a" });
    await answer(user, await ask(user, write("r1.txt")), { decision: "approve", remember: "always" });
    const events = await user.chat({ message: write("r2.txt") });
    expect(events.some((event) => event.event === "approval_required")).toBe(false);
    const command = (text: string) => line("execute_shell_command", { command: text });
    const question = await ask(user, command("echo one"));
    await answer(user, question, { decision: "approve", remember: "always" });
    await user.events(question.run);
    const same = await user.chat({ message: command("echo one") });
    expect(same.some((event) => event.event === "approval_required")).toBe(false);
    const other = await ask(user, command("echo two"));
    expect(other.events.at(-1)?.data).toMatchObject({ args: { command: "echo two" } });
    await user.call("POST", `/agent/cancel/${other.run}`);
  });

  test("a remembered answer says when it was given and about which call; nobody can say so of another rule", async () => {
    const user = await register(stack.server.url);
    const write = line("write_file", { path: join(stack.workspace, "said.txt"), content: "a" });
    const question = await ask(user, write);
    const before = new Date().toISOString();
    await answer(user, question, { decision: "approve", remember: "always" });
    type Rule = Record<string, unknown> & { remembered_at?: string };
    const rulesOf = async () => (await user.call<{ rules: Rule[] }>("GET", "/users/me/policy")).body.rules;
    const [rule] = await rulesOf();
    expect(rule).toMatchObject({ tool: "write_file", remembered_from: question.call });
    expect([before, rule?.remembered_at].toSorted()).toEqual([before, rule?.remembered_at]);
    // As it was read, behind one of the user's own that lies, and changed.
    const lies = {
      tool: "read_file",
      decision: "ask",
      remembered_at: before,
      remembered_from: question.call,
    };
    const changed = { ...rule, decision: "ask" };
    for (const [rules, remembered] of [
      [
        [lies, rule],
        [undefined, rule?.remembered_at],
      ],
      [[changed], [undefined]],
    ] as const) {
      expect((await user.call("PUT", "/users/me/policy", { rules })).status).toBe(200);
      expect((await rulesOf()).map(({ remembered_at }) => remembered_at)).toEqual(remembered);
    }
  });

  test("remembered for a session it is asked in another one", async () => {
    const user = await register(stack.server.url);
    const write = (name: string) => line("write_file", { path: join(stack.workspace, name), content: "a" });
    const question = await ask(user, write("s1.txt"));
    await answer(user, question, { decision: "approve", remember: "session" });
    await user.events(question.run);
    const same = await user.chat({ message: write("s2.txt"), session_id: question.session });
    expect(same.some((event) => event.event === "approval_required")).toBe(false);
    const other = await ask(user, write("s3.txt"));
    expect(other.events.at(-1)?.event).toBe("approval_required");
    await user.call("POST", `/agent/cancel/${other.run}`);
  });

  test("a question whose run was cancelled meanwhile is closed, and says so to whoever answers it late", async () => {
    const user = await register(stack.server.url);
    const path = join(stack.workspace, "closed.txt");
    const question = await ask(user, line("write_file", { path, content: "a" }));
    await user.call("POST", `/agent/cancel/${question.run}`);
    await user.events(question.run);
    const late = await answer(user, question, { decision: "approve" });
    const { body } = await user.call<{ run: { ended_at: string; steps: { tool_calls: object[] }[] } }>(
      "GET",
      `/agent/runs/${question.run}`,
    );
    const closed = { decision: "expired", decided_by: "system", decided_at: body.run.ended_at };
    expect(late).toMatchObject({
      status: 409,
      body: {
        code: "approval_answered",
        detail: expect.stringMatching(/nobody answered.*run was cancelled/i),
        approval: closed,
      },
    });
    expect(body.run.steps[0]?.tool_calls).toMatchObject([{ status: "cancelled", approval: closed }]);
    expect(await contentOf(path)).toBe("not there");
  });

  test("somebody else can neither see nor answer a question", async () => {
    const [user, other] = [await register(stack.server.url), await register(stack.server.url)];
    const path = join(stack.workspace, "other.txt");
    const question = await ask(user, line("write_file", { path, content: "a" }));
    expect((await answer(other, question, { decision: "approve" })).status).toBe(404);
    await user.call("POST", `/agent/cancel/${question.run}`);
    await user.events(question.run);
    expect(await contentOf(path)).toBe("not there");
  });

  test("a question nobody answers expires, the model is told, and the run goes on", async () => {
    await stack.restart({ APPROVAL_TIMEOUT_S: "0.2" });
    const user = await register(stack.server.url);
    const path = join(stack.workspace, "expired.txt");
    const question = await ask(user, line("write_file", { path, content: "a" }));
    const events = await user.events(question.run);
    expect(events.find((event) => event.event === "approval_resolved")?.data).toMatchObject({
      decision: "expired",
    });
    expect(events.find((event) => event.event === "tool_result")?.data).toMatchObject({ status: "expired" });
    expect(events.at(-1)?.data).toMatchObject({ status: "completed" });
    expect(await contentOf(path)).toBe("not there");
  });

  test("everything is consistent afterwards", async () => {
    await stack.server.kill("SIGTERM");
    expect(auditRecords(await stack.records())).toEqual([]);
  });
});
