// A thread with a connection of its own that folds the log into the database file: SQLite syncs both files meanwhile, and here
// nobody waits for that. Asked by checkpoints.ts, one task at a time.
import { DatabaseSync } from "node:sqlite";
import { parentPort, workerData } from "node:worker_threads";

/**
 * `copy`: as far as readers allow, beside everything else. `restart`: all of it, and begins the log anew; nobody may write. The file
 * keeps its length: what is written over syncs faster than what makes it longer. `truncate`: the same, and gives the room back.
 */
export type CheckpointTask = "copy" | "restart" | "truncate";
export type CheckpointAnswer = { done: boolean } | { failed: string };

/** Readers are short; the writer waits for us at `restart`. */
const PATIENCE_MS = 50;

const db = new DatabaseSync(workerData as string, { timeout: PATIENCE_MS });
db.exec(
  "PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0; PRAGMA fullfsync = 1; PRAGMA checkpoint_fullfsync = 1",
);

parentPort?.on("message", (task: CheckpointTask | "close") => {
  if (task === "close") {
    db.close();
    process.exit();
  }
  try {
    const done =
      task === "copy" ? checkpoint("PASSIVE") : restart(task === "restart" ? "RESTART" : "TRUNCATE");
    parentPort?.postMessage({ done } satisfies CheckpointAnswer);
  } catch (thrown) {
    parentPort?.postMessage({ failed: (thrown as Error).message } satisfies CheckpointAnswer);
  }
});

/** The first write to a log that is begun anew syncs its header: it is made here, so that the writer never does. */
function restart(mode: "RESTART" | "TRUNCATE"): boolean {
  if (!checkpoint(mode)) return false;
  const { user_version } = db.prepare("PRAGMA user_version").get() as { user_version: number };
  db.exec(`PRAGMA user_version = ${user_version}`);
  return true;
}

function checkpoint(mode: "PASSIVE" | "RESTART" | "TRUNCATE"): boolean {
  return (db.prepare(`PRAGMA wal_checkpoint(${mode})`).get() as { busy: number }).busy === 0;
}
