// Which Python runs scripts. On macOS /usr/bin/python3 is a placeholder: without Apple's command line tools it opens a window
// that offers them, and with them it looks for the real one, which the sandbox hinders. Used by run-python.ts.
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { ToolContext } from "../../../../contracts/tools.ts";
import { ToolFailure } from "../../../../lib/tools/tool-failure.ts";

const PLACES = {
  mac: ["/opt/homebrew/bin/python3", "/usr/local/bin/python3"],
  other: ["/usr/local/bin/python3", "/usr/bin/python3", "/bin/python3"],
};
const XCODE_TIMEOUT_MS = 5_000;

/** @throws ToolFailure `python_missing` with the command that mends it */
export async function findPython(
  { run }: Pick<ToolContext, "run">,
  platform: NodeJS.Platform = process.platform,
  isThere: (path: string) => boolean = existsSync,
): Promise<string> {
  const found = (platform === "darwin" ? PLACES.mac : PLACES.other).find(isThere);
  if (found !== undefined) return found;
  if (platform !== "darwin")
    throw new ToolFailure(
      "python_missing",
      "Python 3 is not installed on this machine: install the package python3.",
    );
  const { exit_code, stdout } = await run(["/usr/bin/xcode-select", "-p"], { timeoutMs: XCODE_TIMEOUT_MS });
  const apples = join(stdout.trim() || "/", "usr/bin/python3");
  if (exit_code === 0 && stdout.startsWith("/") && isThere(apples)) return apples;
  throw new ToolFailure(
    "python_missing",
    "Python 3 is not installed on this Mac: run `xcode-select --install` or `brew install python` in a terminal.",
  );
}
