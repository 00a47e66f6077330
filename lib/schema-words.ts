// zod's issues in words that say what is right, with an example where a word is not enough. Used by field-errors.ts.
import type { z } from "zod";

type Issue = z.core.$ZodRawIssue;

/** Values of a choice that are named. */
const NAMED_VALUES = 20;
/** Characters of a pattern that are still worth reading. */
const READABLE_PATTERN = 60;

/** What is right at the place of the issue, to be read after its name: "must be …", "is missing". */
export function wordsOf(issue: Issue): string {
  switch (issue.code) {
    case "invalid_type":
      return typeWords(issue.expected, issue.input);
    case "invalid_value":
      return choiceWords(issue.values, issue.input);
    case "too_small":
      return sizeWords(issue.origin, issue.minimum, issue.exact ? "exactly" : "at least", issue.inclusive);
    case "too_big":
      return sizeWords(issue.origin, issue.maximum, issue.exact ? "exactly" : "at most", issue.inclusive);
    case "invalid_format":
      return formatWords(issue);
    case "not_multiple_of":
      return `must be a multiple of ${issue.divisor}`;
    case "unrecognized_keys":
      return "is not known here";
    case "invalid_union":
      return unionWords(issue);
    case "invalid_key":
      return `has a name that ${issue.issues[0]?.message ?? "is not allowed"}`;
    case "invalid_element":
      return `has an entry that ${issue.issues[0]?.message ?? "is not allowed"}`;
    default:
      return "is not right";
  }
}

const TYPES: Record<string, string> = {
  string: 'text, like "example"',
  number: "a number, like 10",
  int: "a whole number, like 10",
  boolean: "true or false",
  array: 'a list, like ["example"]',
  tuple: 'a list, like ["example"]',
  set: 'a list, like ["example"]',
  object: 'an object, like {"name": "value"}',
  record: 'an object, like {"name": "value"}',
  map: 'an object, like {"name": "value"}',
  null: "null",
  bigint: "a whole number, like 10",
  date: "a date, like 2026-01-31",
  never: "left out",
  undefined: "left out",
};
/** What is often sent as text instead of as itself. */
const UNQUOTED = new Set(["number", "int", "boolean", "array", "object", "record", "null"]);

function typeWords(expected: string, input: unknown): string {
  if (input === undefined) return "is missing";
  const words = TYPES[expected];
  if (words === undefined) return "has a type that is not allowed";
  const quoted = typeof input === "string" && UNQUOTED.has(expected) ? ", without quotes" : "";
  return `must be ${words}${quoted}`;
}

function choiceWords(values: z.core.util.Primitive[], input: unknown): string {
  if (input === undefined) return "is missing";
  const named = values.slice(0, NAMED_VALUES).map(valueWords);
  if (named.length === 1) return `must be ${named[0]}`;
  return `must be one of ${named.join(", ")}${values.length > NAMED_VALUES ? ", …" : ""}`;
}

const valueWords = (value: z.core.util.Primitive): string =>
  typeof value === "string" ? JSON.stringify(value) : String(value);

const COUNTED: Record<string, [one: string, more: string]> = {
  string: ["character", "characters"],
  array: ["entry", "entries"],
  set: ["entry", "entries"],
  map: ["entry", "entries"],
  object: ["field", "fields"],
  record: ["field", "fields"],
  file: ["byte", "bytes"],
};

function sizeWords(
  origin: string,
  limit: number | bigint,
  how: "exactly" | "at least" | "at most",
  inclusive: boolean | undefined,
): string {
  const counted = COUNTED[origin];
  if (counted) {
    if (how === "at least" && Number(limit) === 1) return "must not be empty";
    return `must have ${how} ${limit} ${counted[Number(limit) === 1 ? 0 : 1]}`;
  }
  if (origin === "date") return `must be ${how === "at least" ? "later" : "earlier"}`;
  // Numbers that JavaScript cannot tell from their neighbours.
  if (Math.abs(Number(limit)) >= Number.MAX_SAFE_INTEGER)
    return "is a number beyond what can be counted here";
  if (inclusive === false) return `must be ${how === "at least" ? "more" : "less"} than ${limit}`;
  return `must be ${how} ${limit}`;
}

const FORMATS: Record<string, string> = {
  email: "an e-mail address, like you@example.com",
  url: "a web address, like https://example.com",
  datetime: "a date and time in UTC, like 2026-01-31T12:00:00Z",
  date: "a date, like 2026-01-31",
  time: "a time, like 12:00:00",
  duration: "a duration, like PT15M",
  uuid: "a UUID, like 123e4567-e89b-42d3-a456-426614174000",
  guid: "a UUID, like 123e4567-e89b-42d3-a456-426614174000",
  ipv4: "an IPv4 address, like 192.0.2.1",
  ipv6: "an IPv6 address, like 2001:db8::1",
  cidrv4: "an IPv4 network, like 192.0.2.0/24",
  cidrv6: "an IPv6 network, like 2001:db8::/32",
  mac: "a hardware address, like 00:1a:2b:3c:4d:5e",
  hostname: "a host name, like example.com",
  base64: "Base64, like aGVsbG8=",
  base64url: "Base64url without padding, like aGVsbG8",
  hex: "hexadecimal digits, like 0a1b2c",
  json_string: 'JSON as text, like "{}"',
  e164: "a telephone number, like +4915112345678",
  jwt: "a JSON Web Token",
  emoji: "an emoji",
  lowercase: "in lower case",
  uppercase: "in upper case",
};

function formatWords(issue: Extract<Issue, { code: "invalid_format" }>): string {
  const { format, pattern, prefix, suffix, includes } = issue as typeof issue & Record<string, unknown>;
  const words = FORMATS[format];
  if (words !== undefined) return `must be ${words}`;
  if (format === "starts_with") return `must begin with ${JSON.stringify(prefix)}`;
  if (format === "ends_with") return `must end with ${JSON.stringify(suffix)}`;
  if (format === "includes") return `must contain ${JSON.stringify(includes)}`;
  const shown = String(pattern ?? "");
  if (format === "regex" && shown !== "" && shown.length <= READABLE_PATTERN) return `must fit ${shown}`;
  return "does not have the form that is asked for here";
}

/** Each way in which it could be right; for an object told apart by a field, the values of that. */
function unionWords(issue: Extract<Issue, { code: "invalid_union" }>): string {
  if (issue.input === undefined) return "is missing";
  const { options } = issue as { options?: z.core.util.Primitive[] };
  if (options) return choiceWords(options, issue.input);
  const ways = issue.errors
    .map(
      ([first]) =>
        first && (first.path.length === 0 ? first.message : `${first.path.join(".")} ${first.message}`),
    )
    .filter((way) => way !== undefined);
  const distinct = [...new Set(ways)];
  return distinct.length === 0 ? "fits nothing that is allowed here" : distinct.join(", or ");
}
