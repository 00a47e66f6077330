// Looks through a table row by row, whatever its size, and says what is in each column. Runs in a process of its own.
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type CsvError, parse } from "csv-parse";
import type { HandedFile } from "../../../../lib/apart/handed-file.ts";
import { ToolFailure } from "../../../../lib/tools/tool-failure.ts";
import { type BytesDecoder, decoderOf } from "../../files/workspace/encoding/stream-decoder.ts";
import { Column, type ColumnSummary } from "./column-summary.ts";
import { delimiterOf } from "./delimiter.ts";
import { type Header, headerOf } from "./header.ts";

export type CsvSummary = {
  encoding: string;
  delimiter: string;
  header: Header;
  /** Without the header. */
  rows: number;
  column_count: number;
  columns: ColumnSummary[];
  /** Rows with more or fewer fields than the first row has. */
  ragged_rows: { count: number; first: { line: number; fields: number }[] };
  /** It ended before the file did: its time was over, or `problem` says why. */
  truncated: boolean;
  problem?: string;
};

const SAMPLE = 65_536;
const PIECE = 65_536;
const MOST_COLUMNS = 200;
const LARGEST_ROW = 1_000_000;
const RAGGED_SHOWN = 5;

/** @param until epoch milliseconds, when it stops @throws ToolFailure `binary`, `no_text` */
export async function analyzeCsv(file: HandedFile, until: number): Promise<CsvSummary> {
  if (file.size === 0) throw new ToolFailure("no_text", "The file is empty.");
  const { encoding, begin } = await decoderOf(file);
  const sample = (await decoderOf(file)).write(file.read(begin, SAMPLE));
  const { delimiter, skip } = delimiterOf(sample, file.size > begin + SAMPLE);
  const table = new Table(delimiter !== ",");
  let isLate = false;
  const pieces = function* (decoder: BytesDecoder) {
    let toSkip = skip;
    for (let at = begin; at < file.size && !isLate; at += PIECE) {
      yield decoder.write(file.read(at, PIECE)).slice(toSkip);
      toSkip = 0;
      isLate = Date.now() > until;
    }
    yield decoder.end();
  };
  const parser = parse({
    ...{ delimiter, relax_quotes: true, relax_column_count: true, skip_empty_lines: true },
    max_record_size: LARGEST_ROW,
    on_record: (record: string[], { lines }) => {
      table.add(record, lines);
      return null;
    },
  });
  const problem = await pipeline(Readable.from(pieces(await decoderOf(file))), parser.resume()).then(
    () => undefined,
    (error: unknown) => problemOf(error, table.rows),
  );
  return {
    ...{ encoding, delimiter: delimiter === "\t" ? "tab" : delimiter },
    ...table.summary(),
    truncated: isLate || problem !== undefined,
    ...(problem === undefined ? {} : { problem }),
  };
}

function problemOf(error: unknown, rows: number): string {
  const { code } = error as CsvError;
  if (code === "CSV_QUOTE_NOT_CLOSED" || code === "CSV_MAX_RECORD_SIZE")
    return `Behind row ${rows} a quoted field is not closed (or a row has more than ${LARGEST_ROW} characters); the rows before it are counted.`;
  throw error;
}

class Table {
  readonly #hasDecimalComma: boolean;
  readonly #columns: Column[] = [];
  readonly #ragged: CsvSummary["ragged_rows"] = { count: 0, first: [] };
  #first: string[] | undefined;
  #widest = 0;
  /** Rows that are in the columns. */
  #added = 0;

  constructor(hasDecimalComma: boolean) {
    this.#hasDecimalComma = hasDecimalComma;
  }

  get rows(): number {
    return this.#added + (this.#first ? 1 : 0);
  }

  /** @param line where the row ends, from 1 */
  add(row: string[], line: number): void {
    this.#widest = Math.max(this.#widest, row.length);
    // Whether it is one of the rows is told by those behind it.
    if (!this.#first) this.#first = row;
    else {
      if (row.length !== this.#first.length) this.#addRagged(row.length, line);
      this.#addRow(row);
    }
  }

  summary(): Pick<CsvSummary, "header" | "rows" | "column_count" | "columns" | "ragged_rows"> {
    const first = this.#first ?? [];
    const header = headerOf(first, this.#summaries([]));
    if (header === "none") this.#addRow(first);
    return {
      ...{ header, rows: this.#added, column_count: this.#widest },
      columns: this.#summaries(header === "none" ? [] : first),
      ragged_rows: this.#ragged,
    };
  }

  #addRow(row: string[]): void {
    const width = Math.min(MOST_COLUMNS, Math.max(row.length, this.#columns.length));
    for (let index = 0; index < width; index += 1) {
      this.#columns[index] ??= new Column(this.#added);
      const field = row[index];
      if (field === undefined) this.#columns[index]?.addNulls(1);
      else this.#columns[index]?.add(field, this.#hasDecimalComma);
    }
    this.#added += 1;
  }

  #addRagged(fields: number, line: number): void {
    this.#ragged.count += 1;
    if (this.#ragged.first.length < RAGGED_SHOWN) this.#ragged.first.push({ line, fields });
  }

  #summaries(names: string[]): ColumnSummary[] {
    const count = Math.min(MOST_COLUMNS, Math.max(this.#columns.length, names.length));
    return Array.from({ length: count }, (_column, index) => {
      const name = names[index]?.trim().slice(0, 200) || `column ${index + 1}`;
      return (this.#columns[index] ?? new Column(this.#added)).summary(name);
    });
  }
}
