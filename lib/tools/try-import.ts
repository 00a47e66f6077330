// Imports a user's plugin in a thread first: there it may loop for ever, exhaust memory or end its process, and the server
// still starts. Called by the loader before it imports the plugin itself.
import { Worker } from "node:worker_threads";

/** A plugin whose import takes longer than this is skipped. */
export const IMPORT_LIMIT_MS = 5_000;
const MEMORY_MB = 256;

/** @throws Error saying why it cannot be imported. The plugin's top level runs for it, so it runs twice in all. */
export function tryImport(url: string, limitMs: number = IMPORT_LIMIT_MS): Promise<void> {
  const worker = new Worker(new URL("./import-once.ts", import.meta.url), {
    workerData: url,
    stdin: true,
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
  });
  return new Promise<void>((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    // What a busy machine needs to make a thread is not the plugin's time.
    worker.once("online", () => {
      timer = setTimeout(() => reject(new Error("its import does not end")), limitMs);
    });
    worker.once("message", (changed: string[]) => {
      if (changed.length === 0) resolve();
      else reject(new Error(`it changes ${changed.join(", ")}, which the whole server uses`));
    });
    worker.once("error", reject);
    worker.once("exit", () => reject(new Error("it ends its process when it is imported")));
    void worker.once("exit", () => clearTimeout(timer));
  }).finally(() => worker.terminate());
}
