// Where the data folder is. By itself, so that it can be told before anything large is loaded.
import { homedir } from "node:os";
import { join, resolve } from "node:path";

/** @param text as somebody has written it; `~` is their own folder */
export function folderOf(text: string): string {
  return resolve(text.replace(/^~(?=$|\/)/, homedir()));
}

/** The folder that is used when none is named. */
export const USUAL_HOME = join(homedir(), ".macjarvis");

/** The same for the program of a Mac that is paired with a server. */
export const USUAL_NODE_HOME = join(homedir(), ".macjarvis-node");
