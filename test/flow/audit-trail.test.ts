import { spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { auditRecords } from "../support/auditor.ts";
import { register } from "../support/client.ts";
import { onCluster } from "../support/on-cluster.ts";
import { type Stack, startStack } from "../support/stack.ts";
import { testUnless } from "../support/unless.ts";

const ROOT = join(import.meta.dirname, "../..");
const NODE = join(ROOT, "node_modules/.bin/node");

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

type Entry = { entry: string; subject: string; user_id: string; details: Record<string, unknown> };

function command(...args: string[]) {
  const env = { ...process.env, ...stack.settings, MACJARVIS_HOME: stack.server.home };
  const { status, stdout, stderr } = spawnSync(NODE, [join(ROOT, "bin/audit.ts"), ...args], {
    env,
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

const shown = (...args: string[]): Entry[] =>
  command("show", ...args)
    .stdout.split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Entry);

describe("G31 the audit trail", () => {
  test("tells who ran what where with which arguments, who approved, and what it cost", async () => {
    const user = await register(stack.server.url);
    const path = join(stack.workspace, "note.txt");
    const events = await user.chat(
      { message: `call:write_file ${JSON.stringify({ path, content: "private words" })}` },
      { until: ({ event }) => event === "approval_required" },
    );
    const run = String(events[0]?.data.run_id);
    const asked = events.at(-1)?.data;
    await user.call("POST", `/agent/runs/${run}/approvals/${asked?.call_id}`, {
      decision: "approve",
      remember: "always",
    });
    await user.events(run);
    const entries = shown("--run", run);
    expect(entries.map(({ entry }) => entry)).toEqual([
      "run.accepted",
      "model.answered 1",
      "approval.asked 1.0",
      "approval.answered 1.0",
      "call.sent 1.0",
      "call.ended 1.0",
      "run.ended",
    ]);
    const [accepted, , , answered, sent, ended, end] = entries.map(({ details }) => details);
    const { body } = await user.call<{ user: { id: string } }>("GET", "/users/me");
    expect(new Set(entries.map(({ user_id }) => user_id))).toEqual(new Set([body.user.id]));
    expect(accepted).toMatchObject({ session_id: events[0]?.data.session_id });
    expect(answered).toMatchObject({ decision: "approve", by: body.user.id, name: "write_file" });
    expect(sent).toMatchObject({ name: "write_file", node_id: asked?.node_id, args: { path } });
    expect(ended).toMatchObject({
      status: "done",
      ok: true,
      result_sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(end).toMatchObject({ status: "completed", finish_reason: "stop", cost_micro: expect.any(Number) });
    const own = shown("--user", body.user.id).map(({ entry }) => entry.split(" ")[0]);
    expect(own).toEqual(expect.arrayContaining(["account.registered", "policy.changed"]));
  });

  test("tells of calls without a run, of cancels, keys and what an admin changes", async () => {
    const user = await register(stack.server.url);
    const { body } = await user.call<{ user: { id: string } }>("GET", "/users/me");
    await user.call("POST", "/tools/system_info/execute", { args: {} });
    stack.fake.script([{ fault: { type: "hang" } }]);
    const events = await user.chat({ message: "wait" }, { until: ({ event }) => event === "run" });
    await user.call("POST", `/agent/cancel/${String(events[0]?.data.run_id)}`);
    await user.events(String(events[0]?.data.run_id));
    stack.fake.script();
    const { body: made } = await user.call<{ key: { id: string } }>("POST", "/users/me/keys", { name: "k" });
    await user.call("DELETE", `/users/me/keys/${made.key.id}`);
    const headers = { Authorization: `Bearer ${await stack.server.ownerKey()}` };
    await user.call("PATCH", `/admin/users/${body.user.id}`, { plan: "pro" }, headers);
    const entries = shown("--user", body.user.id);
    const kinds = entries.map(({ entry }) => entry.split(" ")[0]);
    expect(kinds).toEqual(
      expect.arrayContaining([
        "call.sent",
        "call.ended",
        "run.cancel_requested",
        "key.created",
        "key.removed",
        "account.changed",
      ]),
    );
    const change = entries.find(({ entry }) => entry.startsWith("account.changed"))?.details;
    expect(change).toMatchObject({ plan: "pro" });
    expect(change?.by).not.toBe(body.user.id);
  });

  test("tells what a denied call would have done, and with which key somebody answered and cancelled", async () => {
    const user = await register(stack.server.url);
    const path = join(stack.workspace, "denied.txt");
    await user.call("PUT", "/users/me/policy", { rules: [{ tool: "append_file", decision: "deny" }] });
    const denied = await user.chat({ message: `call:append_file ${JSON.stringify({ path, content: "x" })}` });
    const refusal = shown("--run", String(denied[0]?.data.run_id)).find(
      ({ entry }) => entry === "call.ended 1.0",
    );
    expect(refusal?.details).toMatchObject({ status: "denied", name: "append_file", args: { path } });
    const { body } = await user.call<{ key: { id: string }; secret: string }>("POST", "/users/me/keys", {
      name: "k",
      scopes: ["chat", "sessions:read", "approve"],
    });
    const headers = { Authorization: `Bearer ${body.secret}` };
    const events = await user.chat(
      { message: `call:write_file ${JSON.stringify({ path, content: "x" })}` },
      { until: ({ event }) => event === "approval_required" },
    );
    const run = String(events[0]?.data.run_id);
    const call = events.at(-1)?.data.call_id;
    const answer = await user.call(
      "POST",
      `/agent/runs/${run}/approvals/${call}`,
      { decision: "deny" },
      headers,
    );
    expect(answer.status).toBe(200);
    expect(JSON.stringify(answer.body)).not.toContain(body.key.id);
    await user.events(run);
    stack.fake.script([{ fault: { type: "hang" } }]);
    const hanging = await user.chat({ message: "wait" }, { until: ({ event }) => event === "run" });
    const other = String(hanging[0]?.data.run_id);
    await user.call("POST", `/agent/cancel/${other}`, undefined, headers);
    await user.events(other);
    stack.fake.script();
    const entries = [...shown("--run", run), ...shown("--run", other)];
    for (const entry of ["approval.answered 1.0", "run.cancel_requested"])
      expect(entries.find((row) => row.entry === entry)?.details).toMatchObject({ by_key: body.key.id });
  });

  test("is verified while the server runs, goes on after a restart, and shows what was done to it", async () => {
    const user = await register(stack.server.url);
    await user.chat({ message: "hello" });
    const before = command("head");
    const kept = join(stack.workspace, "head.json");
    await writeFile(kept, before.stdout);
    expect(command("verify", "--head", kept)).toMatchObject({
      status: 0,
      stdout: expect.stringContaining("untouched"),
    });
    await stack.restart();
    user.url = stack.server.url;
    await user.chat({ message: "hello again" });
    expect(command("verify", "--head", kept).status).toBe(0);
    await stack.server.kill("SIGTERM");
    expect(auditRecords(await stack.records())).toEqual([]);
    for (const said of ["started", "stopped"])
      expect(stack.server.output()).toMatch(
        new RegExp(`"audit":\\{"writer":"[^"]+","seq":\\d+,"hash":"[0-9a-f]{64}"\\},"msg":"${said}"`),
      );
    await stack.sql("UPDATE audit SET user_id = 'usr_other' WHERE seq = 2");
    expect(command("verify")).toMatchObject({ status: 1, stdout: expect.stringContaining("row 2 ") });
    await stack.sql("DELETE FROM audit WHERE seq > 1");
    expect(command("verify", "--head", kept)).toMatchObject({
      status: 1,
      stdout: expect.stringContaining("cut off"),
    });
    await stack.restart();
  });

  testUnless(onCluster("a cluster had one from its first day"))(
    "is made whole of runs that began before there was one",
    async () => {
      const user = await register(stack.server.url);
      const path = join(stack.workspace, "old.txt");
      const events = await user.chat(
        { message: `call:write_file ${JSON.stringify({ path, content: "x" })}` },
        { until: ({ event }) => event === "approval_required" },
      );
      const run = String(events[0]?.data.run_id);
      await stack.server.kill("SIGTERM");
      await stack.sql("DROP TABLE audit");
      await stack.restart();
      user.url = stack.server.url;
      await user.call("POST", `/agent/runs/${run}/approvals/${events.at(-1)?.data.call_id}`, {
        decision: "approve",
      });
      await user.events(run);
      expect(shown("--run", run).map(({ entry }) => entry)).toEqual(
        expect.arrayContaining(["run.accepted", "model.answered 1", "approval.asked 1.0", "run.ended"]),
      );
    },
  );

  test("says what to do when it is asked for what is not there", () => {
    expect(command()).toMatchObject({ status: 0, stdout: expect.stringContaining("verify") });
    expect(command("erase")).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('no audit command "erase"'),
    });
    expect(command("verify", "--head", "/nowhere")).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("/nowhere"),
    });
  });
});
