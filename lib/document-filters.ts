// What of moleculer-db's filters is the same on every store: the order that is asked for, and the search for a text.
import type { Filters } from "./ports/document-adapter.ts";
import type { Document } from "./ports/documents.ts";

export function orderOf({ sort }: Filters): [field: string, direction: 1 | -1][] {
  const fields = typeof sort === "string" ? sort.split(/[,\s]+/) : (sort ?? []);
  return fields
    .filter((field) => field !== "")
    .map((field) => (field.startsWith("-") ? [field.slice(1), -1] : [field, 1]));
}

/** Those of the found that have the text in one of their values. */
export function searched<T extends Document>(found: T[], { search, searchFields }: Filters): T[] {
  if (!search) return found;
  const wanted = search.toLowerCase();
  const names = typeof searchFields === "string" ? searchFields.split(/[,\s]+/) : searchFields;
  return found.filter((document) =>
    Object.entries(document).some(
      ([field, value]) => (!names || names.includes(field)) && String(value).toLowerCase().includes(wanted),
    ),
  );
}
