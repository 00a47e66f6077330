// The lines of a text that say something about its encoding: those that have anything but ASCII.

/** By the engine's own search: a callback for each byte of some megabytes would stall everybody. */
const NOT_ASCII = /[\x80-\xff]/g;
const LINE_BREAK = 0x0a;

/** The first of them, up to `most` bytes; empty when all is ASCII. What is between them says nothing and dilutes a guess. */
export function tellingLines(bytes: Buffer, most: number): Buffer {
  const characters = bytes.toString("latin1");
  const lines: Buffer[] = [];
  let room = most;
  for (let at = 0; room > 0; ) {
    NOT_ASCII.lastIndex = at;
    const next = NOT_ASCII.exec(characters)?.index;
    if (next === undefined) break;
    const begin = Math.max(at, bytes.lastIndexOf(LINE_BREAK, next) + 1, next - most);
    const end = bytes.indexOf(LINE_BREAK, next) + 1 || bytes.length;
    lines.push(bytes.subarray(begin, Math.min(end, begin + room)));
    room -= end - begin;
    at = end;
  }
  NOT_ASCII.lastIndex = 0;
  return Buffer.concat(lines);
}
