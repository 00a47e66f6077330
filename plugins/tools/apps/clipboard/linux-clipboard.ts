// The clipboard on Linux: a program that is asked for the text by whoever pastes, for as long as the text is the newest. So what is
// copied is held by a process that outlives the call, and ends by itself when something else is copied.
import type { ChildProcess } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import type { ToolContext } from "../../../../contracts/tools.ts";
import { ToolFailure } from "../../../../lib/tools/tool-failure.ts";
import { type Desktop, startApart, thisDesktop } from "../desktop/linux-desktop.ts";
import { firstThere, programMissing } from "../desktop/one-of-programs.ts";

export type ClipboardContext = Pick<ToolContext, "run" | "home" | "signal">;

const X11 = {
  read: [
    ["xclip", "-selection", "clipboard", "-o"],
    ["xsel", "--clipboard", "--output"],
  ],
  hold: [
    ["xclip", "-selection", "clipboard", "-i", "-quiet"],
    ["xsel", "--clipboard", "--input", "--nodetach"],
  ],
  packages: "xclip or xsel",
} satisfies Programs;
const WAYLAND = {
  read: [["wl-paste", "--no-newline", "--type", "text"]],
  hold: [["wl-copy", "--foreground", "--type", "text/plain"]],
  packages: "wl-clipboard",
} satisfies Programs;
type Programs = { read: string[][]; hold: [string, ...string[]][]; packages: string };

const LIMIT_MS = 5_000;
const PAUSE_MS = 30;
/** What the programs say where nothing is copied, or no text. */
const NOTHING = /nothing is copied|no suitable type|not available as requested|target \S+ not available/i;

const programsOf = ({ variables }: Desktop): Programs => (variables.WAYLAND_DISPLAY ? WAYLAND : X11);

/** @throws ToolFailure `no_display`, `program_missing`, `failed` */
export async function readOnLinux(
  context: ClipboardContext,
  desktop: Desktop = thisDesktop(),
): Promise<{ text: string; truncated: boolean }> {
  const { read, packages } = programsOf(desktop);
  const options = { env: desktop.variables, timeoutMs: LIMIT_MS };
  const result = await firstThere(read, packages, (argv) => context.run(argv, options));
  context.signal.throwIfAborted();
  const { exit_code, stdout, stderr, truncated } = result;
  if (exit_code === 0) return { text: stdout, truncated };
  if (NOTHING.test(stderr)) return { text: "", truncated: false };
  throw new ToolFailure("failed", `The clipboard could not be read: ${stderr.trim().slice(0, 500)}`);
}

/** @throws ToolFailure `no_display`, `program_missing`, `failed` when the text is not there afterwards */
export async function writeOnLinux(
  context: ClipboardContext,
  text: string,
  desktop: Desktop = thisDesktop(),
): Promise<void> {
  const { hold, packages } = programsOf(desktop);
  for (const argv of hold) {
    const holder = await startApart(argv, desktop, { home: context.home, input: text });
    if (!holder) continue;
    try {
      return await held(context, text, { holder, desktop });
    } catch (thrown) {
      holder.kill();
      throw thrown;
    }
  }
  throw programMissing(
    hold.map(([program]) => program),
    packages,
  );
}

/** The program does not say when it holds the text: what is pasted does. */
async function held(
  context: ClipboardContext,
  text: string,
  { holder, desktop }: { holder: ChildProcess; desktop: Desktop },
): Promise<void> {
  const until = performance.now() + LIMIT_MS;
  while (!isSame(await readOnLinux(context, desktop), text)) {
    if (holder.exitCode !== null || performance.now() > until)
      throw new ToolFailure("failed", `${holder.spawnfile} did not put the text into the clipboard.`);
    await sleep(PAUSE_MS, undefined, { signal: context.signal });
  }
}

/** Of a long text only head and tail are read back. */
function isSame({ text, truncated }: { text: string; truncated: boolean }, wanted: string): boolean {
  if (!truncated) return text === wanted;
  return text.slice(0, 1_000) === wanted.slice(0, 1_000) && text.slice(-1_000) === wanted.slice(-1_000);
}
