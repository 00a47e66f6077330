// How wide the columns of a table become when the terminal is narrower than the table.

/** `natural`: in one line; `least`: without breaking a word. */
type Wish = { natural: number; least: number };

/** A longer word (an address, a path) may be broken before the table is given up. */
const LONG_WORD = 16;
/** No column is narrower than this because of its neighbours. */
const NARROWEST = 6;

/** @param room columns for the cells alone. @returns undefined when words would have to be broken to pieces */
export function columnWidths(wishes: Wish[], room: number): number[] | undefined {
  if (sum(wishes.map(({ natural }) => natural)) <= room) return wishes.map(({ natural }) => natural);
  const least = wishes.map(({ least: word }) => word);
  if (sum(least) <= room) return grown(least, wishes, room);
  const broken = least.map((word) => Math.min(word, LONG_WORD));
  if (sum(broken) > room || broken.some((width, index) => width < Math.min(NARROWEST, least[index] ?? 0)))
    return undefined;
  return grown(broken, wishes, room);
}

/** What is left is shared: a column that wants little has it all, the others part the rest. */
function grown(least: number[], wishes: Wish[], room: number): number[] {
  const widths = [...least];
  const wantOf = (index: number) => (wishes[index]?.natural ?? 0) - (least[index] ?? 0);
  const byWant = widths.map((_width, index) => index).toSorted((a, b) => wantOf(a) - wantOf(b));
  let spare = room - sum(least);
  for (const [done, index] of byWant.entries()) {
    const given = Math.max(0, Math.min(wantOf(index), Math.floor(spare / (byWant.length - done))));
    widths[index] = (widths[index] ?? 0) + given;
    spare -= given;
  }
  return widths;
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
