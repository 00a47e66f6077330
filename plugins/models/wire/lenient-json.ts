// JSON with line breaks and tabs written as they are within its strings: models and servers do that, and there is one way only to
// mean it. Anything else that is no JSON stays none.

const STRINGS = /"(?:[^"\\]|\\.)*"/gs;
const CONTROLS = /[\0-\x1f]/g;

/** @throws SyntaxError */
export function lenientJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const repaired = withEscapes(text);
    if (repaired === text) throw error;
    return JSON.parse(repaired);
  }
}

/** The text with each control character in a string escaped. A string that nothing ends is left as it is. */
export function withEscapes(text: string): string {
  return text.replace(STRINGS, (string) =>
    string.replace(CONTROLS, (character) => JSON.stringify(character).slice(1, -1)),
  );
}
