// What the operating system calls itself: its product name and version; what system_info shows.
import { readFile } from "node:fs/promises";
import { type as kernelName } from "node:os";
import type { ToolContext } from "../../../../contracts/tools.ts";

export type SystemVersion = { name: string; version: string | null };

const COMMAND_TIMEOUT_MS = 5_000;

/** E.g. `macOS` and `15.3`, `Ubuntu` and `24.04`. A rolling Linux has no version. */
export async function readSystemVersion(
  { run }: Pick<ToolContext, "run">,
  platform: NodeJS.Platform = process.platform,
): Promise<SystemVersion> {
  if (platform === "darwin") {
    const { stdout } = await run(["/usr/bin/sw_vers"], { timeoutMs: COMMAND_TIMEOUT_MS });
    const field = (name: string) => new RegExp(`^${name}:\\s*(.+)$`, "m").exec(stdout)?.[1]?.trim();
    return { name: field("ProductName") ?? "macOS", version: field("ProductVersion") ?? null };
  }
  const text = await readFile("/etc/os-release", "utf8").catch(() => "");
  const field = (name: string) => new RegExp(`^${name}="?([^"\\n]*)"?$`, "m").exec(text)?.[1];
  return { name: field("NAME") ?? kernelName(), version: field("VERSION_ID") ?? null };
}
