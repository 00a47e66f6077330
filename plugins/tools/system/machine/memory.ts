// The memory of this machine and what of it programs may still have: what system_info shows.
import { freemem, totalmem } from "node:os";
import type { ToolContext } from "../../../../contracts/tools.ts";

export type Memory = { total_bytes: number; available_bytes: number };

const COMMAND_TIMEOUT_MS = 5_000;
/** Besides what nobody uses: what holds files for later, and is given to whoever asks for memory. */
const TO_BE_HAD = ["free", "speculative", "inactive"];

/** On macOS Node counts only what nobody uses, which is always little: the rest holds files for later. */
export async function readMemory(
  { run }: Pick<ToolContext, "run">,
  platform: NodeJS.Platform = process.platform,
): Promise<Memory> {
  if (platform !== "darwin") return { total_bytes: totalmem(), available_bytes: freemem() };
  const { stdout } = await run(["/usr/bin/vm_stat"], { timeoutMs: COMMAND_TIMEOUT_MS });
  return { total_bytes: totalmem(), available_bytes: parseVmStat(stdout) ?? freemem() };
}

/** Bytes, from what vm_stat(1) prints; null when that is something else. */
export function parseVmStat(text: string): number | null {
  const pageSize = Number(/page size of (\d+) bytes/.exec(text)?.[1]);
  const pages = TO_BE_HAD.map((kind) =>
    Number(new RegExp(`^Pages ${kind}:\\s+(\\d+)\\.`, "m").exec(text)?.[1] ?? 0),
  );
  const bytes = pageSize * pages.reduce((sum, each) => sum + each, 0);
  return bytes > 0 ? bytes : null;
}
