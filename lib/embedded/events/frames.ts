// The record in which a segment keeps the frames of one run that were written together.
import { crc32 } from "node:zlib";
import type { RunId } from "../../../contracts/ids.ts";

export type RecordHeader = {
  run: RunId;
  epoch: number;
  firstSeq: number;
  lastSeq: number;
  length: number;
  /** Epoch milliseconds. */
  writtenAt: number;
  done: boolean;
  /** CRC-32 of the frames; undefined in records of an older version. */
  checksum: number | undefined;
};

export function headerLine(header: RecordHeader): string {
  const { run, epoch, firstSeq, lastSeq, length, writtenAt, done, checksum = "" } = header;
  return `@${run} ${epoch} ${firstSeq} ${lastSeq} ${length} ${writtenAt} ${done ? 1 : 0} ${checksum}\n`;
}

export function checksumOf(frames: string | Buffer): number {
  return crc32(frames);
}

/** Whether these are the frames that were written. */
export function areWhole(frames: Buffer, length: number, checksum: number | undefined): boolean {
  return frames.length === length && (checksum === undefined || checksumOf(frames) === checksum);
}

const HEADER = /^@(\S+) (\d+) (\d+) (\d+) (\d+) (\d+) ([01])(?: (\d+))?$/;

/** The header that begins at `at` and where its frames begin; undefined when there is none that is whole. */
export function readHeader(
  bytes: Buffer,
  at: number,
): { header: RecordHeader; framesAt: number } | undefined {
  const end = bytes.indexOf(10, at);
  if (end === -1) return undefined;
  const match = HEADER.exec(bytes.toString("latin1", at, end));
  if (!match) return undefined;
  const [, run, epoch, firstSeq, lastSeq, length, writtenAt, done, checksum] = match;
  return {
    header: {
      run: run as RunId,
      epoch: Number(epoch),
      firstSeq: Number(firstSeq),
      lastSeq: Number(lastSeq),
      length: Number(length),
      writtenAt: Number(writtenAt),
      done: done === "1",
      checksum: checksum === undefined ? undefined : Number(checksum),
    },
    framesAt: end + 1,
  };
}
