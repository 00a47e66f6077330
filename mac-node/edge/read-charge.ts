// The charge of the battery that this machine runs on, for its heartbeats: read as the tool battery_status reads it.
import type { MacVitals } from "../../contracts/mac-vitals.ts";
import type { Batteries } from "../../plugins/tools/system/machine/battery.ts";
import { readLinuxBatteries } from "../../plugins/tools/system/machine/linux-batteries.ts";
import { parsePmsetBatteries } from "../../plugins/tools/system/machine/mac-batteries.ts";
import { programRunner, type RunProgram } from "../program/run-program.ts";

const PMSET = ["/usr/bin/pmset", "-g", "batt"];

/**
 * Undefined where there is none, or where it cannot be told.
 * @param folder of Linux, where the system tells of its supplies
 */
export async function readCharge(
  platform: NodeJS.Platform = process.platform,
  run: RunProgram = programRunner(),
  folder?: string,
): Promise<MacVitals["battery"]> {
  if (platform !== "darwin") return chargeOf(await readLinuxBatteries(folder));
  const { code, stdout } = await run(PMSET);
  return code === 0 ? chargeOf(parsePmsetBatteries(stdout)) : undefined;
}

/** A notebook may have two. What keeps a desktop alive when the power fails is no battery of the machine. */
function chargeOf({ batteries }: Batteries): MacVitals["battery"] {
  const own = batteries.filter(({ kind }) => kind === "internal");
  const charges = own.flatMap(({ charge_percent }) => charge_percent ?? []);
  if (charges.length === 0) return undefined;
  const mean = charges.reduce((sum, charge) => sum + charge, 0) / charges.length;
  // Some controllers say 101.
  return {
    percent: Math.min(100, Math.max(0, Math.round(mean))),
    charging: own.some(({ charging }) => charging),
  };
}
