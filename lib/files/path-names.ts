// Path names as text: resolved, compared and folded. Touches no file. The file tools decide with it where they may go, the node
// and the tools service what is asked about every time.
import { isAbsolute, join, resolve, sep } from "node:path";

/** Code points that HFS+ leaves out when it compares names. */
const IGNORED_BY_HFS = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g;

/** The absolute path that a caller's path means: `~` is the home folder, relative ones start at `base`. */
export function meantPath(path: string, { home, base }: { home: string; base: string }): string {
  if (path === "~" || path.startsWith("~/")) return join(home, path.slice(1));
  return isAbsolute(path) ? resolve(path) : resolve(base, path);
}

/** Whether `path` is `folder` or lies below it, by name. Both absolute and normalized. */
export function isInside(folder: string, path: string): boolean {
  if (path === folder) return true;
  return path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/** One spelling for all that a case- or normalization-insensitive volume takes for the same name. */
export function foldedName(path: string): string {
  return path.replace(IGNORED_BY_HFS, "").normalize("NFD").toUpperCase().toLowerCase().normalize("NFC");
}

/** The components of `path` below `folder`; none when they are the same. */
export function componentsBelow(folder: string, path: string): string[] {
  return path.slice(folder.length).split(sep).filter(Boolean);
}
