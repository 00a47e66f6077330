// A session's title from its first message, without a model call.
const MAX_TITLE = 60;

/** The first line with words in it, cut at a word. */
export function titleOf(message: string): string {
  const line = message.split("\n").find((part) => part.trim() !== "") ?? "";
  const text = line.trim().replace(/\s+/g, " ");
  const characters = Array.from(text);
  if (characters.length <= MAX_TITLE) return text;
  const cut = characters.slice(0, MAX_TITLE).join("");
  const atWord = cut.lastIndexOf(" ");
  return `${atWord > MAX_TITLE / 2 ? cut.slice(0, atWord) : cut}…`;
}
