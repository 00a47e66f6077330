// What a PostgreSQL needs before its first start and leaves after its last.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Owner } from "./owner.ts";

const run = promisify(execFile);
export const USER = "mj";
export const DATABASE = "postgres";

/** Makes the data unless they are there. @param programs the folder of initdb */
export async function initialize(programs: string, data: string, owner: Owner | undefined): Promise<void> {
  if (existsSync(data)) return;
  const how = ["--auth=trust", "--no-locale", "-E", "UTF8", "--no-sync"];
  // Under another name until they are whole: a kill leaves nothing that looks like data.
  const half = `${data}.half`;
  await rm(half, { recursive: true, force: true });
  await run(join(programs, "initdb"), ["-D", half, "-U", USER, ...how], owner ?? {});
  await rename(half, data);
}

/**
 * What a killed one has left besides its data, all of whose processes are gone: a few bytes of shared memory, whose id stands at the end
 * of line 7, and the name of its first process, which counts as running until its new parent has buried it.
 */
export async function forgetKilled(data: string): Promise<void> {
  const path = join(data, "postmaster.pid");
  const lines = await readFile(path, "utf8").catch(() => "");
  const id = /(\d+)\s*$/.exec(lines.split("\n")[6] ?? "")?.[1];
  if (id) await run("ipcrm", ["-m", id]);
  await rm(path, { force: true });
}
