// Runs a script that controls programs of the Mac (osascript(1)). A script is fixed text; what a model gives reaches it as data only, in
// one JSON text that is an argument of its `run`. JavaScript for Automation and not AppleScript: it gives JSON back, and its dates do
// not depend on the language of the Mac.
import type { ToolContext } from "../../../../contracts/tools.ts";
import { headOf } from "../../../../lib/cut-text.ts";
import { ToolFailure } from "../../../../lib/tools/tool-failure.ts";
import { runOnMac } from "../desktop/mac-command.ts";

export type ScriptContext = Pick<ToolContext, "run" | "home" | "signal">;

const OSASCRIPT = "/usr/bin/osascript";
/** The first time a program is controlled macOS asks the person, and waits for the answer. */
const LIMIT_MS = 90_000;
const RUN = "function run(argv) { return JSON.stringify(work(JSON.parse(argv[0]))); }";

/**
 * @param source defines `function work(args)`, which gives what can be written as JSON
 * @param args handed over as they are; never a part of the source
 * @throws ToolFailure as `scriptFailure` says, `cancelled`
 */
export async function runFixedScript(context: ScriptContext, source: string, args: object): Promise<unknown> {
  // It begins with a brace, so it is no option.
  const json = JSON.stringify(args);
  const printed = await osascript(context, ["-l", "JavaScript", "-e", `${source.trim()}\n${RUN}`, json]);
  try {
    return JSON.parse(printed);
  } catch {
    throw new ToolFailure("failed", `The script gave no JSON: ${headOf(printed.trim(), 200)}`);
  }
}

/** AppleScript of somebody else. @returns what it gives, as AppleScript writes it */
export function runAppleScript(context: ScriptContext, source: string): Promise<string> {
  return osascript(context, ["-l", "AppleScript", "-e", source]);
}

async function osascript(context: ScriptContext, args: string[]): Promise<string> {
  const result = await runOnMac(context, [OSASCRIPT, ...args], { timeoutMs: LIMIT_MS });
  context.signal.throwIfAborted();
  if (result.timed_out)
    throw new ToolFailure(
      "timeout",
      "The script did not end. Perhaps the Mac asks on its screen whether this may be controlled: answer it, and try again.",
    );
  if (result.exit_code !== 0) throw scriptFailure(result.stderr);
  return result.stdout.replace(/\n$/, "");
}

const SETTINGS = "in System Settings → Privacy & Security →";
/** Error numbers of Apple events (MacErrors.h), as osascript writes them at the end of its message. */
const FAILURES: [RegExp, code: string, words: string][] = [
  [
    /\(-1743\)|not authori[sz]ed to send apple events/i,
    "permission_missing",
    `macOS does not let MacJarvis control that program. Allow it ${SETTINGS} Automation, for the program that started MacJarvis.`,
  ],
  [
    /\(-25211\)|assistive access/i,
    "permission_missing",
    `macOS does not let MacJarvis look at windows of other programs. Allow it ${SETTINGS} Accessibility, for the program that started MacJarvis.`,
  ],
  [/\(-128\)|user cancell?ed/i, "cancelled_by_user", "The person at the Mac has cancelled it."],
  [/\(-600\)|isn.t running/i, "not_running", "The program is not running: open it first with open_app."],
  [/can.t be found|\(-10814\)/i, "not_installed", "The program is not on this Mac."],
  [/\(-1728\)|\(-1719\)|can.t get object/i, "not_found", "What the script looks for is not there."],
];

/** What osascript says on its standard error, as a failure to act on. */
export function scriptFailure(stderr: string): ToolFailure {
  const [, code, words] = FAILURES.find(([pattern]) => pattern.test(stderr)) ?? [];
  const said = headOf(stderr.trim().replace(/^.*execution error: /s, ""), 500);
  if (code !== undefined && words !== undefined) return new ToolFailure(code, `${words} (${said})`);
  return new ToolFailure("failed", said === "" ? "The script failed." : `The script failed: ${said}`);
}
