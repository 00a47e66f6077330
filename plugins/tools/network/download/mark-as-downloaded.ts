// Marks a file as one that came from the internet, as browsers on macOS do: Gatekeeper checks it before it is first opened.
import { randomUUID } from "node:crypto";
import type { ToolContext } from "../../../../contracts/tools.ts";

const XATTR_TIMEOUT_MS = 5_000;
/** Downloaded, and nobody has said yet that it may be opened (LSQuarantine.h). */
const FLAGS = "0081";

/** Whether it could be marked: volumes without extended attributes cannot. A link in its place is not followed. */
export async function markAsDownloaded(path: string, { run }: Pick<ToolContext, "run">): Promise<boolean> {
  const seconds = Math.floor(Date.now() / 1_000).toString(16);
  const value = `${FLAGS};${seconds};MacJarvis;${randomUUID().toUpperCase()}`;
  const argv = ["/usr/bin/xattr", "-w", "-s", "com.apple.quarantine", value, path];
  const { exit_code } = await run(argv, { timeoutMs: XATTR_TIMEOUT_MS });
  return exit_code === 0;
}
