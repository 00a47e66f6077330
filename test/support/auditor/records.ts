// What the stores hold: documents, tables, the events of each run, the node's journal. Of a data folder it is read here, without the
// product's own code; of a cluster in cluster-records.ts.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

export type Row = Record<string, unknown>;
export type StoredEvent = { id: number; event: string; data: Row; epoch: number };

export type Records = {
  runs: Row[];
  /** By id. */
  calls: Map<string, Row>;
  sessions: Row[];
  pages: Row[];
  ledger: Row[];
  days: Row[];
  holds: number;
  /** Each writer's in the order of its chain. */
  audit: Row[];
  /** Of each run, in the order in which they were written. */
  events: Map<string, StoredEvent[]>;
  /** Lines of the node's journal, by call. */
  journal: Map<string, Row[]>;
};

export function readRecords(home: string): Records {
  const db = new DatabaseSync(join(home, "macjarvis.db"), { readOnly: true });
  try {
    const rows = (sql: string) => db.prepare(sql).all() as Row[];
    const documents = (name: string) =>
      rows(`SELECT body FROM documents_${name}`).map(({ body }) => JSON.parse(String(body)) as Row);
    return {
      runs: documents("runs"),
      calls: new Map(documents("calls").map((call) => [String(call._id), call])),
      sessions: documents("sessions"),
      pages: documents("message_pages"),
      ledger: rows("SELECT * FROM ledger"),
      days: rows("SELECT * FROM usage_days"),
      holds: rows("SELECT run_id FROM holds").length,
      audit: rows("SELECT * FROM audit ORDER BY writer, seq"),
      events: readEvents(join(home, "events")),
      journal: readJournal(join(home, "node")),
    };
  } finally {
    db.close();
  }
}

function readEvents(folder: string): Map<string, StoredEvent[]> {
  const events = new Map<string, StoredEvent[]>();
  for (const name of readdirSync(folder).toSorted()) {
    if (!name.endsWith(".log")) continue;
    const bytes = readFileSync(join(folder, name));
    for (let at = 0; at < bytes.length; ) {
      const end = bytes.indexOf(10, at);
      if (end === -1) break;
      const [run = "", epoch, , , length] = bytes.toString("latin1", at + 1, end).split(" ");
      at = end + 1 + Number(length);
      const frames = bytes
        .toString("utf8", end + 1, at)
        .split("\n\n")
        .filter(Boolean);
      events.set(run, [...(events.get(run) ?? []), ...frames.map((frame) => eventOf(frame, Number(epoch)))]);
    }
  }
  return events;
}

function eventOf(frame: string, epoch: number): StoredEvent {
  const [id = "", event = "", data = ""] = frame.split("\n");
  return {
    id: Number(id.slice(4)),
    event: event.slice(7),
    data: JSON.parse(data.slice(6)) as Row,
    epoch,
  };
}

/** @param folder of a node, below its data folder */
export function readJournal(folder: string): Map<string, Row[]> {
  const lines = readdirSync(folder)
    .filter((name) => name.endsWith(".jsonl"))
    .toSorted()
    .flatMap((name) => readFileSync(join(folder, name), "utf8").split("\n").slice(0, -1))
    .map((line) => JSON.parse(line) as Row);
  return Map.groupBy(lines, (line) => String(line.call_id));
}
