// The headers of SQLite's log and of its frames: whether they are whole, and which frames end a transaction.
// Format: https://www.sqlite.org/fileformat2.html#walformat

export const LOG_HEADER_BYTES = 32;
export const FRAME_HEADER_BYTES = 24;
export const SALTS_AT = 16;
export const SALTS_BYTES = 8;

const MAGIC = 0x377f0682;

/** Whether its checksum fits; the last bit of the magic number says in which order of bytes that was counted. */
export function isWholeHeader(header: Buffer): boolean {
  if (header.length < LOG_HEADER_BYTES) return false;
  const magic = header.readUInt32BE(0);
  if (magic !== MAGIC && magic !== MAGIC + 1) return false;
  const word = (at: number) => (magic === MAGIC ? header.readUInt32LE(at) : header.readUInt32BE(at));
  let [first, second] = [0, 0];
  for (let at = 0; at < LOG_HEADER_BYTES - SALTS_BYTES; at += 8) {
    first = (first + word(at) + second) >>> 0;
    second = (second + word(at + 4) + first) >>> 0;
  }
  return first === header.readUInt32BE(24) && second === header.readUInt32BE(28);
}

/** Whether a frame of the log with these salts ends a transaction. */
export function isCommit(frameHeader: Buffer, salts: Buffer): boolean {
  return (
    frameHeader.length === FRAME_HEADER_BYTES &&
    frameHeader.readUInt32BE(4) !== 0 &&
    frameHeader.subarray(8, 8 + SALTS_BYTES).equals(salts)
  );
}
