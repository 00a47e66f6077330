// csv_analyzer: what is in a table.
import { z } from "zod";
import { runApart } from "../../../lib/apart/run-apart.ts";
import { fileResult } from "../../../lib/files/file-problem.ts";
import { defineTool } from "../../../lib/tools/define-tool.ts";
import { pathArgument } from "../files/workspace/arguments.ts";
import { openFile } from "../files/workspace/open-file.ts";
import type { CsvSummary } from "./csv/analyze-csv.ts";
import type { CsvTask } from "./csv/csv-process.ts";

const MODULE = new URL("./csv/csv-process.ts", import.meta.url);
/** Before the deadline, so that what was seen by then can be said. */
const RESERVE_MS = 5_000;

export default defineTool({
  name: "csv_analyzer",
  description:
    "Looks through a whole table of text (CSV, TSV; separated by comma, semicolon, tab or |) of any size and any usual encoding: rows, and of each column type, count, nulls, min, max, mean, distinct and most frequent values. `header` says whether the first row names the columns, `ragged_rows` which rows have too many or too few fields. Empty fields, NA, null, none, nan and - count as nulls; numbers with leading zeros or more than 15 digits as text. At most 200 columns are described.",
  category: "data",
  risk: "read",
  runsOn: "node",
  idempotent: true,
  timeoutMs: 120_000,
  parameters: z.strictObject({ path: pathArgument("The table") }),
  execute: ({ path }, { signal, deadlineAt, ...access }) =>
    fileResult(path, async () => {
      await using file = await openFile({ signal, ...access }, path);
      const task: CsvTask = { name: file.path, until: deadlineAt - RESERVE_MS };
      const descriptors = [file.handle.fd];
      const summary = await runApart<CsvSummary>({ module: MODULE, task, descriptors, signal, deadlineAt });
      return { path: file.path, bytes: file.stats.size, ...summary };
    }),
});
