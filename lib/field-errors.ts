// What does not fit a schema, field by field, as a person or a model can act on it: the one place where zod's issues become words.
// What a schema says itself (`"must be an e-mail address"`) is kept.
import type { z } from "zod";
import { headOf } from "./cut-text.ts";
import type { FieldError } from "./errors.ts";
import { wordsOf } from "./schema-words.ts";

/** Faults that are named; of more the first ones are told, so that an answer stays small. */
const NAMED_FAULTS = 50;
const MAX_WORDS = 300;

/** A value that fits, with its defaults filled in, or what is wrong with it. */
export type Checked<T> = { ok: true; data: T } | { ok: false; faults: FieldError[] };

/** The value as the schema makes it, or the fields at fault, with dotted paths; at least one. */
export function checkFields<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
): Checked<z.output<Schema>> {
  const result = schema.safeParse(value, { error: wordsOf });
  if (result.success) return { ok: true, data: result.data };
  return { ok: false, faults: telling(result.error.issues).flatMap(faultsOf).slice(0, NAMED_FAULTS) };
}

/** Of what is no list the length is no fault of its own, and a pattern says less than the format that it spells out. */
function telling(issues: z.core.$ZodIssue[]): z.core.$ZodIssue[] {
  const at = (issue: z.core.$ZodIssue) => issue.path.join(".");
  const ofWrongType = new Set(issues.filter(({ code }) => code === "invalid_type").map(at));
  const ofWrongFormat = new Set(issues.filter((issue) => isFormat(issue) && !isPattern(issue)).map(at));
  return issues.filter(
    (issue) =>
      (issue.code === "invalid_type" || !ofWrongType.has(at(issue))) &&
      (!isPattern(issue) || !ofWrongFormat.has(at(issue))),
  );
}

const isFormat = ({ code }: z.core.$ZodIssue) => code === "invalid_format";
const isPattern = (issue: z.core.$ZodIssue) => issue.code === "invalid_format" && issue.format === "regex";

/** zod reports unknown keys at their object, all in one. */
function faultsOf(issue: z.core.$ZodIssue): FieldError[] {
  const keys = issue.code === "unrecognized_keys" ? issue.keys.slice(0, NAMED_FAULTS) : [];
  const paths = keys.length > 0 ? keys.map((key) => [...issue.path, key]) : [issue.path];
  return paths.map((path) => ({ path: short(path.join(".")), message: short(issue.message) }));
}

/** What lies in a field of the request, with paths of the request. */
export function faultsUnder(field: string, faults: FieldError[]): FieldError[] {
  return faults.map(({ path, message }) => ({ path: path === "" ? field : `${field}.${path}`, message }));
}

/** All of it in one line, for a model. */
export function inWords(faults: FieldError[]): string {
  return faults.map(({ path, message }) => `${path || "arguments"}: ${message}`).join("; ");
}

const short = (text: string) => (text.length <= MAX_WORDS ? text : `${headOf(text, MAX_WORDS)}…`);
