// The clipboard of whoever sits at the machine, read and written as text; used by clipboard_read and clipboard_write.
import { assertDone, runOnMac } from "../desktop/mac-command.ts";
import { type ClipboardContext, readOnLinux, writeOnLinux } from "./linux-clipboard.ts";

const LIMIT_MS = 10_000;

/** `text` is empty when there is nothing, or nothing that is text; `truncated` when its middle was left out (1 MiB are kept). */
export async function readClipboard(
  context: ClipboardContext,
  platform: NodeJS.Platform = process.platform,
): Promise<{ text: string; truncated: boolean }> {
  if (platform !== "darwin") return readOnLinux(context);
  const result = await runOnMac(context, ["/usr/bin/pbpaste", "-Prefer", "txt"], { timeoutMs: LIMIT_MS });
  assertDone(result, "Reading the clipboard");
  return { text: result.stdout, truncated: result.truncated };
}

/** Replaces what is there. */
export async function writeClipboard(
  context: ClipboardContext,
  text: string,
  platform: NodeJS.Platform = process.platform,
): Promise<void> {
  if (platform !== "darwin") return writeOnLinux(context, text);
  assertDone(
    await runOnMac(context, ["/usr/bin/pbcopy"], { input: text, timeoutMs: LIMIT_MS }),
    "Writing the clipboard",
  );
}
