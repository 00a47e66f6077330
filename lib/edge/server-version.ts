// Which nats-server is meant for Macs that come from anywhere.

/** The first of each line with the fixes that matter; what is newer than the last line has them. */
const FLOOR: Record<number, number> = { 11: 16, 12: 7, 14: 0 };
const LAST_LINE = 14;

/** In words. */
export const MEANT_VERSIONS = "2.11.16, 2.12.7, 2.14.0 or newer";

/** @param version as it names itself: `2.12.7` */
export function isMeantVersion(version: string): boolean {
  const [major = 0, minor = 0, patch = 0] = version.split(/[.-]/).map(Number);
  if (major !== 2) return major > 2;
  if (minor > LAST_LINE) return true;
  const least = FLOOR[minor];
  return least !== undefined && patch >= least;
}
