// Texts and values that mean harm, and the arguments of a tool with each of them in each place where a text or a number may stand.
import { type JsonSchema, plain } from "./wrong-values.ts";

/** A file of this name anywhere is proof that something was run. */
export const PROOF = "pwned";

/** @param outside a file that no tool may see */
export const hostileTexts = (outside: string): string[] => [
  ...[
    outside,
    `../${outside}`,
    "../../../../../../etc/passwd",
    "/etc/passwd",
    "way-out/canary.txt",
    "~root/.ssh/id_rsa",
  ],
  ...[
    "..\\..\\canary",
    "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "file:///etc/passwd",
    "/proc/self/environ",
    "/dev/zero",
  ],
  ...["-rf", "--help", "--output=pwned", "-o", "-", "--", "@pwned", "--upload-pack=touch pwned"],
  ...[
    "; touch pwned",
    "$(touch pwned)",
    "`touch pwned`",
    "| touch pwned",
    "&& touch pwned",
    "x\ntouch pwned\n",
    "\r\n",
  ],
  ...[
    '" & (do shell script "touch pwned") & "',
    "'); $.system('touch pwned'); ('",
    "'; touch pwned; '",
    '\\"; touch pwned #',
  ],
  ...[
    "\u202Etxt.exe",
    "\u2066x\u2069",
    "\uFF0E\uFF0E\uFF0Fetc",
    "\u0430dmin",
    "a\u0301\u0301\u0301",
    "\uFEFF",
    "\u0007\u001b[31m",
  ],
  ...["{{secret:TOKEN}}", "%s%n%x", "(a+)+$", "__proto__", "constructor"],
];

/** What no argument of a tool may have anywhere. */
export const UNFIT_TEXTS = ["with\0nul", "/tmp/x\0.txt", "half \ud800 a character", "\udc00"];

export const HOSTILE_NUMBERS = [
  ...[Number.NaN, Number.POSITIVE_INFINITY, -Number.POSITIVE_INFINITY, 1e308, -1e308, -1, -0.5, 0.1],
  ...[Number.MAX_SAFE_INTEGER + 2, -2_147_483_649],
];

/** As a parser of JSON makes them: names of their own, not prototypes. */
export const HOSTILE_KEYS: Record<string, unknown>[] = [
  '{"__proto__":{"polluted":true}}',
  '{"constructor":{"prototype":{"polluted":true}}}',
  '{"prototype":{"polluted":true}}',
  '{"toString":"x","hasOwnProperty":1,"valueOf":null}',
  '{"":1}',
].map((text) => JSON.parse(text) as Record<string, unknown>);

/** The value with one of `values` in each place of this kind, at every depth; the rest of it as `given` says, or plain. */
export function everyPlace(
  schema: JsonSchema,
  kind: "text" | "number",
  values: readonly unknown[],
  given: Record<string, unknown> = {},
): unknown[] {
  const isText = schema.type === "string" && !schema.enum && schema.const === undefined;
  const isNumber = schema.type === "number" || schema.type === "integer";
  const here = kind === "text" ? isText : isNumber;
  const found: unknown[] = here ? [...values] : [];
  for (const way of schema.anyOf ?? []) found.push(...everyPlace(way, kind, values));
  if (schema.items) for (const value of everyPlace(schema.items, kind, values)) found.push([value]);
  const whole = { ...(plain(schema) as object), ...given };
  for (const [name, property] of Object.entries(schema.properties ?? {}))
    for (const value of everyPlace(property, kind, values)) found.push({ ...whole, [name]: value });
  if (typeof schema.additionalProperties === "object")
    for (const value of everyPlace(schema.additionalProperties, kind, values)) found.push({ name: value });
  return found;
}
