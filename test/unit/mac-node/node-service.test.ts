// The node as the tools service calls it: a real broker, real stores, the real tools of this machine.
import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { CallId, RunId } from "../../../contracts/ids.ts";
import { nodeService } from "../../../mac-node/node.service.ts";
import { aUser, startTestBroker, type TestBroker } from "../../support/test-broker.ts";
import { waitFor } from "../../support/wait-for.ts";

let base = "";
let stack: TestBroker;
const service = { ...aUser(), service: "tools" };

beforeEach(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), "macjarvis-node-")));
  for (const folder of ["root", "home/plugins"]) await mkdir(join(base, folder), { recursive: true });
  await writeFile(
    join(base, "home/plugins/hello.mjs"),
    'export default { name: "hello", description: "Says hello.", risk: "read", runsOn: "node", parameters: { type: "object" }, execute: async () => ({ ok: true, data: "hello" }) };',
  );
  await writeFile(join(base, "home/plugins/bad.mjs"), "export default 1;");
  await start();
});
afterEach(async () => {
  await stack.stop();
  await rm(base, { recursive: true, force: true });
});

async function start(): Promise<void> {
  const home = join(base, "home");
  stack = await startTestBroker(
    [
      nodeService({
        home,
        journalFolder: join(home, "node"),
        roots: [join(base, "root")],
        sandbox: "on",
        pluginFolder: join(home, "plugins"),
      }),
    ],
    { home },
  );
}

let count = 0;
function execute(name: string, args: Record<string, unknown>, given?: string) {
  count += 1;
  const call_id = given ?? `call_${count}`;
  return stack.as(service, "node.execute", {
    call_id: call_id as CallId,
    run_id: "run_1" as RunId,
    epoch: 1,
    name,
    args,
    approved: false,
    deadline_at: Date.now() + 60_000,
    attempt: 1,
  });
}

describe("the node", () => {
  test("describes its platform, its tools with closed schemas, and its sandbox", async () => {
    const described = await stack.as(service, "node.describe", {});
    expect(described).toMatchObject({ platform: process.platform, version: "0.1.0", sandbox: "on" });
    const shell = described.tools.find(({ name }) => name === "execute_shell_command");
    expect(shell).toMatchObject({
      risk: "execute",
      category: "developer",
      runs_on: "node",
      idempotent: false,
    });
    expect(shell?.timeout_ms).toBeGreaterThan(300_000);
    expect(shell?.parameters).toMatchObject({
      type: "object",
      required: ["command"],
      additionalProperties: false,
    });
    expect(described.tools.find(({ name }) => name === "hello")).toMatchObject({ category: "plugins" });
  });

  test("runs built-in tools and the user's own", async () => {
    expect(await execute("hello", {})).toMatchObject({ status: "done", result: { data: "hello" } });
    const shell = await execute("execute_shell_command", { command: `pwd; ls -A ${base}` });
    expect(shell).toMatchObject({ status: "done", result: { stdout: `${base}/root\nroot\n` } });
  });

  test("G3 a call that ran before a restart is answered and not run again", async () => {
    const first = await execute("execute_shell_command", { command: "echo x >> log; cat log" }, "call_once");
    await stack.stop();
    await start();
    expect(
      await execute("execute_shell_command", { command: "echo x >> log; cat log" }, "call_once"),
    ).toEqual(first);
    expect(await stack.as(service, "node.fence", { call_id: "call_once" as CallId, epoch: 2 })).toEqual({
      state: "ended",
      outcome: first,
    });
    expect(await execute("execute_shell_command", { command: "cat log" })).toMatchObject({
      result: { stdout: "x\n" },
    });
  });

  test("G11 what a command prints is heard while it runs, and cancelling ends it", async () => {
    let heard = "";
    const quiet = stack.broker.core.ports.signals.subscribe("output.call_live", (piece) => {
      heard += (piece as { text: string }).text;
    });
    const running = execute(
      "execute_shell_command",
      { command: "echo begun; sleep 300 & sleep 300" },
      "call_live",
    );
    await waitFor("output", () => heard === "begun\n");
    await stack.as(service, "node.cancel", { call_id: "call_live" as CallId });
    expect(await running).toMatchObject({ status: "cancelled", result: { ok: false, stdout: "begun\n" } });
    quiet();
  });

  test("a command that takes too long is ended and says so", async () => {
    const outcome = await execute("execute_shell_command", { command: "sleep 300", timeout_s: 1 });
    expect(outcome).toMatchObject({ status: "failed", result: { error: { code: "timeout" } } });
  });

  test("git_log and git_diff run in the sandbox, and so does a Python script, which has no network there", async () => {
    const commit = "git -c user.name=a -c user.email=a@example.com commit -qm first";
    await execute("execute_shell_command", {
      command: `git init -qb main . && echo x > file && git add . && ${commit} && echo y > file && echo "import socket; open('made', 'w'); socket.create_connection(('127.0.0.1', 1), 1)" > run.py`,
    });
    expect(await execute("git_log", { repository: "." })).toMatchObject({
      result: { data: { commits: [{ subject: "first" }], more: false } },
    });
    expect(await execute("git_diff", { repository: "." })).toMatchObject({
      result: { data: { unstaged: { files: [{ path: "file", added: 1, deleted: 1 }] } } },
    });
    const script = await execute("run_python_script", { path: "run.py" });
    expect(script).toMatchObject({ result: { ok: false, exit_code: 1 } });
    expect(script.result.stderr).toMatch(/ConnectionRefused|Network is unreachable/);
    expect(await execute("execute_shell_command", { command: "ls made" })).toMatchObject({
      result: { ok: true },
    });
  });

  test("git_status runs in the sandbox too", async () => {
    await execute("execute_shell_command", { command: "git init -b main . && echo x > file" });
    expect(await execute("git_status", { repository: "." })).toMatchObject({
      status: "done",
      result: { data: { branch: "main", files: [{ path: "file", state: "untracked" }] } },
    });
  });

  test("G32 nobody but a core service may call it", async () => {
    await expect(stack.as(aUser({ role: "admin" }), "node.describe", {})).rejects.toMatchObject({
      type: "forbidden",
    });
  });
});
