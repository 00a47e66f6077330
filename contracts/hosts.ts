// Hosts that a call sends data to, and the patterns by which a user allows them. Names are compared in the one spelling that
// the URL standard gives them: lower case, punycode, no dot at the end, IPv4 in four decimals, IPv6 without brackets.
import { z } from "zod";

/** Any host: in a rule "wherever it sends", in a call "it cannot say where". */
export const ANY_HOST = "*";

/**
 * The host of a URL (any scheme with `//`) or of a bare host name, in its one spelling.
 * @returns undefined for what is neither
 */
export function hostOf(text: string): string | undefined {
  const isUrl = text.includes("://");
  // Of an unknown scheme the host is text to the URL standard: read as http it gets its one spelling.
  const url = URL.parse(
    isUrl ? text.replace(/^[^:/]*/, "http") : `http://${isIPv6(text) ? `[${text}]` : text}`,
  );
  if (url === null || url.hostname === "") return undefined;
  if (!isUrl && (url.port !== "" || url.username !== "" || url.pathname !== "/" || /[/?#@]/.test(text)))
    return undefined;
  return url.hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "");
}

const isIPv6 = (text: string) => /^[0-9a-f:.]*:[0-9a-f:.]*:[0-9a-f:.]*$/i.test(text);

/** `example.com`, `*.example.com` (its sub-domains, not itself) or `*` in the one spelling; undefined for anything else. */
export function patternOf(text: string): string | undefined {
  if (text === ANY_HOST) return text;
  const isWide = text.startsWith("*.");
  const host = hostOf(isWide ? text.slice(2) : text);
  if (host === undefined || host.includes("*") || text.includes("://")) return undefined;
  return isWide ? `*.${host}` : host;
}

/** Whether a pattern names this host; both in the one spelling. */
export function namesHost(pattern: string, host: string): boolean {
  if (pattern === ANY_HOST || pattern === host) return true;
  return pattern.startsWith("*.") && host !== ANY_HOST && host.endsWith(pattern.slice(1));
}

export const hostPattern = z
  .string()
  .min(1)
  .max(260)
  .overwrite((text) => patternOf(text) ?? text)
  .refine(
    (text) => patternOf(text) !== undefined,
    'must be a host such as "example.com", "*.example.com" for what is below it, or "*" for all',
  );

/** Where one call may send, decided before it runs. Patterns in their one spelling. */
export const reach = z.strictObject({
  /** Hosts its arguments name: asked about, or allowed. */
  asked: z.array(z.string()),
  /** Patterns that the user's rules allow: what a redirect may lead to. */
  allowed: z.array(z.string()),
  /** Patterns that the user's rules deny or ask about: they win over `allowed`. */
  except: z.array(z.string()),
});
export type Reach = z.infer<typeof reach>;
export const NOWHERE: Reach = { asked: [], allowed: [], except: [] };

/** @param host a host name in any spelling. `asked` may be `*`: the tool could not say where, and was allowed all the same. */
export function mayReach({ asked, allowed, except }: Reach, host: string): boolean {
  const name = hostOf(host);
  if (name === undefined) return false;
  if (asked.includes(name)) return true;
  if (except.some((pattern) => namesHost(pattern, name))) return false;
  return asked.includes(ANY_HOST) || allowed.some((pattern) => namesHost(pattern, name));
}
