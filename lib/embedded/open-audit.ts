// The audit trail of a data folder for reading only, also beside the server that writes it.
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { AuditRows } from "../ports/audit.ts";
import { AuditTable } from "./audit-table.ts";
import { Store } from "./store.ts";

export type OpenAudit = { trail: AuditRows; close(): Promise<void> };

/** @throws Error in words for a person when the folder has no database */
export function openAudit(home: string): OpenAudit {
  const file = join(home, "macjarvis.db");
  if (!existsSync(file))
    throw new Error(`${home} holds no database: set MACJARVIS_HOME to the server's data folder.`);
  const store = new Store(file, { readOnly: true });
  return { trail: new AuditTable(store), close: () => store.close() };
}
