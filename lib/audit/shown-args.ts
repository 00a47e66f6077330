// What an audit entry says of a call's arguments: a hash that binds them exactly, and as much of them as a reader needs, without
// what looks like a secret (G21).
import { hashOf } from "../canonical-json.ts";
import { headOf } from "../cut-text.ts";
import { MASK, maskSecrets, namesSecret } from "../system/mask-secrets.ts";

/** Characters of a string, and of the whole as JSON, that are shown. */
const LONGEST_STRING = 300;
const LONGEST = 2_000;

/** Characters behind the shown ones that may tell that those are the beginning of a secret. */
const OVERLAP = 200;

/** `args`: shortened and masked, absent when it would be too much; `args_sha256`: 64 hex digits over all of them. */
export type ShownArgs = { args?: unknown; args_sha256: string };

/** Several entries tell of the same call, and its arguments may be long. */
const known = new WeakMap<object, ShownArgs>();

/**
 * @param args never changed by anybody
 * @returns `args_sha256` over the canonical JSON of `args` (lib/canonical-json.ts); `args` is left out when too much is in it
 */
export function shownArgs(args: unknown): ShownArgs {
  if (typeof args !== "object" || args === null) return show(args);
  const shown = known.get(args) ?? show(args);
  known.set(args, shown);
  return shown;
}

function show(args: unknown): ShownArgs {
  const shown = shortened(args);
  const fits = (JSON.stringify(shown) ?? "").length <= LONGEST;
  return { ...(fits ? { args: shown } : {}), args_sha256: hashOf(args) };
}

function shortened(value: unknown): unknown {
  if (typeof value === "string") return shortText(value);
  if (Array.isArray(value)) return value.map((part, index) => shortenedAt(value[index - 1], part));
  if (typeof value !== "object" || value === null) return value;
  // `{"name": "API_KEY", "value": …}`
  const isNamed = "name" in value && typeof value.name === "string" && namesSecret(value.name);
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [
      shortText(key),
      namesSecret(key) || (isNamed && key === "value") ? masked(part) : shortened(part),
    ]),
  );
}

/** `["--password", …]` */
function shortenedAt(before: unknown, part: unknown): unknown {
  return typeof before === "string" && before.startsWith("-") && namesSecret(before)
    ? masked(part)
    : shortened(part);
}

function masked(value: unknown): unknown {
  return value === null || typeof value === "boolean" ? value : MASK;
}

function shortText(text: string): string {
  const isCut = text.length > LONGEST_STRING + OVERLAP;
  const shown = maskSecrets(isCut ? text.slice(0, LONGEST_STRING + OVERLAP) : text);
  if (text.length <= LONGEST_STRING) return shown;
  const end = Math.min(LONGEST_STRING, isCut ? Math.max(0, shown.length - OVERLAP) : shown.length);
  return `${headOf(shown, end)}… (${text.length} characters)`;
}
