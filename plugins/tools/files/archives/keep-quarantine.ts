// macOS marks what came from the internet, and asks before it is run. What an archive with the mark has in it gets it too, as
// Finder does it.
import type { ToolContext } from "../../../../contracts/tools.ts";
import type { HeldDirectory } from "../workspace/held-directory.ts";
import type { OpenFile } from "../workspace/open-file.ts";

const MARK = "com.apple.quarantine";

/** Nothing where the archive has no mark, or the system has none. */
export async function keepQuarantine(
  { run }: Pick<ToolContext, "run">,
  archive: OpenFile,
  folder: HeldDirectory,
  platform: NodeJS.Platform = process.platform,
): Promise<{ quarantine?: "kept" | "not kept" }> {
  if (platform !== "darwin") return {};
  const mark = await run(["/usr/bin/xattr", "-p", MARK, archive.path]);
  if (mark.exit_code !== 0) return {};
  // Of links the links themselves: what they name may be older than the archive.
  const marked = await run(["/usr/bin/xattr", "-w", "-r", "-s", MARK, mark.stdout.trim(), folder.self()]);
  return { quarantine: marked.exit_code === 0 ? "kept" : "not kept" };
}
