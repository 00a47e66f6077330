// Versions and identifiers of applications, as far as macOS' metadata has them (mdls(1)). They are an addition: without them the list is
// a list all the same.
import type { ToolContext } from "../../../../contracts/tools.ts";
import { runOnMac } from "../desktop/mac-command.ts";

export type Details = { version: string | null; bundle_id: string | null };

const NAMES = ["kMDItemVersion", "kMDItemCFBundleIdentifier"];
const ARGV = ["/usr/bin/mdls", ...NAMES.flatMap((name) => ["-name", name]), "-raw", "-nullMarker", ""];
/** Paths in one command line. */
const AT_ONCE = 200;
const LIMIT_MS = 10_000;

/** One for each path, in their order. */
export async function detailsOf(
  context: Pick<ToolContext, "run" | "home" | "signal">,
  paths: string[],
): Promise<Details[]> {
  const details: Details[] = [];
  for (let start = 0; start < paths.length; start += AT_ONCE) {
    const some = paths.slice(start, start + AT_ONCE);
    const { stdout } = await runOnMac(context, [...ARGV, ...some], { timeoutMs: LIMIT_MS });
    context.signal.throwIfAborted();
    details.push(...parseDetails(stdout, some.length));
  }
  return details;
}

const UNKNOWN: Details = { version: null, bundle_id: null };

/** Raw values, each ended or parted by a NUL. Where their number does not fit the files nothing is known of any. */
export function parseDetails(printed: string, files: number): Details[] {
  const values = printed.split("\0");
  const expected = files * NAMES.length;
  if (values.length !== expected && !(values.length === expected + 1 && values.at(-1) === ""))
    return Array.from({ length: files }, () => UNKNOWN);
  return Array.from({ length: files }, (_, index) => ({
    version: values[index * 2] || null,
    bundle_id: values[index * 2 + 1] || null,
  }));
}
