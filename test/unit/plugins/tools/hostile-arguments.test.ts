// Every tool that there is, of Linux and of macOS, with arguments that are wrong, missing, huge or mean harm: a clear error, and nothing
// done. They go the way of a call on its machine (mac-node/calls); what commands would be run is written down by stand-ins.
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { NOWHERE } from "../../../../contracts/hosts.ts";
import type { CallId, RunId } from "../../../../contracts/ids.ts";
import type { CallOutcome, Tool } from "../../../../contracts/tools.ts";
import { newId } from "../../../../lib/ids.ts";
import { parametersForModel } from "../../../../lib/tools/check-tool.ts";
import { foundTool } from "../../../../lib/tools/found-tool.ts";
import { loadTools } from "../../../../lib/tools/tool-plugins.ts";
import { Calls } from "../../../../mac-node/calls/calls.ts";
import { ServerFreeze } from "../../../../mac-node/calls/server-freeze.ts";
import { Journal } from "../../../../mac-node/journal/journal.ts";
import { type TestContext, toolContext } from "../../../support/tool-context.ts";
import {
  everyPlace,
  HOSTILE_KEYS,
  HOSTILE_NUMBERS,
  hostileTexts,
  PROOF,
  UNFIT_TEXTS,
} from "../../lib/hostile-values.ts";
import { type JsonSchema, plain, wrongValues } from "../../lib/wrong-values.ts";

const SECRET = "canary-4711-outside";
const HUGE = "A".repeat(10_000_000);
/** What is a text of its own, as long as it may be. */
const INTERPRETED: Record<string, string> = {
  execute_shell_command: "command",
  run_python_script: "script",
  run_applescript: "script",
};

const both = await Promise.all(
  (["linux", "darwin"] as const).map((platform) => loadTools({ pluginFolder: "/nowhere", platform })),
);
const TOOLS = [...new Map(both.flatMap(({ tools }) => tools).map((tool) => [tool.name, tool])).values()];
const schemaOf = (tool: Tool) => parametersForModel(tool.parameters) as JsonSchema;

let base: string;
let journal: Journal;
let outside: string;
beforeAll(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), "macjarvis-hostile-")));
  await mkdir(join(base, "outside"));
  outside = join(base, "outside", "canary.txt");
  await writeFile(outside, SECRET);
  journal = await Journal.open(join(base, "journal"));
});
afterAll(async () => {
  await journal.close();
  await rm(base, { recursive: true, force: true });
});

let context: TestContext;
/** Command lines by call. */
let ran: Map<string, string[][]>;
let calls: Calls;
beforeEach(async () => {
  context = await toolContext();
  await layOut();
  ran = new Map();
  // What commands list has the very name that was asked for, so that a tool goes on with it.
  const open = async ({ call_id, args }: { call_id: string; args: unknown }) => {
    const stdout = `${textsIn(args).join("\n")}\n`;
    const run: TestContext["run"] = async (argv) => {
      ran.set(call_id, [...(ran.get(call_id) ?? []), argv]);
      return { exit_code: 0, signal: null, stdout, stderr: "", truncated: false, timed_out: false };
    };
    return { context: { ...context, run, mayReach: () => false }, end: async () => undefined };
  };
  calls = new Calls({
    ...{ journal, sandboxProblem: undefined, frozen: new ServerFreeze() },
    tools: new Map(TOOLS.map((tool) => [tool.name, foundTool(tool)])),
    bind: async () => ({ hosts: [], places: [], scripts: [] }),
    open,
    warn: () => undefined,
  });
});
afterEach(async () => {
  expect(await readFile(outside, "utf8")).toBe(SECRET);
  expect(await readdir(join(base, "outside"))).toEqual(["canary.txt"]);
  for (const folder of [context.root, process.cwd(), base])
    expect(existsSync(join(folder, PROOF))).toBe(false);
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  await context.remove();
});

/** The root as it is before a tool is tried. */
async function layOut(): Promise<void> {
  for (const name of await readdir(context.root))
    await rm(join(context.root, name), { recursive: true, force: true });
  await writeFile(join(context.root, "victim.txt"), "unharmed\n");
  await symlink(join(base, "outside"), join(context.root, "way-out"));
}

async function call(tool: Tool, args: unknown): Promise<{ outcome: CallOutcome; commands: string[][] }> {
  const call_id = newId<CallId>("call");
  const outcome = await calls.execute({
    ...{ call_id, run_id: newId<RunId>("run"), epoch: 1, name: tool.name },
    args: args as Record<string, unknown>,
    ...{ approved: true, reach: NOWHERE, deadline_at: Date.now() + 60_000, attempt: 1 },
  });
  return { outcome, commands: ran.get(call_id) ?? [] };
}

/** What is wrong with how a call ended, in words. */
function faultsOf(tool: Tool, args: unknown, { status, result }: CallOutcome): string[] {
  const told = JSON.stringify(result);
  const { code = "", message = "" } = result.error ?? {};
  return [
    ...(status === "done" || status === "failed" || status === "denied" ? [] : [`ended ${status}`]),
    ...(result.ok || /^[a-z][a-z0-9_]+$/.test(code) ? [] : [`has the code ${JSON.stringify(code)}`]),
    ...(code === "tool_error" ? [`was surprised: ${message}`] : []),
    ...(result.ok || message.length > 5 ? [] : ["has no words"]),
    ...(message.length > 21_000 ? ["says too much"] : []),
    ...(/\bat .+[.]ts:\d|node:internal/.test(told) ? ["shows its code"] : []),
    ...(told.includes(SECRET) ? ["tells what is outside"] : []),
  ].map((fault) => `${tool.name} ${JSON.stringify(args).slice(0, 200)}: ${fault} (${told.slice(0, 200)})`);
}

describe("arguments that do not fit a tool's own schema", () => {
  const misfits = (tool: Tool): unknown[] => {
    const schema = schemaOf(tool);
    const whole = plain(schema) as object;
    return [
      ...wrongValues(schema),
      ...everyPlace(schema, "number", HOSTILE_NUMBERS),
      ...HOSTILE_KEYS.map((keys) => Object.assign(Object.create(null), whole, keys)),
      ...[null, undefined, "text", 7, [], [whole], new Date(), HUGE],
    ];
  };

  test("names that are prototypes elsewhere are refused like others that a tool does not have", () => {
    const let_in = TOOLS.flatMap((tool) =>
      HOSTILE_KEYS.filter((keys) => {
        const args = Object.assign(Object.create(null), plain(schemaOf(tool)), keys);
        return tool.parameters.safeParse(args).success;
      }).map((keys) => `${tool.name} ${Object.keys(keys).join()}`),
    );
    expect(let_in).toEqual([]);
  });

  test("are refused in words by every tool, and nothing is run, written or read", async () => {
    const faults: string[] = [];
    let count = 0;
    for (const tool of TOOLS)
      for (const args of misfits(tool)) {
        if (tool.parameters.safeParse(args).success) continue;
        count += 1;
        const { outcome } = await call(tool, args);
        faults.push(...faultsOf(tool, args, outcome));
        if (outcome.result.error?.code !== "invalid_arguments")
          faults.push(
            `${tool.name} ${JSON.stringify(args)?.slice(0, 200)} is not refused: ${JSON.stringify(outcome).slice(0, 200)}`,
          );
      }
    expect(faults).toEqual([]);
    expect(ran.size).toBe(0);
    expect((await readdir(context.root)).toSorted()).toEqual(["victim.txt", "way-out"]);
    expect(count).toBeGreaterThan(50 * TOOLS.length);
  });
});

test("texts that no file, path or command can have are refused by every tool, wherever they stand", async () => {
  const let_in: string[] = [];
  for (const tool of TOOLS)
    for (const args of everyPlace(schemaOf(tool), "text", UNFIT_TEXTS)) {
      const { outcome } = await call(tool, args);
      if (outcome.result.error?.code !== "invalid_arguments")
        let_in.push(`${tool.name} ${JSON.stringify(args).slice(0, 200)}`);
    }
  expect(let_in).toEqual([]);
  expect(ran.size).toBe(0);
});

describe("arguments that fit and mean harm", () => {
  /** So that a tool comes as far as it can before it looks at the one that means harm. */
  const GIVEN: Record<string, unknown> = {
    ...{
      path: "victim.txt",
      paths: ["victim.txt"],
      source: "victim.txt",
      destination: "made.txt",
      url: "https://example.com/",
    },
    ...{ host: "example.com", pattern: "unharmed", output_path: "made.out", content: "x" },
  };
  const hostile = (tool: Tool): unknown[] => {
    const schema = schemaOf(tool);
    const given = Object.fromEntries(
      Object.entries(GIVEN).filter(([name]) => name in (schema.properties ?? {})),
    );
    const texts = everyPlace(schema, "text", hostileTexts(outside), given);
    return [...texts, ...everyPlace(schema, "number", HOSTILE_NUMBERS, given)].filter(
      (args) => tool.parameters.safeParse(args).success,
    );
  };

  /** What a command line may not have: what somebody made up as a program, an option or source code. */
  function faultsOfCommand(tool: Tool, args: Record<string, unknown>, argv: string[]): string[] {
    const texts = textsIn(args).filter((text) => /touch pwned|^-|^@/.test(text));
    const own = INTERPRETED[tool.name];
    if (own !== undefined && texts.includes(String(args[own]))) return [];
    const [program = "", first = ""] = argv;
    const isShell = /^(sh|bash|zsh|osascript|python3?|node)$/.test(basename(program));
    // Behind the file of a script all is the script's.
    const end = isShell && !first.startsWith("-") ? 1 : argv.indexOf("--");
    return argv.flatMap((word, index) => {
      const isOurs = !texts.some((text) => (text.length > 2 ? word.includes(text) : word === text));
      if (isOurs) return [];
      const isOption = word.startsWith("-") && (end === -1 || index < end);
      const isSource = isShell && ["-c", "-e"].includes(argv[index - 1] ?? "");
      if (index > 0 && !isOption && !isSource) return [];
      return [
        `${tool.name} ${JSON.stringify(args).slice(0, 200)}: runs ${JSON.stringify(argv).slice(0, 400)}`,
      ];
    });
  }

  test("reach nothing outside of the roots, no shell and no option of a command, and are answered in words", async () => {
    const faults: string[] = [];
    let count = 0;
    for (const tool of TOOLS) {
      const look = async (args: unknown) => {
        count += 1;
        const { outcome, commands } = await call(tool, args);
        faults.push(...faultsOf(tool, args, outcome));
        for (const argv of commands)
          faults.push(...faultsOfCommand(tool, args as Record<string, unknown>, argv));
      };
      await layOut();
      const all = hostile(tool);
      // Some that only look take a moment each.
      if (tool.risk === "read") await Promise.all(all.map(look));
      else for (const args of all) await look(args);
    }
    expect(faults).toEqual([]);
    expect(count).toBeGreaterThan(1_000);
  }, 300_000);

  test("of ten million characters are refused, whatever the tool", async () => {
    const takes: string[] = [];
    const faults: string[] = [];
    for (const tool of TOOLS) {
      const schema = schemaOf(tool);
      for (const args of everyPlace(schema, "text", [HUGE])) {
        const { outcome } = await call(tool, args);
        faults.push(...faultsOf(tool, args, outcome));
        if (outcome.result.error?.code !== "invalid_arguments") takes.push(tool.name);
      }
    }
    expect(faults).toEqual([]);
    expect(takes).toEqual([]);
  });
});

function textsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}
