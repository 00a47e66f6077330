// Runs in a thread of its own (try-import.ts), which is ended as soon as it has imported one plugin and said so.
import { parentPort, workerData } from "node:worker_threads";
import { changedSince, snapshot } from "./process-globals.ts";

const before = snapshot();
await import(String(workerData));
parentPort?.postMessage(changedSince(before).map(({ name }) => name));
