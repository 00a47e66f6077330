// A call that names a secret of its machine: a real command gets it, and nothing that leaves the machine has it.
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { z } from "zod";
import { NOWHERE } from "../../../../contracts/hosts.ts";
import type { CallId, RunId } from "../../../../contracts/ids.ts";
import type { Tool } from "../../../../contracts/tools.ts";
import { foundTool } from "../../../../lib/tools/found-tool.ts";
import { Calls } from "../../../../mac-node/calls/calls.ts";
import type { OutputPiece } from "../../../../mac-node/calls/live-output.ts";
import { ServerFreeze } from "../../../../mac-node/calls/server-freeze.ts";
import { openContext } from "../../../../mac-node/calls/tool-context.ts";
import { Journal } from "../../../../mac-node/journal/journal.ts";
import { ControlGroups } from "../../../../mac-node/sandbox/control-groups.ts";
import type { SecretSource } from "../../../../mac-node/secrets/call-secrets.ts";

const VALUE = "s3cr3t-value-0123456789";
const ALL = [VALUE];
const source: SecretSource = {
  get: async (name) => (name === "TOKEN" ? VALUE : undefined),
  all: async () => ALL,
};

let folder = "";
let journal: Journal;
let live: OutputPiece[];
let runs: number;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "macjarvis-call-secrets-"));
  journal = await Journal.open(folder);
  live = [];
  runs = 0;
});
afterEach(async () => {
  await journal.close();
  await rm(folder, { recursive: true });
});

const SHELL: Tool = {
  ...{ name: "shell", description: "shell", category: "test", risk: "execute", runsOn: "node" },
  parameters: z.strictObject({ command: z.string() }),
  async execute(args, context) {
    runs += 1;
    const { command } = args as { command: string };
    context.output("stdout", "begins ");
    const ran = await context.run(["/bin/bash", "-c", "--", command], { live: true });
    return { ok: ran.exit_code === 0, ...ran, data: { echoed: ran.stdout } };
  },
};

let count = 0;
function execute(command: string, { secrets }: { secrets?: SecretSource } = { secrets: source }) {
  count += 1;
  const machine = {
    platform: process.platform,
    sandbox: { state: "off" } as const,
    dieWithServer: [],
    groups: new ControlGroups(),
    roots: [folder],
    userHome: folder,
  };
  const calls = new Calls({
    journal,
    tools: new Map([["shell", foundTool(SHELL)]]),
    sandboxProblem: undefined,
    bind: async () => ({ hosts: [], places: [], scripts: [] }),
    ...(secrets ? { secrets } : {}),
    open: async (call, signal, given) =>
      openContext({
        ...{ callId: call.call_id, machine, workFolder: folder, approved: false, reach: NOWHERE, signal },
        guarded: { hidden: [], protected: [], links: [] },
        deadlineAt: call.deadline_at,
        secrets: given,
        publish: (piece) => void live.push(piece),
        started: () => {},
      }),
    warn: () => {},
    frozen: new ServerFreeze(join(folder, "frozen-by-server.json")),
  });
  return calls.execute({
    ...{ call_id: `call_${count}` as CallId, run_id: "run_1" as RunId, epoch: 1, name: "shell" },
    ...{ args: { command }, approved: false, attempt: 1, deadline_at: Date.now() + 60_000 },
  });
}
const journalText = async () =>
  (await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name), "utf8")))).join();
const liveText = () => live.map(({ text }) => text).join("");

describe("a command that names a secret", () => {
  test("gets its value, and result, live output and journal have it masked, in base64 too", async () => {
    const command = `printf %s "{{secret:TOKEN}}" | wc -c; echo "{{secret:TOKEN}}"; printf %s "{{secret:TOKEN}}" | base64; printf %s "{{secret:TOKEN}}" >&2`;
    const outcome = await execute(command);
    expect(outcome).toMatchObject({ status: "done", result: { stderr: "[secret]" } });
    expect(outcome.result.stdout).toMatch(/^\s*23\n\[secret\]\n\[secret\]=?\n$/);
    expect(liveText()).toMatch(/^begins /);
    for (const text of [JSON.stringify(outcome), liveText(), await journalText()]) {
      expect(text).not.toContain(VALUE);
      expect(text).not.toContain(Buffer.from(VALUE).toString("base64").slice(0, 20));
      expect(text).toContain("[secret]");
    }
  });

  test("prints it in pieces, and it is masked all the same", async () => {
    const [first, second] = [VALUE.slice(0, 9), VALUE.slice(9)];
    const outcome = await execute(
      `: {{secret:TOKEN}}; printf ${first}; sleep 0.2; printf ${second}; echo " end"`,
    );
    expect(outcome.result.stdout).toBe("[secret] end\n");
    expect(liveText()).toBe("begins [secret] end\n");
  });

  test("has no argument that others could read it from", async () => {
    const outcome = await execute(
      ": {{secret:TOKEN}}; tr '\\0' ' ' < /proc/$$/cmdline | grep -c MACJARVIS_SECRET",
    );
    expect(outcome.result.stdout).toBe("1\n");
  });

  test("has it masked also where another call finds it: in a file that the first one wrote", async () => {
    expect(await execute("printf %s {{secret:TOKEN}} > kept; wc -c < kept")).toMatchObject({
      result: { stdout: "23\n" },
    });
    const outcome = await execute("cat kept; echo; base64 -w 9 kept; echo {{secret}} >&2");
    expect(outcome.result.stdout).toMatch(/^\[secret\]\n\[secret\]\S{0,2}\n$/);
    expect(outcome.result.stderr).toBe("{{secret}}\n");
    expect(JSON.stringify([outcome, liveText()])).not.toContain(VALUE);
  });

  test("leaves other commands without it", async () => {
    await execute("true {{secret:TOKEN}}");
    const outcome = await execute("env | grep -c SECRET");
    expect(outcome.result.stdout).toBe("0\n");
  });
});

test("a machine that keeps no secrets refuses such a call, and nothing runs or is written down", async () => {
  const outcome = await execute("echo {{secret:TOKEN}}", {});
  expect(outcome).toMatchObject({
    status: "failed",
    result: { error: { code: "secret_refused", message: expect.stringContaining("keeps no secrets") } },
  });
  expect(await execute("echo {{secret:OTHER}}")).toMatchObject({ status: "failed" });
  expect(runs).toBe(0);
  expect(await journalText()).toBe("");
});
