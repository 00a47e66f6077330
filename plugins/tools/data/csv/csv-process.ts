// Started by csv_analyzer: looks through one table.
import { HandedFile } from "../../../../lib/apart/handed-file.ts";
import { serveApart } from "../../../../lib/apart/serve-apart.ts";
import { analyzeCsv } from "./analyze-csv.ts";

/** `until`: epoch milliseconds. */
export type CsvTask = { name: string; until: number };

serveApart(({ name, until }: CsvTask) => analyzeCsv(new HandedFile(name), until));
