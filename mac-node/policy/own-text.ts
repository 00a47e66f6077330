// The text of a file that says what this machine does: only one that nobody else may have written is believed.
import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync, type Stats } from "node:fs";
import { reasonOfSystem } from "../../lib/unusable.ts";

const MOST_BYTES = 262_144;
const WRITABLE_BY_OTHERS = 0o022;

/** `fault` is undefined when there is no file. Judged by what was opened: no FIFO is waited for. Never throws. */
export function ownText(path: string): string | { fault: string | undefined } {
  let file: number | undefined;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = fstatSync(file);
    if (!stats.isFile()) return { fault: "it is no regular file" };
    if (stats.size > MOST_BYTES) return { fault: `it has more than ${MOST_BYTES} bytes` };
    if ((stats.mode & WRITABLE_BY_OTHERS) !== 0)
      return { fault: `others may write it: run chmod 600 ${path}` };
    if (isOfAnother(stats)) return { fault: "it belongs to another user of this machine" };
    return readFileSync(file, "utf8");
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== "ENOENT")
      return { fault: `it cannot be read: ${reasonOfSystem(thrown)}` };
    return { fault: isThere(path) ? "it is a link to what is not there" : undefined };
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** The system's administrator may have written it for whoever serves. */
function isOfAnother({ uid }: Stats): boolean {
  return uid !== 0 && uid !== process.getuid?.();
}

/** A link that leads nowhere is no policy that allows everything: what it leads to may be on a volume that is not mounted yet. */
function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
