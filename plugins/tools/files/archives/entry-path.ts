// Where an entry of an archive belongs, or why it belongs nowhere. Names are text that somebody else wrote: touches no file.
import { FileProblem } from "../../../../lib/files/file-problem.ts";
import { isUnnameable } from "../workspace/walk-tree.ts";

const DRIVE = /^[A-Za-z]:([\\/]|$)/;
const LONGEST_NAME = 255;
/** As long as any system takes a path. */
const LONGEST_PATH = 4_096;
/** As deep as folders are walked. */
const DEEPEST = 64;

/** Names below the folder that the archive is extracted to, none for that folder itself; or why it is left out. */
export type EntryPlace = { names: string[] } | { leftOut: string };

/** @throws FileProblem `bad_archive` for a path that leads out of the folder, or is endless: who makes such a one means harm */
export function entryPlace(path: string): EntryPlace {
  if (path.length > LONGEST_PATH)
    throw new FileProblem(
      "bad_archive",
      `The archive has a name of ${path.length} characters. Nothing was extracted.`,
    );
  const names = path.split("/").filter((name) => name !== "" && name !== ".");
  const isAbsolute = path.startsWith("/") || path.startsWith("\\") || DRIVE.test(path);
  if (isAbsolute || path.split(/[\\/]/).includes("..") || path.includes("\0"))
    throw new FileProblem(
      "bad_archive",
      `The archive has an entry that would be written outside of the folder: ${JSON.stringify(path.slice(0, 200))}. Nothing was extracted.`,
    );
  if (isUnnameable(path)) return { leftOut: "its name is not UTF-8" };
  if (names.some((name) => Buffer.byteLength(name) > LONGEST_NAME))
    return { leftOut: "its name is too long" };
  if (names.length > DEEPEST) return { leftOut: `it lies more than ${DEEPEST} folders deep` };
  // What macOS keeps of a file beside its content; its own programs hide it too.
  if (names[0] === "__MACOSX") return { leftOut: "metadata of macOS" };
  return { names };
}

/**
 * Whether a link stays in the folder, wherever that is: upwards only at its beginning, where the folders above it are the real ones,
 * and no further than to the folder itself.
 * @param names of the link
 */
export function staysInside(names: string[], target: string): boolean {
  if (target === "" || target.startsWith("/") || DRIVE.test(target) || /[\0\\\ufffd]/.test(target))
    return false;
  const parts = target.split("/").filter((part) => part !== "" && part !== ".");
  const up = parts.findIndex((part) => part !== "..");
  const upwards = up === -1 ? parts.length : up;
  return upwards < names.length && !parts.slice(upwards).includes("..");
}
