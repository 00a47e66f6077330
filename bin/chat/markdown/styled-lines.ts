// Breaks text with colours at the places where the same text without them was broken; no line leaves the terminal in a style.

const SEQUENCE = /^\x1b\[(\d+)m/;
/** What a closing sequence ends. */
const ENDS: Record<string, RegExp> = { 22: /\[[12]m/, 23: /\[3m/, 24: /\[4m/, 39: /\[3\dm/ };

/** @param shown the text with its sequences. @param lines the same text without them, broken; white space may differ */
export function styledLines(shown: string, lines: string[]): string[] {
  let rest = shown;
  let open: string[] = [];
  const sequences = (which: (code: string) => boolean) => {
    let text = "";
    for (let found = SEQUENCE.exec(rest); found && which(found[1] ?? ""); found = SEQUENCE.exec(rest)) {
      const [sequence, code = ""] = found;
      const ended = ENDS[code];
      open = ended ? open.filter((one) => !ended.test(one)) : [...open, sequence];
      rest = rest.slice(sequence.length);
      text += sequence;
    }
    return text;
  };
  /** The next character that is seen, with the sequences before it. */
  const next = () => {
    for (let text = ""; ; ) {
      text += sequences(() => true);
      const character = rest[0] ?? "";
      rest = rest.slice(1);
      if (!/\s/u.test(character)) return text + character;
    }
  };
  return lines.map((line) => {
    let out = open.join("");
    for (const character of line.split("")) out += /\s/u.test(character) ? " " : next();
    out += sequences((code) => Object.hasOwn(ENDS, code));
    return open.length > 0 ? `${out}\x1b[0m` : out;
  });
}
