// What is kept of the name that a client gives a file: it is shown to people and put into headers and prompts, and decides nothing.
import { headOf } from "../../../lib/cut-text.ts";

/** As file systems take it. */
const MOST_BYTES = 255;
/** Controls, line ends, and marks that turn the direction of writing or are not seen: they make a name look like another one. */
const UNSEEN =
  /[\p{Cc}\p{Zl}\p{Zp}\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb]/gu;
const NO_NAME = "file";

/** The last part of a path, one line, at most 255 bytes with its ending kept; `file` where nothing is left. */
export function fileName(given: string | undefined): string {
  const [last = ""] = (given ?? "").toWellFormed().split(/[/\\]/).slice(-1);
  const name = last.replace(UNSEEN, "").replace(/\s+/g, " ").normalize("NFC").trim();
  // `.` and `..` are no names, and one that begins with a dot is not seen.
  const shown = name.replace(/^[.\s]+/, "");
  return shown === "" ? NO_NAME : withinBytes(shown);
}

function withinBytes(name: string): string {
  if (Buffer.byteLength(name) <= MOST_BYTES) return name;
  const [ending = ""] = /\.[^.\s]{1,15}$/.exec(name) ?? [];
  let stem = name.slice(0, name.length - ending.length);
  const left = MOST_BYTES - Buffer.byteLength(ending);
  // A character has at most four bytes, so few rounds are enough.
  while (Buffer.byteLength(stem) > left)
    stem = headOf(stem, stem.length - Math.ceil((Buffer.byteLength(stem) - left) / 4));
  return stem.trimEnd() + ending;
}
