// Cuts a text into parts that a model takes, where paragraphs, lines or at least words end. Pure.

/** A place for a cut is looked for in this share of the end of a part. */
const LOOKED_AT = 0.3;
const PLACES = ["\n\n", "\n", ". ", "。", " "];

/** @param most characters of a part */
export function splitText(text: string, most: number): string[] {
  const parts: string[] = [];
  let at = 0;
  while (text.length - at > most) {
    const end = placeIn(text, at, at + most);
    parts.push(text.slice(at, end));
    at = end;
  }
  parts.push(text.slice(at));
  return parts.filter((part) => part.trim() !== "");
}

function placeIn(text: string, from: number, until: number): number {
  const least = until - Math.floor((until - from) * LOOKED_AT);
  for (const place of PLACES) {
    const found = text.lastIndexOf(place, until - place.length);
    if (found >= least) return found + place.length;
  }
  // Never inside of a surrogate pair.
  return (text.codePointAt(until - 1) ?? 0) > 0xffff ? until - 1 : until;
}
