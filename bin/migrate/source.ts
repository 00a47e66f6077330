// The data folder that is moved: nobody else uses it meanwhile, and it stays as it is.
import type { RunId } from "../../contracts/ids.ts";
import { verifyAudit } from "../../lib/audit/chain.ts";
import { convertedRow } from "../../lib/cluster/postgres/import-tables.ts";
import { type EmbeddedExport, openExport } from "../../lib/embedded/export/open-export.ts";
import { isMoved } from "../../lib/embedded/moved.ts";
import type { Texts } from "../terminal/texts.ts";
import { fileObjects } from "./copy-objects.ts";
import { requireThisVersion } from "./known-stores.ts";
import type { Side } from "./survey.ts";

/** @throws Error in words: moved already, in use, damaged, tampered with, of another version */
export async function openSource(home: string, texts: Texts): Promise<EmbeddedExport> {
  const { migrate } = texts;
  if (isMoved(home)) throw new Error(migrate.movedBefore(home));
  const opened = openExport(home);
  try {
    requireThisVersion(opened.rows, home, texts);
    const { faults } = await verifyAudit(opened.audit, [], opened.seals);
    if (faults[0] !== undefined) throw new Error(migrate.tampered(texts.said(faults[0])));
    return opened;
  } catch (thrown) {
    await opened.close();
    throw thrown;
  }
}

export function sideOf({ rows, events, config, objects }: EmbeddedExport): Side {
  return {
    *rows(table, columns) {
      for (const page of rows.rows(table)) yield page.map((row) => convertedRow(table, row, columns));
    },
    documents: (spec) => rows.documents(spec),
    settings: async () => (await config.history()).map(({ document }) => document),
    *events(run: RunId) {
      for (const { bytes } of events.frames(run)) yield bytes;
    },
    objects: () => fileObjects(objects),
  };
}
