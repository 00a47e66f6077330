// Paths from Spotlight's index, by macOS' own command (mdfind(1)).
import type { ToolContext } from "../../../../contracts/tools.ts";
import { ToolFailure } from "../../../../lib/tools/tool-failure.ts";
import { assertDone, runOnMac } from "../desktop/mac-command.ts";
import type { Paths } from "./paths.ts";

const LIMIT_MS = 30_000;
/** An expression of Spotlight's own language, and not words. */
const EXPRESSION = /^[\s(!]*kMDItem\w+\s*(==|!=|<|>)/;

/** Each root is asked about on its own: of several the manual says nothing. @throws ToolFailure `invalid_query`, `failed` */
export async function pathsBySpotlight(
  context: Pick<ToolContext, "run" | "home" | "signal">,
  roots: string[],
  { query }: { query: string },
): Promise<Paths> {
  const how = EXPRESSION.test(query) ? "-literal" : "-interpret";
  const paths: string[] = [];
  let truncated = false;
  for (const root of roots) {
    const argv = ["/usr/bin/mdfind", "-0", "-onlyin", root, how, query];
    const result = await runOnMac(context, argv, { timeoutMs: LIMIT_MS });
    context.signal.throwIfAborted();
    if (/failed to create query/i.test(`${result.stdout}${result.stderr}`))
      throw new ToolFailure("invalid_query", `Spotlight does not understand "${query}": use plain words.`);
    assertDone(result, "Spotlight");
    paths.push(...parsePaths(result.stdout));
    truncated ||= result.truncated;
  }
  return { paths, truncated };
}

/** Ended by NULs. Where the middle of a long list was left out, the pieces around are no paths. */
export function parsePaths(printed: string): string[] {
  return printed
    .split("\0")
    .filter((path) => path.startsWith("/") && !/\n… \d+ bytes left out …\n/.test(path));
}
