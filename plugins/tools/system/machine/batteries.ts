// The batteries of this machine, on Linux and on macOS: what battery_status shows.
import type { ToolContext } from "../../../../contracts/tools.ts";
import { AppError } from "../../../../lib/errors.ts";
import type { Batteries } from "./battery.ts";
import { readLinuxBatteries } from "./linux-batteries.ts";
import { parseBatteryHealth, parsePmsetBatteries } from "./mac-batteries.ts";

const PMSET_TIMEOUT_MS = 5_000;
/** system_profiler looks at the hardware. */
const PROFILER_TIMEOUT_MS = 15_000;

/** Without a battery `batteries` is empty. Throws `internal` when macOS' pmset does not answer. */
export async function readBatteries(
  context: Pick<ToolContext, "run">,
  platform: NodeJS.Platform = process.platform,
): Promise<Batteries> {
  return platform === "darwin" ? readMacBatteries(context) : readLinuxBatteries();
}

async function readMacBatteries({ run }: Pick<ToolContext, "run">): Promise<Batteries> {
  const { exit_code, stdout } = await run(["/usr/bin/pmset", "-g", "batt"], { timeoutMs: PMSET_TIMEOUT_MS });
  if (exit_code !== 0)
    throw new AppError("internal", "The command pmset did not tell of the battery; try again.");
  const found = parsePmsetBatteries(stdout);
  if (!found.batteries.some(({ kind }) => kind === "internal")) return found;
  const profile = await run(["/usr/sbin/system_profiler", "-json", "SPPowerDataType"], {
    timeoutMs: PROFILER_TIMEOUT_MS,
  });
  const health = parseBatteryHealth(profile.stdout);
  return {
    ...found,
    batteries: found.batteries.map((each) => (each.kind === "internal" ? { ...each, ...health } : each)),
  };
}
