// Whether a document fulfils the condition of a compare-and-set: plain values at once, operators by mingo.
import type { Condition, Document } from "../../ports/documents.ts";
import { Query } from "./query.ts";

export function fulfils(document: Document, condition: Condition): boolean {
  const rest: Condition = {};
  let isPlain = true;
  for (const [field, wanted] of Object.entries(condition)) {
    if (wanted === null || typeof wanted !== "object") {
      if (!same(fieldOf(document, field), wanted)) return false;
    } else {
      rest[field] = wanted;
      isPlain = false;
    }
  }
  return isPlain || new Query(rest).test(document);
}

/** As in MongoDB, null is fulfilled by a field that is missing. */
function same(actual: unknown, wanted: unknown): boolean {
  return wanted === null ? actual === null || actual === undefined : actual === wanted;
}

function fieldOf(document: Document, field: string): unknown {
  if (!field.includes(".")) return (document as Record<string, unknown>)[field];
  let value: unknown = document;
  for (const part of field.split(".")) value = (value as Record<string, unknown> | null | undefined)?.[part];
  return value;
}
