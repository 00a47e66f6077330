// Cuts a text between characters: never inside a surrogate pair, which model vendors refuse, nor inside what people see as one
// character (an emoji with its parts, a letter with its accents). Whoever shortens a text does it with this.

/** UTF-16 units around the cut that are looked at; characters that people write are shorter. */
const AROUND = 32;

const characters = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** The beginning of the text: at most `most` UTF-16 units. */
export function headOf(text: string, most: number): string {
  return text.length <= most ? text : text.slice(0, cutBefore(text, most));
}

/** The end of the text: at most `most` UTF-16 units. */
export function tailOf(text: string, most: number): string {
  return text.length <= most ? text : text.slice(cutAfter(text, text.length - most));
}

/** The last place up to `at` that is between two characters. */
function cutBefore(text: string, at: number): number {
  const from = wholePlace(text, Math.max(0, at - AROUND));
  let place = from;
  for (const { index } of characters.segment(text.slice(from, at + AROUND))) {
    if (from + index > at) break;
    place = from + index;
  }
  // One character longer than all that was looked at: only its halves must stay together.
  return place > from || at === 0 ? place : wholePlace(text, at);
}

/** The first place from `at` on that is between two characters. */
function cutAfter(text: string, at: number): number {
  const from = wholePlace(text, Math.max(0, at - AROUND));
  for (const { index } of characters.segment(text.slice(from, at + AROUND)))
    if (from + index >= at) return from + index;
  return isInsidePair(text, at) ? at + 1 : at;
}

const wholePlace = (text: string, at: number) => (isInsidePair(text, at) ? at - 1 : at);

function isInsidePair(text: string, at: number): boolean {
  return (text.codePointAt(at - 1) ?? 0) > 0xffff;
}
