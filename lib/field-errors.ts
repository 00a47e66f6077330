// What does not fit a schema, field by field, as a client or a model can act on it.
import type { z } from "zod";
import { headOf } from "./cut-text.ts";
import type { FieldError } from "./errors.ts";

/** Faults that are named; of more the first ones are told, so that an answer stays small. */
const NAMED_FAULTS = 50;
const MAX_WORDS = 300;

/** The fields at fault, with dotted paths. */
export function fieldErrors(error: z.ZodError): FieldError[] {
  return error.issues.flatMap(faultsOf).slice(0, NAMED_FAULTS);
}

/** zod reports unknown keys at their object, all in one. */
function faultsOf(issue: z.core.$ZodIssue): FieldError[] {
  if (issue.code !== "unrecognized_keys")
    return [{ path: short(issue.path.join(".")), message: short(wordsOf(issue)) }];
  return issue.keys
    .slice(0, NAMED_FAULTS)
    .map((key) => ({ path: short([...issue.path, key].join(".")), message: "is not known here" }));
}

function wordsOf({ code, message }: z.core.$ZodIssue): string {
  return code === "invalid_type" && message.endsWith("received undefined") ? "is missing" : message;
}

/** What lies in a field of the request, with paths of the request. */
export function faultsUnder(field: string, faults: FieldError[]): FieldError[] {
  return faults.map(({ path, message }) => ({ path: path === "" ? field : `${field}.${path}`, message }));
}

const short = (text: string) => (text.length <= MAX_WORDS ? text : `${headOf(text, MAX_WORDS)}…`);
