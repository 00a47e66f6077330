// Takes a free name with something empty, which a rename then replaces: a rename alone would replace whatever is there by then.
import { constants } from "node:fs";
import { mkdir, open, rmdir, unlink } from "node:fs/promises";
import { systemCodeOf } from "../../../../lib/files/file-problem.ts";
import { type HeldDirectory, SAFELY } from "./held-directory.ts";

export const EXCLUSIVELY = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | SAFELY;

/** Takes the name with an empty file or folder. False when it is taken. */
export function reserve(directory: HeldDirectory, name: string, isDirectory: boolean): Promise<boolean> {
  return madeAnew(async () => {
    if (isDirectory) await mkdir(directory.entry(name), 0o700);
    else await (await open(directory.entry(name), EXCLUSIVELY, 0o600)).close();
  });
}

/** Gives back what `reserve` took and nothing has replaced. */
export async function release(directory: HeldDirectory, name: string, isDirectory: boolean): Promise<void> {
  if (isDirectory) await rmdir(directory.entry(name));
  else await unlink(directory.entry(name));
}

/** Whether `make` made it; false when it was there already. */
export async function madeAnew(make: () => Promise<void>): Promise<boolean> {
  try {
    await make();
    return true;
  } catch (error: unknown) {
    if (systemCodeOf(error) === "EEXIST") return false;
    throw error;
  }
}
