// How busy Macs are and how full their batteries, as the registry keeps it: hubs tell it every four seconds, and it is written when it has
// changed noticeably.
import type { MacVitals } from "../../contracts/mac-vitals.ts";

/** Hundredths. */
const NOTICEABLE_LOAD = 10;

export const readVitals = (kept: string | null): MacVitals =>
  kept === null ? {} : (JSON.parse(kept) as MacVitals);

/** @returns what is to be kept instead, with the load in tenths; undefined while what is kept is as good */
export function changedVitals(kept: string | null, { load, battery }: MacVitals): string | undefined {
  // The hub has not heard a heartbeat of it yet.
  if (load === undefined && battery === undefined) return undefined;
  const before = readVitals(kept);
  if (!isOtherLoad(before.load, load) && !isOtherCharge(before.battery, battery)) return undefined;
  const tenths = load === undefined ? {} : { load: Math.round(load * 10) / 10 };
  return JSON.stringify({ ...tenths, battery });
}

function isOtherLoad(before: number | undefined, now: number | undefined): boolean {
  if (before === undefined || now === undefined) return before !== now;
  return Math.round(Math.abs(now - before) * 100) >= NOTICEABLE_LOAD;
}

const isOtherCharge = (before: MacVitals["battery"], now: MacVitals["battery"]) =>
  before?.percent !== now?.percent || before?.charging !== now?.charging;
