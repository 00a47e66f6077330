// What one call's tool is given (contracts/tools.ts, ToolContext). All of it ends with the call: commands are ended, output
// is no longer sent. Made by run-tool.ts.
import { createHash } from "node:crypto";
import { mayReach, type Reach } from "../../contracts/hosts.ts";
import type { CommandResult, RunOptions, ToolContext, ToolResult } from "../../contracts/tools.ts";
import { graceMs } from "../../lib/tools/calls/end-reasons.ts";
import type { OpenContext as RunOpenContext } from "../../lib/tools/calls/run-tool.ts";
import { minimalEnvironment } from "../processes/environment.ts";
import { runCommand } from "../processes/run-command.ts";
import type { CallSecrets } from "../secrets/call-secrets.ts";
import { commandLine, type Machine } from "./command-line.ts";
import type { Gate } from "./gate.ts";
import type { Guarded } from "./guarded-now.ts";
import { LiveOutput, type OutputPiece } from "./live-output.ts";

export type ContextSettings = {
  callId: string;
  machine: Machine;
  guarded: Guarded;
  /** As in ToolContext. */
  workFolder: string;
  /** As in ToolContext. */
  approved: boolean;
  deadlineAt: number;
  reach: Reach;
  gate?: Gate | undefined;
  /** Of a call whose arguments name secrets of this machine. */
  secrets?: CallSecrets | undefined;
  signal: AbortSignal;
  publish(piece: OutputPiece): void;
  /** Told of each command that could outlive this process. */
  started(pid: number): void;
};

/** `printed`: the SHA-256 in hex of all that was published, `<stream>:<text>` of each piece; asked once, behind the end. */
export type OpenContext = RunOpenContext<ToolContext> & { printed?(): string };

export function openContext(settings: ContextSettings): OpenContext {
  const { machine, guarded, deadlineAt, secrets } = settings;
  const over = new AbortController();
  const signal = AbortSignal.any([settings.signal, over.signal]);
  const printed = createHash("sha256");
  const live = new LiveOutput((piece) => {
    printed.update(`${piece.stream}:${piece.text}`);
    settings.publish(piece);
  });
  const commands = new Set<Promise<CommandResult>>();
  let count = 0;
  const run = (argv: string[], options: RunOptions = {}) => {
    count += 1;
    const marker = `${settings.callId}/${count}`;
    const command = start({ ...settings, signal }, { argv, options, marker, live });
    commands.add(command);
    return command.finally(() => commands.delete(command));
  };
  return {
    context: {
      signal,
      deadlineAt,
      approved: settings.approved,
      home: machine.userHome,
      roots: machine.roots,
      workFolder: settings.workFolder,
      hidden: guarded.hidden,
      protected: [...guarded.protected, ...guarded.links],
      mayReach: (host) => mayReach(settings.reach, host) && (settings.gate?.reaches(host) ?? true),
      ...(settings.gate ? { freeScripts: settings.gate.freeScripts } : {}),
      output: maskedOutput(live, secrets),
      run,
    },
    ...(secrets ? { mask: (result: ToolResult) => secrets.masker.all(result) } : {}),
    printed: () => printed.digest("hex"),
    async end() {
      over.abort();
      await Promise.allSettled(commands);
      live.end();
    },
  };
}

function maskedOutput(live: LiveOutput, secrets: CallSecrets | undefined): ToolContext["output"] {
  if (!secrets) return (stream, text) => void live.add(stream, text);
  const masks = { stdout: secrets.masker.stream(), stderr: secrets.masker.stream() };
  // What is held back at the end is the beginning of a secret at best; the result has it masked or whole.
  return (stream, text) => void live.add(stream, masks[stream].push(Buffer.from(text)).toString("utf8"));
}

type Asked = { argv: string[]; options: RunOptions; marker: string; live: LiveOutput };

async function start(settings: ContextSettings, asked: Asked): Promise<CommandResult> {
  const { machine, guarded, deadlineAt, signal, secrets } = settings;
  const { marker, live } = asked;
  const { argv, options } = secrets?.putIn(asked.argv, asked.options) ?? asked;
  const cwd = options.cwd ?? machine.roots[0] ?? "/";
  const line = await commandLine(machine, guarded, { argv, cwd, sandbox: options.sandbox === true });
  const base = minimalEnvironment({ platform: machine.platform, home: line.home, marker });
  const [program] = argv;
  const command = runCommand({
    ...line,
    ...(program === undefined ? {} : { program }),
    env: { ...options.env, ...pick(base, options.env) },
    input: options.input ?? "",
    marker,
    timeoutMs: Math.min(options.timeoutMs ?? Number.POSITIVE_INFINITY, deadlineAt - Date.now()),
    signal,
    graceMs: () => graceMs(signal),
    mask: secrets && (() => secrets.masker.stream()),
    ...(options.live ? { live: (stream, text) => live.add(stream, text) } : {}),
    started: (pid) => {
      if (!line.contained) settings.started(pid);
    },
  });
  return command.finally(() => void line.release());
}

/** What the tool adds wins over the base, save the marker by which its processes are found. */
function pick(base: Record<string, string>, over: Record<string, string> = {}): Record<string, string> {
  const kept = Object.entries(base).filter(([name]) => !(name in over) || name.startsWith("MACJARVIS_"));
  return Object.fromEntries(kept);
}
