// What one durable commit costs on the disk where the product's data is: a write and its sync, outside of the event loop.
import { open } from "node:fs/promises";
import { join } from "node:path";
import { makeHome, removeHome } from "./homes.ts";
import { median } from "./statistics.ts";

const COMMITS = 100;
/** As a plain turn's commit: a few pages of the log. */
const BYTES = 16 * 1024;

/** @returns milliseconds, the median of some */
export async function durableCommit(): Promise<number> {
  const home = await makeHome();
  const file = await open(join(home, "log"), "a");
  const times: number[] = [];
  const bytes = Buffer.alloc(BYTES, 1);
  for (let commit = 0; commit < COMMITS; commit += 1) {
    const beganAt = performance.now();
    await file.write(bytes);
    await file.datasync();
    times.push(performance.now() - beganAt);
  }
  await file.close();
  await removeHome(home);
  return median(times);
}
