// Apple's Shortcuts through its command (shortcuts(1), macOS 12 and newer); used by list_shortcuts and run_shortcut.
import { mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ToolContext } from "../../../../contracts/tools.ts";
import { ToolFailure } from "../../../../lib/tools/tool-failure.ts";
import { similarNames } from "../applications/installed.ts";
import { assertDone, runOnMac } from "../desktop/mac-command.ts";

type ShortcutContext = Pick<ToolContext, "run" | "home" | "signal">;

const SHORTCUTS = "/usr/bin/shortcuts";
const LIST_LIMIT_MS = 20_000;
/** A shortcut may ask the person something, and wait. */
export const RUN_LIMIT_MS = 290_000;
const MOST_OUTPUT = 200_000;

/** In the order of the command; of names that are there twice both. */
export async function listShortcuts(context: ShortcutContext): Promise<string[]> {
  const result = await runOnMac(context, [SHORTCUTS, "list"], { timeoutMs: LIST_LIMIT_MS });
  context.signal.throwIfAborted();
  if (result.exit_code === 127)
    throw new ToolFailure(
      "program_missing",
      "This Mac has no command for shortcuts: it needs macOS 12 or newer.",
    );
  assertDone(result, "Listing the shortcuts");
  return result.stdout.split("\n").filter((name) => name !== "");
}

export type Ran = {
  /** What the shortcut gave as text; null when it gave nothing, or no text. */
  output: string | null;
  /** Bytes of an output that is no text. */
  output_bytes?: number;
  truncated: boolean;
};

/**
 * Input and output go through files in a folder that only this user can read, gone afterwards.
 * @throws ToolFailure `not_found` with names like it, `timeout`, `failed`
 */
export async function runShortcut(
  context: ShortcutContext,
  { name, input }: { name: string; input?: string | undefined },
): Promise<Ran> {
  const names = await listShortcuts(context);
  if (!names.includes(name)) {
    const similar = similarNames(names, name);
    const hint =
      similar.length > 0 ? `There is: ${similar.join(", ")}.` : "list_shortcuts shows what there is.";
    throw new ToolFailure("not_found", `There is no shortcut "${name}". ${hint}`);
  }
  const folder = await mkdtemp(join(tmpdir(), "macjarvis-shortcut-"));
  try {
    const [given, output] = [join(folder, "input.txt"), join(folder, "output")];
    if (input !== undefined) await writeFile(given, input, { mode: 0o600 });
    const files = [...(input === undefined ? [] : ["--input-path", given]), "--output-path", output];
    // `--`: a name that begins with a dash is no option.
    const result = await runOnMac(context, [SHORTCUTS, "run", ...files, "--", name], {
      timeoutMs: RUN_LIMIT_MS,
    });
    context.signal.throwIfAborted();
    assertDone(result, `The shortcut "${name}"`);
    return await readOutput(output);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function readOutput(path: string): Promise<Ran> {
  const file = await open(path).catch(() => undefined);
  if (!file) return { output: null, truncated: false };
  await using held = file;
  const { size } = await held.stat();
  const { buffer, bytesRead } = await held.read(Buffer.alloc(Math.min(size, MOST_OUTPUT)), { position: 0 });
  const truncated = size > bytesRead;
  try {
    // A character that the cut halves is left out, and so is everything that is no text.
    const text = new TextDecoder("utf-8", { fatal: true }).decode(buffer.subarray(0, bytesRead), {
      stream: truncated,
    });
    if (!text.includes("\0")) return { output: text, truncated };
  } catch {
    // No text.
  }
  return { output: null, output_bytes: size, truncated: false };
}
