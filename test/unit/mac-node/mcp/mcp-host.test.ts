import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { macDescription } from "../../../../contracts/mac-description.ts";
import type { Tool, ToolResult } from "../../../../contracts/tools.ts";
import { isPlain, readObject } from "../../../../lib/edge/bus/plain.ts";
import { describeTool } from "../../../../lib/tools/describe-tool.ts";
import { macMcp } from "../../../../mac-node/mcp/of-a-mac.ts";
import type { McpHosting } from "../../../../mac-node/mcp/spec.ts";
import { mcpServer } from "../../../../mac-node/policy/mcp-policy.ts";
import { ControlGroups } from "../../../../mac-node/sandbox/control-groups.ts";
import { waitFor } from "../../../support/wait-for.ts";

const SCRIPT = join(import.meta.dirname, "../../../support/mcp/scripted-server.ts");
const SECRET = "hunter22";

const DESCRIPTION = {
  ...{ host_name: "", platform: "darwin", version: "1", home: "/", roots: [], skipped_plugins: [] },
  sandbox: "on",
};

/** As a hub gets it, whatever it says. */
function readable(description: object): unknown {
  const said = readObject(Buffer.from(JSON.stringify(description)));
  return isPlain(said) ? said : undefined;
}

let folder: string;
let log: string;
let host: McpHosting | undefined;
let wanted: Record<string, object> | undefined;
let isFrozen: boolean;
let changes: number;
let warnings: string[];
const opened: McpHosting[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "macjarvis-mcp-"));
  log = join(folder, "log");
  [wanted, isFrozen, changes, warnings] = [{}, false, 0, []];
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.stop()));
  await rm(folder, { recursive: true });
});

const scripted = (kind: string, more: object = {}) => ({
  command: process.execPath,
  args: [SCRIPT, kind, log],
  ...more,
});

function open(servers: Record<string, object>, own: string[] = []): McpHosting {
  wanted = servers;
  const named = () =>
    wanted && Object.fromEntries(Object.entries(wanted).map(([name, one]) => [name, mcpServer.parse(one)]));
  host = macMcp(named)({
    place: "here",
    isFrozen: () => isFrozen,
    secrets: { get: async (name) => (name === "TOKEN" ? SECRET : undefined), all: async () => [] },
    machine: {
      ...{ platform: process.platform, sandbox: { state: "off" } as const, dieWithServer: [] },
      ...{ groups: new ControlGroups(), roots: [folder], userHome: folder },
    },
    guarded: async () => ({ hidden: [], protected: [], links: [] }),
    workFolder: folder,
    taken: new Set(own),
    changed: () => {
      changes += 1;
    },
    warn: ({ message, stack }, what) => void warnings.push(`${what} ${message} ${stack}`),
  });
  opened.push(host);
  return host;
}

const names = () => host?.tools().map(({ name }) => name) ?? [];
const has = (name: string) =>
  waitFor(`${name} is there`, () => host?.tools().find((tool) => tool.name === name));
const said = async () => (await readFile(log, "utf8").catch(() => "")).split("\n").filter(Boolean);

function run(
  tool: Tool,
  args: object = {},
  limitMs = 30_000,
  stopper = new AbortController(),
): Promise<ToolResult> {
  const context = { signal: stopper.signal, deadlineAt: Date.now() + limitMs };
  return tool.execute(args, context as never);
}

describe("an MCP server that is named in the policy file", () => {
  test("has its tools among the Mac's: asked about, of the category mcp, with checked arguments", async () => {
    open({ "my-server": scripted("good") });
    const echo = await has("my_server_echo");
    expect(echo).toMatchObject({ category: "mcp", risk: "execute", runsOn: "node", timeoutMs: 60_000 });
    expect(echo.egress).toBeUndefined();
    expect(echo.parameters.safeParse({}).success).toBe(false);
    expect(echo.parameters.safeParse({ words: "x", more: 1 }).success).toBe(false);
    expect(await run(echo, { words: "hello" })).toEqual({
      ...{ ok: true, data: { source: "mcp:my-server", text: "heard: hello" } },
    });
  });

  test("answers with pictures, structures, and errors of its own", async () => {
    open({ s: scripted("good") });
    expect(await run(await has("s_picture"))).toMatchObject({
      ok: true,
      images: [{ media_type: "image/jpeg" }],
    });
    expect(await run(await has("s_structured"))).toMatchObject({ data: { structured: { answer: 42 } } });
    expect(await run(await has("s_fails"))).toMatchObject({
      error: { code: "mcp_error", message: "no such thing" },
    });
  });

  test("has an environment of its own with what its owner gives it; a secret never comes back", async () => {
    process.env.OF_THE_PROGRAM = "secret of the program";
    open({ s: scripted("good", { env: { KEY: "Bearer {{secret:TOKEN}}", PLAIN: "1" } }) });
    const result = await run(await has("s_env"));
    const { text } = result.data as { text: string };
    const env = JSON.parse(text) as Record<string, string>;
    expect(Object.keys(env)).not.toContain("OF_THE_PROGRAM");
    expect([env.KEY, env.PLAIN]).toEqual(["Bearer [secret]", "1"]);
    expect(JSON.stringify(result)).not.toContain(SECRET);
    delete process.env.OF_THE_PROGRAM;
  });

  test("says its secret nowhere: not in what it calls its tools, not in its last words, nor when it refuses", async () => {
    const env = { KEY: "{{secret:TOKEN}}" };
    open({ s: scripted("good", { env }), t: scripted("complains", { env }), u: scripted("echoes", { env }) });
    expect((await has("s_key")).description).toContain("Asks with [secret].");
    const told = () => JSON.stringify([host?.problems(), warnings]);
    await waitFor("its last words are told", () => told().includes("yyyy"));
    await waitFor("what it says beside the messages is told", () => told().includes("cannot be understood"));
    expect(told()).not.toContain("hunter");
    expect(told()).not.toContain("nter22");
    for (const { problem } of host?.problems() ?? []) expect(problem.length).toBeLessThanOrEqual(1_000);
  });

  test("that answers what nobody understands may have done what it was asked, and goes on", async () => {
    open({ s: scripted("good") });
    expect(await run(await has("s_riddle"))).toMatchObject({
      error: { code: "outcome_unknown", message: expect.stringContaining("may be done all the same") },
    });
    expect(await run(await has("s_echo"), { words: "on" })).toMatchObject({ data: { text: "heard: on" } });
    expect((await said()).filter((line) => line.startsWith("start"))).toHaveLength(1);
  });

  test("that answers and is gone has answered", async () => {
    open({ s: scripted("good") });
    expect(await run(await has("s_last"))).toMatchObject({ ok: true, data: { text: "and gone" } });
  });

  test("is as risky as its owner says, tool by tool, and one that is off nobody has", async () => {
    open({ s: scripted("good", { tools: { echo: "read", die: "off" }, seconds: 5 }) });
    expect(await has("s_echo")).toMatchObject({ risk: "read", timeoutMs: 5_000 });
    expect(names()).not.toContain("s_die");
  });

  test("is cancelled when its call is", async () => {
    open({ s: scripted("good") });
    const [tool, stopper] = [await has("s_wait"), new AbortController()];
    const ended = run(tool, {}, 30_000, stopper);
    await waitFor("it runs", async () => (await said()).includes("call wait"));
    stopper.abort("cancelled");
    expect(await ended).toMatchObject({ ok: false, error: { code: "cancelled" } });
    await waitFor("it is told", async () => (await said()).includes("cancelled"));
    expect(await run(await has("s_echo"), { words: "alive" })).toMatchObject({ ok: true });
  });

  test("that does not answer is waited for no longer than its call may take", async () => {
    open({ s: scripted("good") });
    expect(await run(await has("s_wait"), {}, 300)).toMatchObject({ error: { code: "outcome_unknown" } });
  });

  test("says that its tools are others: they are there", async () => {
    open({ s: scripted("good") });
    await run(await has("s_grow"));
    const before = changes;
    expect(await run(await has("s_new_one"))).toMatchObject({ data: { text: "ran newOne" } });
    expect(changes).toBeGreaterThan(before - 1);
  });

  test("that dies in a call is told of, and started again", async () => {
    open({ s: scripted("good") });
    expect(await run(await has("s_die"))).toMatchObject({
      ...{
        ok: false,
        error: { code: "outcome_unknown", message: expect.stringContaining("nobody knows how far it got") },
      },
    });
    await waitFor("what it said is told", () => host?.problems()[0]?.problem.includes("I am tired"));
    expect(await run(await has("s_echo"), { words: "again" })).toMatchObject({ ok: true });
    expect((await said()).filter((line) => line.startsWith("start"))).toHaveLength(2);
  });

  test("by an address: asked with its owner's headers, and its calls send to whoever that is", async () => {
    const child = spawn(process.execPath, [SCRIPT, "http", log], { stdio: "ignore" });
    const port = await waitFor("it listens", async () =>
      (await said()).find((line) => line.startsWith("port"))?.slice(5),
    );
    open({
      web: { url: `http://127.0.0.1:${port}/mcp`, headers: { Authorization: "Bearer {{secret:TOKEN}}" } },
    });
    const echo = await has("web_echo");
    expect(echo.egress?.({})).toEqual(["*"]);
    expect(await run(echo, { words: "far" })).toMatchObject({ data: { text: "heard: far" } });
    expect(await run(await has("web_huge"))).toMatchObject({ ok: false, error: { code: "outcome_unknown" } });
    expect(await run(await has("web_echo"), { words: "again" })).toMatchObject({ ok: true });
    const headers = { Authorization: "Bearer {{secret:TOKEN}}" };
    wanted = {
      ...wanted,
      refuses: { url: `http://127.0.0.1:${port}/refuses`, headers },
      endless: { url: `http://127.0.0.1:${port}/endless`, headers },
    };
    await waitFor("what it refuses with is told", () =>
      host?.problems().some(({ problem }) => problem.includes("[secret] is no key of mine")),
    );
    await waitFor("an event without an end is cut off", () =>
      host
        ?.problems()
        .some(({ file, problem }) => file === "mcp:endless" && problem.includes("Connection closed")),
    );
    child.kill();
    await waitFor("it is gone", async () => !(await run(echo, { words: "gone" })).ok);
    await waitFor("it is told", () => host?.problems()[0]?.problem.includes("cannot be started"));
  });

  test("is stopped with all that it started when it is named no more, and while the Mac is frozen", async () => {
    open({ s: scripted("good"), t: scripted("silent") });
    await has("s_echo");
    const pids = (await said())
      .filter((line) => line.startsWith("start"))
      .map((line) => Number(line.slice(6)));
    isFrozen = true;
    await waitFor("they are gone", () => pids.every((pid) => !isAlive(pid)));
    expect(names()).toEqual([]);
    isFrozen = false;
    await has("s_echo");
    wanted = undefined;
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(names()).toContain("s_echo");
    wanted = {};
    await waitFor("it is gone", () => names().length === 0);
  });

  test("that is frozen in a call is ended at once", async () => {
    open({ s: scripted("good") });
    const [tool, stopper] = [await has("s_wait"), new AbortController()];
    const ended = run(tool, {}, 30_000, stopper);
    await waitFor("it runs", async () => (await said()).includes("call wait"));
    const [first = ""] = await said();
    stopper.abort("frozen");
    expect(await ended).toMatchObject({ ok: false });
    await waitFor("its process is gone", () => !isAlive(Number(first.slice(6))));
  });
});

describe("a hostile MCP server", () => {
  test("with a thousand tools has a hundred, and the others are told of", async () => {
    open({ s: scripted("thousand") });
    await has("s_tool0");
    expect(names()).toHaveLength(100);
    expect(host?.problems()).toEqual([
      { file: "mcp:s", problem: expect.stringContaining("more than 100 tools") },
    ]);
  });

  test("whose schemas, names and words are strange harms nobody", async () => {
    open({ s: scripted("schemas") }, ["s_u_c_d"]);
    await has("s_hangs");
    for (const tool of host?.tools() ?? []) {
      expect(tool.name).toMatch(/^[a-z][a-z0-9_]{1,63}$/);
      expect(tool.description.length).toBeLessThanOrEqual(2_000);
      expect(tool.parameters.safeParse({ a: `${"a".repeat(50)}!` }).success || true).toBe(true);
    }
    expect(new Set(names()).size).toBe(11);
    expect(host?.tools().every(({ risk }) => risk === "execute")).toBe(true);
    const tools = host?.tools().map(describeTool);
    expect(macDescription.safeParse(readable({ ...DESCRIPTION, tools })).error).toBeUndefined();
    expect(names()).not.toContain("s_u_c_d");
  });

  test("that never speaks, dies at once, or babbles is told of, and the others work", async () => {
    open({
      silent: scripted("silent"),
      dies: scripted("dies"),
      babbles: scripted("babbles"),
      good: scripted("good"),
    });
    const echo = await has("good_echo");
    await waitFor("its last words are told", () =>
      host?.problems().some(({ problem }) => problem.includes("no licence")),
    );
    expect(await run(echo, { words: "well" })).toMatchObject({ ok: true });
  });

  test("that says far too much at once is ended, and started again", async () => {
    open({ s: scripted("good") });
    expect(await run(await has("s_huge"))).toMatchObject({ ok: false, error: { code: "outcome_unknown" } });
    expect(await run(await has("s_echo"), { words: "again" })).toMatchObject({ ok: true });
  });

  test("gets no secret that a call names", async () => {
    open({ s: scripted("good") });
    expect(await run(await has("s_echo"), { words: "{{secret:TOKEN}}" })).toMatchObject({
      error: { code: "secret_refused" },
    });
  });

  test("whose secret is not there is not started, and its owner is told which", async () => {
    open({ s: scripted("good", { env: { KEY: "{{secret:NONE}}" } }) });
    await waitFor("it is told", () => host?.problems()[0]?.problem.includes('no secret "NONE"'));
    expect(await said()).toEqual([]);
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
