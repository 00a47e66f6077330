// The tools service with the real nodes service and the real node of this machine.
import { mkdir, mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { Scope } from "../../../../contracts/access.ts";
import type { CallId, SessionId } from "../../../../contracts/ids.ts";
import type { PolicyRule } from "../../../../contracts/policy.ts";
import { RULES_CHANGED } from "../../../../contracts/signals.ts";
import { hashOf } from "../../../../lib/canonical-json.ts";
import { AppError } from "../../../../lib/errors.ts";
import { newId } from "../../../../lib/ids.ts";
import { nodeService } from "../../../../mac-node/node.service.ts";
import { nodesService } from "../../../../services/nodes.service.ts";
import { quotaService } from "../../../../services/quota.service.ts";
import { sessionsService } from "../../../../services/sessions.service.ts";
import { builtInTools } from "../../../../services/tools/policy/known-things.ts";
import { Rules } from "../../../../services/tools/policy/rules.ts";
import type { ToolsTables } from "../../../../services/tools/tables.ts";
import { toolsService } from "../../../../services/tools.service.ts";
import { aUser, startTestBroker, type TestBroker } from "../../../support/test-broker.ts";

let base = "";
let stack: TestBroker;
const owner = aUser({ role: "admin" });
const stranger = aUser();
const service = { ...owner, service: "agent" };
const call_id = newId<CallId>("call");

beforeEach(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), "macjarvis-tools-")));
  await mkdir(join(base, "root"));
  await mkdir(join(base, "home"));
  await start();
});
afterEach(async () => {
  await stack.stop();
  await rm(base, { recursive: true, force: true });
});

async function start(sandbox: "on" | "off" = "on", hostTools: "owner" | "all" = "owner"): Promise<void> {
  const home = join(base, "home");
  const node = { home, journalFolder: join(home, "node"), roots: [join(base, "root")], sandbox };
  stack = await startTestBroker(
    [
      nodeService({ ...node, pluginFolder: join(home, "plugins") }),
      nodesService({ hostTools }),
      quotaService(),
      sessionsService(),
      toolsService(),
    ],
    { home },
  );
}
const execute = (name: string, args: Record<string, unknown> = {}, caller = owner) =>
  stack.as(caller, "tools.execute", { name, args });
/** The rules as they were written, without what is told of them. */
const rulesOf = async (caller = owner) =>
  (await stack.as(caller, "tools.policy", {})).rules.map(
    ({ says: _says, remembered_at: _at, remembered_from: _from, ...rule }) => rule,
  );
const saidTo = async (caller = owner) =>
  (await stack.as(caller, "tools.policy", {})).rules.map(({ says }) => says);
const allow = (rules: object[]) => stack.as(owner, "tools.setPolicy", { rules: rules as PolicyRule[] });

describe("executing a tool directly", () => {
  test("what reads runs, what would be asked is refused with the way to allow it", async () => {
    expect(await execute("list_directory", { path: "." })).toMatchObject({ ok: true });
    await expect(execute("write_file", { path: "a", content: "x" })).rejects.toMatchObject({
      type: "approval_required",
    });
    await allow([{ tool: "write_file", decision: "allow" }]);
    expect(await execute("write_file", { path: "a", content: "x" })).toMatchObject({ ok: true });
    await allow([
      { tool: "write_file", decision: "allow" },
      { risk: "write", decision: "deny" },
    ]);
    await expect(execute("write_file", { path: "b", content: "x" })).rejects.toMatchObject({
      type: "tool_denied",
    });
  });

  test("a change of a user's rules is told to other processes, and one of theirs holds here", async () => {
    const { ports } = stack.broker.core;
    const told: unknown[] = [];
    ports.signals.subscribe(RULES_CHANGED, (data) => told.push(data));
    await allow([{ tool: "write_file", decision: "allow" }]);
    expect(told).toEqual([{ user_id: owner.user_id }]);
    expect(await execute("write_file", { path: "a", content: "x" })).toMatchObject({ ok: true });
    const { signals } = ports;
    const elsewhere = new Rules(ports.sql<ToolsTables>(), (user_id) =>
      signals.publish(RULES_CHANGED, { user_id }),
    );
    await elsewhere.replace(owner.user_id, [{ decision: "deny" }]);
    await expect(execute("write_file", { path: "b", content: "x" })).rejects.toMatchObject({
      type: "tool_denied",
    });
  });

  test("unknown tools and arguments are named", async () => {
    await expect(execute("no_such_tool")).rejects.toMatchObject({ type: "tool_not_found" });
    await expect(execute("list_directory", { path: ".", deep: true })).rejects.toMatchObject({
      type: "invalid_request",
      message: expect.stringContaining("deep"),
      data: { errors: [{ path: "args.deep", message: "is not known here" }] },
    });
    await expect(execute("read_file", { path: 7, max_bytes: 50_001 })).rejects.toMatchObject({
      message: expect.stringContaining("max_bytes"),
      data: { errors: [{ path: "args.path" }, { path: "args.max_bytes" }] },
    });
  });

  test("a time-out is a result", async () => {
    await allow([{ risk: "execute", decision: "allow" }]);
    expect(await execute("execute_shell_command", { command: "sleep 300", timeout_s: 1 })).toMatchObject({
      ok: false,
      error: { code: "timeout" },
    });
  });

  test("G32 a stranger sees no tool and no node, and runs nothing", async () => {
    const { tools, nodes } = await stack.as(stranger, "tools.list", {});
    expect(nodes).toEqual([]);
    // What the server itself does for everybody reaches nothing of the host.
    expect(tools.length).toBeGreaterThan(0);
    expect(tools.filter((tool) => tool.runs_on !== "server" || tool.nodes.length > 0)).toEqual([]);
    await expect(execute("system_info", {}, stranger)).rejects.toMatchObject({ type: "tool_not_found" });
    const [node] = (await stack.as(owner, "nodes.list", {})).nodes;
    const node_id = node?.id as never;
    for (const refused of [
      stack.as(stranger, "nodes.get", { id: node_id }),
      stack.as(stranger, "tools.list", { node_id }),
      stack.as(stranger, "tools.execute", { name: "system_info", args: {}, node_id }),
    ])
      await expect(refused).rejects.toMatchObject({ type: "node_not_found" });
  });

  test("with the sandbox off a key of an admin that is not an admin's own executes nothing", async () => {
    await stack.stop();
    await start("off");
    await allow([{ decision: "allow" }]);
    const key = { ...owner, scopes: ["chat", "tools:execute", "account"] as Scope[] };
    await expect(execute("execute_shell_command", { command: "id" }, key)).rejects.toMatchObject({
      type: "tool_denied",
    });
    expect(await execute("list_directory", { path: "." }, key)).toMatchObject({ ok: true });
    const full = { ...key, scopes: [...key.scopes, "admin" as const] };
    expect(await execute("execute_shell_command", { command: "echo hi" }, full)).toMatchObject({
      stdout: "hi\n",
    });
  });

  test("with the sandbox off only admins execute anything", async () => {
    await stack.stop();
    await start("off", "all");
    const rules = [{ decision: "allow" }] as PolicyRule[];
    for (const caller of [owner, stranger]) await stack.as(caller, "tools.setPolicy", { rules });
    expect(await execute("execute_shell_command", { command: "echo hi" })).toMatchObject({ stdout: "hi\n" });
    await expect(execute("execute_shell_command", { command: "id" }, stranger)).rejects.toMatchObject({
      type: "tool_denied",
    });
  });
});

describe("the rules of a user", () => {
  test("are the user's own, in their order, remembered answers included", async () => {
    await allow([{ tool: "write_file", decision: "ask" }]);
    const rule = { tool: "execute_shell_command", args_hash: "a".repeat(64), decision: "allow" } as const;
    for (let again = 0; again < 2; again += 1)
      await stack.as(service, "tools.remember", { user_id: owner.user_id, rule, call_id });
    expect(await rulesOf()).toEqual([{ tool: "write_file", decision: "ask" }, rule]);
    expect(await stack.as(stranger, "tools.policy", {})).toEqual({ rules: [] });
  });

  test("of a full list the oldest remembered answer that allows gives way, and the list can be written back", async () => {
    const hash = (n: number) => String(n).padStart(64, "0");
    const rules = Array.from({ length: 500 }, (_, n) => ({
      args_hash: hash(n),
      decision: n === 0 ? "deny" : "allow",
    }));
    await allow(rules);
    const rule = { args_hash: hash(500), decision: "allow" } as const;
    await stack.as(service, "tools.remember", { user_id: owner.user_id, rule, call_id });
    const now = (await stack.as(owner, "tools.policy", {})).rules;
    expect(await rulesOf()).toEqual([rules[0], ...rules.slice(2), rule]);
    await allow(now);
  });

  test("that are full of denials stay within their bound", async () => {
    const denials = Array.from({ length: 500 }, (_, n) => ({
      tool: `tool_${n}`,
      pending: true,
      decision: "deny",
    }));
    await allow(denials as PolicyRule[]);
    const rule = { tool: "one_more", decision: "deny" } as const;
    await stack.as(service, "tools.remember", { user_id: owner.user_id, rule, call_id });
    expect(await rulesOf()).toEqual(denials);
  });
});

describe("a rule about what is not there", () => {
  const refused = async (rule: object) => {
    const error = await allow([{ risk: "read", decision: "allow" }, rule]).catch((thrown: unknown) => thrown);
    return (error as { data?: { errors?: { path: string }[] } }).data?.errors?.map(({ path }) => path);
  };

  test.each([
    [{ tool: "execute_shel", decision: "deny" }, "rules.1.tool"],
    [{ category: "fils", decision: "deny" }, "rules.1.category"],
    [{ node_id: "nod_none", decision: "deny" }, "rules.1.node_id"],
    [{ session_id: "ses_none", decision: "deny" }, "rules.1.session_id"],
  ])("%j is refused: it would protect nothing", async (rule, path) => {
    expect(await refused(rule)).toEqual([path]);
    expect(await rulesOf()).toEqual([]);
  });

  test("is taken when it says that the tool comes later, and says so itself", async () => {
    const rule = { tool: "send_mail", pending: true, decision: "deny" };
    await allow([rule]);
    expect(await rulesOf()).toEqual([rule]);
    expect(await saidTo()).toEqual([
      "Denies send_mail, whatever its arguments. No machine of yours has such a tool now.",
    ]);
  });

  test("that was there before can be written back, also when what it is about has gone", async () => {
    const session_id = "ses_gone" as SessionId;
    const rule = { tool: "gone_tool", session_id, decision: "deny" } as const;
    await stack.as(service, "tools.remember", { user_id: owner.user_id, rule, call_id });
    await allow([{ tool: "read_file", decision: "ask" }, rule]);
    expect(await rulesOf()).toContainEqual(rule);
  });

  test("is known by its built-in name also to a user who has no machine", async () => {
    const rules = [{ tool: "execute_shell_command", decision: "deny" }] as PolicyRule[];
    expect(await stack.as(stranger, "tools.setPolicy", { rules })).toEqual({ rules });
    const typo = [{ tool: "execute_shel", decision: "deny" }] as PolicyRule[];
    await expect(stack.as(stranger, "tools.setPolicy", { rules: typo })).rejects.toMatchObject({
      type: "invalid_request",
    });
  });

  test("the built-in tools have the names of their files", async () => {
    const names = new Set((await builtInTools()).map(({ name, category }) => `${category} ${name}`));
    const { tools } = await stack.as(owner, "tools.list", {});
    const missing = tools.filter(({ name, category }) => !names.has(`${category} ${name}`));
    expect(missing.map(({ name, category }) => `${category} ${name}`)).toEqual([]);
  });
});

describe("a rule in words", () => {
  test("tells what it decides about, where and when", async () => {
    const [node] = (await stack.as(owner, "nodes.list", {})).nodes;
    const { session } = await stack.as(owner, "sessions.create", {});
    await allow([
      { decision: "ask" },
      { risk: "execute", decision: "deny" },
      { category: "files", risk: "write", decision: "allow" },
      { tool: "write_file", node_id: node?.id, session_id: session.id, decision: "allow" },
    ]);
    expect(await saidTo()).toEqual([
      "Asks before every tool.",
      "Denies every tool that executes commands, whatever its arguments.",
      'Allows every tool of the category "files" that changes something, whatever its arguments.',
      `Allows write_file on "${node?.name}", in the session ${session.id} only, whatever its arguments.`,
    ]);
  });

  test("G21 tells the very arguments that were approved, without what is secret in them, and keeps them when it is written back", async () => {
    const args = { command: "deploy --password hunter2hunter2 now" };
    const rule = { tool: "execute_shell_command", args_hash: hashOf(args), decision: "allow" } as const;
    await stack.as(service, "tools.remember", { user_id: owner.user_id, rule, call_id, args });
    const [says] = await saidTo();
    expect(says).toMatch(/^Allows execute_shell_command, with exactly these arguments: \{"command":"deploy /);
    expect(says).not.toContain("hunter2hunter2");
    await allow((await stack.as(owner, "tools.policy", {})).rules);
    expect(await saidTo()).toEqual([says]);
  });
});

describe("what was remembered for a session", () => {
  test("goes with the session, and nothing else goes", async () => {
    const made = await stack.as(owner, "sessions.create", {});
    const session_id = made.session.id as SessionId;
    const rules = [
      { tool: "write_file", decision: "allow", session_id },
      { tool: "write_file", decision: "ask" },
    ] as PolicyRule[];
    await allow(rules);
    await stack.as(service, "tools.forgetSession", { user_id: owner.user_id, session_id });
    expect(await rulesOf()).toEqual(rules.slice(1));
  });
});

const told = () =>
  stack.broker.core.ports
    .sql<{ audit: { seq: number; entry: string; details: string } }>()
    .selectFrom("audit")
    .selectAll()
    .orderBy("seq")
    .execute();

describe("G31 the audit trail of the tools", () => {
  test("tells of a call whose outcome nobody knows", async () => {
    const call = stack.broker.call.bind(stack.broker);
    stack.broker.call = ((name: string, params: object, options: object) =>
      name === "node.execute"
        ? Promise.reject(new AppError("store_unavailable"))
        : call(name, params, options)) as typeof call;
    // Not "try again": it may have run.
    await expect(execute("list_directory", { path: "." })).rejects.toMatchObject({ type: "request_timeout" });
    const [sent, ended] = await told();
    expect([sent?.entry, ended?.entry]).toEqual(["call.sent", "call.ended"]);
    expect(JSON.parse(ended?.details ?? "")).toMatchObject({
      status: "outcome_unknown",
      ok: false,
      error: "store_unavailable",
    });
  });

  test("tells of each change, and of none where none was made", async () => {
    const session_id = newId<SessionId>("session");
    const rule = { tool: "write_file", decision: "allow", session_id } as const;
    const remember = () => stack.as(service, "tools.remember", { user_id: owner.user_id, rule, call_id });
    const forget = () => stack.as(service, "tools.forgetSession", { user_id: owner.user_id, session_id });
    const full = Array.from({ length: 500 }, (_, n) => ({
      args_hash: String(n).padStart(64, "0"),
      decision: n === 0 ? "allow" : "deny",
    }));
    for (const step of [remember, remember, forget, forget, () => allow(full), remember]) await step();
    expect((await told()).map(({ details }) => JSON.parse(details))).toEqual([
      { by: owner.user_id, call_id, remembered: rule },
      { by: owner.user_id, forgotten: 1, session_id },
      { by: owner.user_id, rules: 500, rules_sha256: expect.any(String) },
      { by: owner.user_id, call_id, remembered: rule, dropped: full[0] },
    ]);
  });
});

describe("this machine's entry", () => {
  test("is renamed and labelled by admins, and keeps it after a restart", async () => {
    const [node] = (await stack.as(owner, "nodes.list", {})).nodes;
    const id = node?.id as never;
    const change = { id, name: " desk ", labels: { room: "7" } };
    expect(await stack.as(owner, "nodes.update", change)).toMatchObject({
      node: { name: "desk", labels: { room: "7" } },
    });
    const many = Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`l${n}`, ""]));
    await expect(stack.as(owner, "nodes.update", { id, labels: many })).rejects.toMatchObject({
      type: "invalid_request",
    });
    await stack.stop();
    await start("on", "all");
    expect(await stack.as(stranger, "nodes.get", { id })).toMatchObject({ node: { id, name: "desk" } });
    await expect(stack.as(stranger, "nodes.update", { id, name: "mine" })).rejects.toMatchObject({
      type: "forbidden",
    });
  });
});
