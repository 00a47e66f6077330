// What a login was opened from, as a person knows it: what browsers say of themselves names several others (RFC 9110, User-Agent).
import { LOGINS } from "../texts/settings.ts";

const BROWSERS = [
  ["Edge", /\bEdgA?\//],
  ["Opera", /\bOPR\//],
  ["Firefox", /\b(?:Firefox|FxiOS)\//],
  ["Chrome", /\b(?:Headless)?(?:Chrome|CriOS)\//],
  ["Safari", /\bSafari\//],
] as const;
const SYSTEMS = [
  ["iPhone", /\biPhone\b/],
  ["iPad", /\biPad\b/],
  ["Android", /\bAndroid\b/],
  ["macOS", /\bMac OS X\b|\bMacintosh\b/],
  ["Windows", /\bWindows\b/],
  ["Linux", /\bLinux\b/],
] as const;

export function programWords(program: string | null): string {
  if (program === null) return LOGINS.unknown();
  const of = (names: readonly (readonly [string, RegExp])[]) =>
    names.find(([, sign]) => sign.test(program))?.[0];
  const [browser, system] = [of(BROWSERS), of(SYSTEMS)];
  if (browser === undefined) return program.slice(0, 60);
  return system === undefined ? browser : LOGINS.browserOn({ browser, system });
}
