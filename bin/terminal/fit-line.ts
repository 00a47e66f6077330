// How many columns text takes, so that a line that is drawn again never wraps.

const WIDE =
  /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\u{1f300}-\u{1faff}]/u;
const NONE = /\p{Mn}|\p{Me}|\p{Cf}/u;

/** The text in one line, cut with "…" to so many columns. The text has no escape sequences. */
export function fitLine(text: string, columns: number): string {
  const line = text.replaceAll(/[\n\t]+/g, " ");
  let used = 0;
  let end = 0;
  for (const character of line) {
    const width = widthOf(character);
    if (used + width > columns) return `${cut(line, end, columns)}…`;
    used += width;
    end += character.length;
  }
  return line;
}

function cut(line: string, end: number, columns: number): string {
  let kept = line.slice(0, end);
  let used = widthOf(kept);
  while (used > columns - 1 && kept !== "") {
    const last = [...kept].at(-1) ?? "";
    used -= widthOf(last);
    kept = kept.slice(0, -last.length);
  }
  return kept;
}

/** Columns of a text without escape sequences and line feeds. */
export function widthOf(text: string): number {
  let width = 0;
  for (const character of text) if (!NONE.test(character)) width += WIDE.test(character) ? 2 : 1;
  return width;
}
