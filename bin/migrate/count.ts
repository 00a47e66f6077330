// `--dry-run`: what would be moved, as numbers. Looks at the data folder only.
import { coloursFor } from "../terminal/colours.ts";
import { inColumns } from "../terminal/columns.ts";
import type { Texts } from "../terminal/texts.ts";
import { fileObjects } from "./copy-objects.ts";
import { COLLECTIONS } from "./known-stores.ts";
import { openSource } from "./source.ts";
import { EVENTS, OBJECTS, SETTINGS } from "./survey.ts";

/** @throws Error in words for a folder that could not be moved */
export async function count(home: string, texts: Texts): Promise<void> {
  const { rows, events, config, objects, close } = await openSource(home, texts);
  let files = 0;
  for await (const page of fileObjects(objects)) files += page.length;
  const counts: [string, number][] = [
    ...rows.tables().map((table): [string, number] => [table, rows.count(table)]),
    ...COLLECTIONS.map((spec): [string, number] => [spec.name, rows.countDocuments(spec)]),
    [SETTINGS, (await config.history()).length],
    [OBJECTS, files],
    [EVENTS, events.runs(Date.now()).length],
  ];
  await close();
  const cells = counts.map(([name, many]) => [name, String(many)]);
  const columns = process.stdout.columns ?? Number.POSITIVE_INFINITY;
  const lines = inColumns(texts.migrate.heads.slice(0, 2), cells, columns, coloursFor(process.stdout));
  process.stdout.write(`${lines.join("\n")}\n${texts.migrate.nothingMoved}\n`);
}
