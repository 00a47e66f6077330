// Which character parts the fields of a table: the one that gives most rows the same number of fields, more than one.
import { parse } from "csv-parse/sync";

export const DELIMITERS = [",", ";", "\t", "|"] as const;
export type Delimiter = (typeof DELIMITERS)[number];

const ROWS = 100;
/** How Excel names it, as the first line of a file. */
const NAMED = /^sep=([,;\t|])\r?\n/i;

/**
 * @param sample the beginning of the text
 * @returns the delimiter, and how many characters of the text only say which it is. A comma where there is one column
 */
export function delimiterOf(sample: string, isCut: boolean): { delimiter: Delimiter; skip: number } {
  const [line = "", named] = NAMED.exec(sample) ?? [];
  if (named !== undefined) return { delimiter: named as Delimiter, skip: line.length };
  const rated = DELIMITERS.map((delimiter) => ({ delimiter, rating: rate(sample, delimiter, isCut) }));
  const best = rated.reduce((one, other) => (other.rating > one.rating ? other : one));
  return { delimiter: best.rating > 0 ? best.delimiter : ",", skip: 0 };
}

/** The share of rows that have as many fields as most have, and a little for each field. */
function rate(sample: string, delimiter: Delimiter, isCut: boolean): number {
  const counts = new Map<number, number>();
  const rows = fieldCounts(sample, delimiter);
  // The last row of a part ends somewhere.
  for (const fields of isCut && rows.length > 1 ? rows.slice(0, -1) : rows)
    counts.set(fields, (counts.get(fields) ?? 0) + 1);
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const [[fields, count] = [1, 0]] = [...counts].toSorted(([, one], [, other]) => other - one);
  return fields > 1 ? count / total + Math.min(fields, 50) / 1_000 : 0;
}

function fieldCounts(sample: string, delimiter: Delimiter): number[] {
  const rows: number[] = [];
  try {
    parse(sample, {
      ...{ delimiter, to: ROWS, relax_quotes: true, relax_column_count: true, skip_empty_lines: true },
      on_record: (record: string[]) => {
        rows.push(record.length);
        return null;
      },
    });
  } catch {
    // A quote that the sample cuts: the rows before it were counted.
  }
  return rows;
}
