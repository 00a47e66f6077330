// Bytes without the line ends that tools put into what has none: base64(1) and others break their lines after 76 or 64 characters,
// fold(1) anywhere, and UTF-16 has a zero byte between letters. Pure.

const [ZERO, LINE_FEED, CARRIAGE_RETURN] = [0, 10, 13];

export type JoinedLines = {
  bytes: Buffer;
  /** Where one of `bytes` stands in the whole; at its end, where the whole ends. */
  placeOf(index: number): number;
};

/** One line end, or one zero byte, is left out; where there are several nothing is joined, else nothing could ever be told apart. */
export function joinLines(whole: Buffer): JoinedLines {
  const pieces: Piece[] = [{ at: 0, place: 0 }];
  const bytes = Buffer.allocUnsafe(whole.length);
  let [length, place] = [0, 0];
  for (let at = 0; at < whole.length; at += 1) {
    const byte = whole[at] ?? 0;
    if (byte > CARRIAGE_RETURN || !(byte === ZERO || isBreak(byte))) continue;
    const end = endOfRun(whole, at, byte === ZERO ? isZero : isBreak);
    if (isOne(whole, at, end)) {
      length += whole.copy(bytes, length, place, at);
      place = end;
      pieces.push({ at: length, place });
    }
    at = end - 1;
  }
  if (pieces.length === 1) return { bytes: whole, placeOf: (index) => index };
  length += whole.copy(bytes, length, place);
  const placeOf = (index: number) => (index < length ? placeIn(pieces, index) : whole.length);
  return { bytes: bytes.subarray(0, length), placeOf };
}

type Piece = { at: number; place: number };

function placeIn(pieces: Piece[], index: number): number {
  let [low, high] = [0, pieces.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((pieces[middle]?.at ?? 0) <= index) low = middle;
    else high = middle - 1;
  }
  const { at, place } = pieces[low] ?? { at: 0, place: 0 };
  return place + index - at;
}

const isZero = (byte: number | undefined) => byte === ZERO;
const isBreak = (byte: number | undefined) => byte === LINE_FEED || byte === CARRIAGE_RETURN;

function endOfRun(whole: Buffer, from: number, isPart: (byte: number | undefined) => boolean): number {
  let end = from;
  while (end < whole.length && isPart(whole[end])) end += 1;
  return end;
}

function isOne(whole: Buffer, at: number, end: number): boolean {
  return end - at === 1 || (end - at === 2 && whole[at] === CARRIAGE_RETURN && whole[at + 1] === LINE_FEED);
}
