// When `*`, `**` and `_` open or close an emphasis: CommonMark's flanking rules, amended for Chinese, Japanese and Korean, whose
// words stand without spaces and whose punctuation stands beside them (https://github.com/tats-u/markdown-cjk-friendly).

const SPACE = /\s/u;
const SIGN = /[\p{P}\p{S}]/u;
const WORD = /[\p{L}\p{N}]/u;
/** Letters and punctuation of these scripts, full-width forms too. */
const CJK =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}\u3000-\u303f\u3190-\u319f\ufe10-\ufe1f\ufe30-\ufe4f\uff00-\uffef]/u;
/** Signs with which an emphasised text begins often enough. */
const USUAL_BEGINNING = /[`"'([$<_*~¿¡“‘«]/u;

/** In the middle of a line no emphasis begins with the one, and none ends with the other. */
const NO_BEGINNING = /[\p{Pe}\p{Pf}，。、；：！？]/u;
const NO_END = /[\p{Ps}\p{Pi}]/u;

/** What stands on the two sides of a marker: whole characters, a space for the beginning and the end of a line. */
export type Sides = { before: string; after: string };

/**
 * Products and file patterns (`2*3*4`, `src/**\/*.ts`) are no emphasis here, though CommonMark says so of some.
 * @returns `if_closed` where only an end in the same line makes it one
 */
export function opens(marker: string, sides: Sides): "yes" | "no" | "if_closed" {
  const { before, after } = sides;
  if (!isLeftFlanking(sides)) return "no";
  if (marker[0] === "_")
    return WORD.test(before) || (isRightFlanking(sides) && !SIGN.test(before)) ? "no" : "yes";
  if (WORD.test(before) && !CJK.test(before)) {
    if (marker === "*") return CJK.test(after) ? "if_closed" : "no";
    return CJK.test(after) ? "yes" : /\p{L}/u.test(after) ? "if_closed" : "no";
  }
  if (!SIGN.test(after) || CJK.test(after) || USUAL_BEGINNING.test(after)) return "yes";
  return SIGN.test(before) && !CJK.test(before) ? "no" : "if_closed";
}

export function closes(marker: string, sides: Sides): boolean {
  if (!isRightFlanking(sides)) return false;
  if (marker[0] !== "_") return true;
  return !isLeftFlanking(sides) || SIGN.test(sides.after);
}

function isLeftFlanking({ before, after }: Sides): boolean {
  if (SPACE.test(after) || (NO_BEGINNING.test(after) && !SPACE.test(before))) return false;
  if (!SIGN.test(after) || CJK.test(after)) return true;
  return SPACE.test(before) || SIGN.test(before) || CJK.test(before);
}

function isRightFlanking({ before, after }: Sides): boolean {
  if (SPACE.test(before) || (NO_END.test(before) && !SPACE.test(after))) return false;
  if (!SIGN.test(before) || CJK.test(before)) return true;
  return SPACE.test(after) || SIGN.test(after) || CJK.test(after);
}
