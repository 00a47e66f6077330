// Whether the first row of a table names its columns.
import type { ColumnSummary } from "./column-summary.ts";
import { readValue } from "./value-kind.ts";

/** `assumed`: it may as well be a row like the others, because all columns are texts. */
export type Header = "found" | "assumed" | "none";

/** @param rest of the rows behind the first */
export function headerOf(first: string[], rest: ColumnSummary[]): Header {
  const names = first.map((field) => field.trim()).filter((name) => name !== "");
  const areNames = names.every((name) => readValue(name, true).kind === "text");
  if (names.length === 0 || !areNames || new Set(names).size < names.length) return "none";
  const differs = rest.some(({ type }, index) => isTelling(type) && first[index]?.trim());
  if (differs) return "found";
  // A column of texts in which the first one comes again is no name of theirs.
  const comesAgain = rest.some(({ most_frequent }, index) =>
    most_frequent?.some(({ value }) => value === first[index]?.trim()),
  );
  return comesAgain ? "none" : "assumed";
}

const isTelling = (type: ColumnSummary["type"]) => !["text", "mixed", "empty"].includes(type);
