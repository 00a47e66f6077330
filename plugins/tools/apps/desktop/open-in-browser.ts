// Hands an address to the user's browser; used by open_url.
import { once } from "node:events";
import type { ToolContext } from "../../../../contracts/tools.ts";
import { hostsOfUrl } from "../../../../lib/net/hosts-of-url.ts";
import { ToolFailure } from "../../../../lib/tools/tool-failure.ts";
import { type Desktop, startApart, thisDesktop } from "./linux-desktop.ts";
import { assertDone, runOnMac } from "./mac-command.ts";
import { programMissing } from "./one-of-programs.ts";

/** `xdg-open` may wait for the browser: after so long it is taken to have shown the page. */
const PATIENCE_MS = 8_000;
/** xdg-open(1): no program for it. */
const NO_BROWSER = 3;

/**
 * The address in its one spelling: it begins with `http`, so no command takes it for an option, and has no blank or line break in it.
 * @throws ToolFailure `invalid_url` for all but http and https, `not_allowed` for a host that was not asked about
 */
export function webAddress(given: string, { mayReach }: Pick<ToolContext, "mayReach">): string {
  const url = URL.parse(given);
  if (!url)
    throw new ToolFailure("invalid_url", `"${given}" is not a full address such as https://example.com.`);
  if (url.protocol !== "http:" && url.protocol !== "https:")
    throw new ToolFailure("invalid_url", "Only http:// and https:// addresses are opened.");
  if (url.username !== "" || url.password !== "")
    throw new ToolFailure("invalid_url", "An address with a user name or password in it is not opened.");
  const [host] = hostsOfUrl(given);
  if (host === undefined || !mayReach(host))
    throw new ToolFailure("not_allowed", `Nobody was asked about sending to "${url.hostname}".`);
  return url.href;
}

/** @param desktop of Linux */
export async function openInBrowser(
  context: Pick<ToolContext, "run" | "home" | "signal">,
  address: string,
  { platform = process.platform, desktop }: { platform?: NodeJS.Platform; desktop?: Desktop } = {},
): Promise<void> {
  if (platform === "darwin") {
    const result = await runOnMac(context, ["/usr/bin/open", address], { timeoutMs: PATIENCE_MS });
    assertDone(result, "Opening the page");
    return;
  }
  const argv: [string, string] = ["xdg-open", address];
  const opener = await startApart(argv, desktop ?? thisDesktop(), { home: context.home });
  if (!opener) throw programMissing(["xdg-open"], "xdg-utils");
  const patience = AbortSignal.any([context.signal, AbortSignal.timeout(PATIENCE_MS)]);
  if (opener.exitCode === null) await once(opener, "exit", { signal: patience }).catch(() => undefined);
  if (context.signal.aborted) opener.kill();
  context.signal.throwIfAborted();
  if (opener.exitCode === NO_BROWSER)
    throw new ToolFailure("program_missing", "xdg-open has found no browser on this machine.");
  if (opener.exitCode)
    throw new ToolFailure(
      "failed",
      `xdg-open did not open it (exit code ${opener.exitCode}): perhaps there is no browser on this machine.`,
    );
}
