// The move itself, step by step: each is safe to repeat, so that one that was broken off is simply begun again.
import { beginMove, finishMove, readMove } from "../../lib/cluster/postgres/move-mark.ts";
import type { EmbeddedExport } from "../../lib/embedded/export/open-export.ts";
import { markMoved } from "../../lib/embedded/moved.ts";
import type { Texts } from "../terminal/texts.ts";
import { copyDocuments } from "./copy-documents.ts";
import { copyEvents } from "./copy-events.ts";
import { copyObjects, fileObjects } from "./copy-objects.ts";
import { copySettings } from "./copy-settings.ts";
import { copyTables } from "./copy-tables.ts";
import { nextSteps } from "./next-steps.ts";
import { Progress } from "./progress.ts";
import type { Settings } from "./settings.ts";
import { openSource, sideOf } from "./source.ts";
import { fingerprintOf, survey } from "./survey.ts";
import { contentsOf, makeTables, openTarget, type Target } from "./target.ts";
import { verify } from "./verify.ts";

/** @throws Error in words; what was moved until then stays, and the cluster does not start on it */
export async function move(settings: Settings, texts: Texts): Promise<void> {
  const opened = new AsyncDisposableStack();
  try {
    const source = await openSource(settings.home, texts);
    opened.defer(() => source.close());
    const target = await openTarget(settings.cluster);
    opened.defer(() => target.close());
    const proof = await moveInto(target, source, texts);
    // Last, so that until then it can be begun again.
    markMoved(settings.home, new Date().toISOString());
    say(`${proof}\n\n${nextSteps(settings, texts)}`);
  } finally {
    await opened.disposeAsync();
  }
}

/** @returns what was moved, as a table for people */
async function moveInto(target: Target, source: EmbeddedExport, texts: Texts): Promise<string> {
  const { migrate } = texts;
  const before = await readMove(target.postgres);
  const names = source.rows.tables();
  if (!before) {
    const contents = await contentsOf(target, names);
    if (contents.length > 0) throw new Error(migrate.notEmpty(contents.join(", ")));
  }
  const tables = await makeTables(target, names);
  const unknown = names.filter((name) => !tables.has(name));
  if (unknown.length > 0) throw new Error(migrate.unknownTables(unknown.join(", ")));
  if (!target.store && (await hasFiles(source))) throw new Error(migrate.noS3);
  say(migrate.reading);
  const runs = source.events.runs(Date.now());
  const fingerprint = fingerprintOf(await survey(sideOf(source), tables, runs));
  if (before && before.source !== fingerprint) throw new Error(migrate.otherMove);
  if (before?.finished_at) return migrate.doneBefore;
  if (before) say(migrate.goesOn);
  await beginMove(target.postgres, fingerprint);
  const progress = new Progress(texts);
  await copyTables(sideOf(source), target, tables, progress);
  await copyDocuments(sideOf(source), target, progress, texts);
  await copySettings(source, target, progress);
  await copyEvents(source, target, runs, progress);
  if (source.objects) await copyObjects(source.objects, target.store, progress);
  say(migrate.comparing);
  const proof = await verify(source, target, tables, texts);
  await finishMove(target.postgres, fingerprint);
  return proof;
}

async function hasFiles({ objects }: EmbeddedExport): Promise<boolean> {
  for await (const page of fileObjects(objects)) return page.length > 0;
  return false;
}

function say(words: string): void {
  process.stdout.write(`${words}\n`);
}
