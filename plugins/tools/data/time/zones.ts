// Time zones by their names of the IANA (https://www.iana.org/time-zones), or as a fixed distance from UTC.
import { ToolFailure } from "../../../../lib/tools/tool-failure.ts";

/** `+08:00`, `UTC+8`, `GMT-03:30`. */
const OFFSET = /^(?:UTC|GMT)?\s*([+-])(\d{1,2})(?::?(\d{2}))?$/i;
/** Letters by which people call zones: several mean more than one place, and half of the year another one holds. */
const ABBREVIATIONS: Record<string, string[]> = {
  EST: ["America/New_York"],
  EDT: ["America/New_York"],
  CST: ["America/Chicago", "Asia/Shanghai"],
  CDT: ["America/Chicago"],
  MST: ["America/Denver", "America/Phoenix"],
  MDT: ["America/Denver"],
  PST: ["America/Los_Angeles"],
  PDT: ["America/Los_Angeles"],
  HST: ["Pacific/Honolulu"],
  BST: ["Europe/London", "Asia/Dhaka"],
  IST: ["Asia/Kolkata", "Europe/Dublin", "Asia/Jerusalem"],
  CET: ["Europe/Berlin", "Europe/Paris"],
  CEST: ["Europe/Berlin", "Europe/Paris"],
  EET: ["Europe/Athens"],
  WET: ["Europe/Lisbon"],
  MSK: ["Europe/Moscow"],
  JST: ["Asia/Tokyo"],
  KST: ["Asia/Seoul"],
  SGT: ["Asia/Singapore"],
  HKT: ["Asia/Hong_Kong"],
  AEST: ["Australia/Sydney", "Australia/Brisbane"],
  AEDT: ["Australia/Sydney"],
  NZST: ["Pacific/Auckland"],
};
/** Places that have no zone of their own name. */
const PLACES: Record<string, string> = {
  beijing: "Asia/Shanghai",
  shenzhen: "Asia/Shanghai",
  北京: "Asia/Shanghai",
  上海: "Asia/Shanghai",
  香港: "Asia/Hong_Kong",
  台北: "Asia/Taipei",
  东京: "Asia/Tokyo",
  東京: "Asia/Tokyo",
  纽约: "America/New_York",
  伦敦: "Europe/London",
  "san francisco": "America/Los_Angeles",
  seattle: "America/Los_Angeles",
  washington: "America/New_York",
  boston: "America/New_York",
  miami: "America/New_York",
  mumbai: "Asia/Kolkata",
  delhi: "Asia/Kolkata",
  munich: "Europe/Berlin",
  frankfurt: "Europe/Berlin",
};
const SUGGESTED = 5;

/**
 * The zone that a name means, in the spelling of the IANA; a fixed distance as `+08:00`.
 * @throws ToolFailure `unknown_timezone` with names that may be meant
 */
export function readZone(given: string): string {
  const name = given.trim();
  if (/^(UTC|GMT|Z)$/i.test(name)) return "UTC";
  const [, sign, hours = "", minutes = "00"] = OFFSET.exec(name) ?? [];
  if (sign !== undefined && Number(hours) <= 14 && Number(minutes) < 60)
    return `${sign}${hours.padStart(2, "0")}:${minutes}`;
  const meant = ABBREVIATIONS[name.toUpperCase()];
  if (meant) throw unknown(`"${name}" does not name one zone for all of the year`, meant);
  // The engine knows some abbreviations of its own, which mean other things to people.
  const zone = name.includes("/") ? canonical(name.replaceAll(" ", "_")) : undefined;
  if (zone !== undefined) return zone;
  throw unknown(`"${name}" is no time zone`, alike(name));
}

function canonical(name: string): string | undefined {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}

function alike(name: string): string[] {
  const wanted = name.toLowerCase().replaceAll("_", " ");
  const place = PLACES[wanted];
  if (place !== undefined) return [place];
  const city = wanted.slice(wanted.lastIndexOf("/") + 1);
  return Intl.supportedValuesOf("timeZone").filter((zone) =>
    zone.toLowerCase().replaceAll("_", " ").includes(city),
  );
}

function unknown(what: string, zones: string[]): ToolFailure {
  const names = zones.slice(0, SUGGESTED).join(", ");
  const advice =
    names === "" ? "Use an IANA name such as Asia/Shanghai, or an offset such as +08:00" : `Use ${names}`;
  return new ToolFailure("unknown_timezone", `${what}. ${advice}.`);
}
