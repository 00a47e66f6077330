// A message of the stream: the frames of one flush as its payload, and in its headers whose and which they are.
import { headers, type MsgHdrs } from "nats";
import type { RunId } from "../../../../contracts/ids.ts";

/** A head without frames (`firstSeq` behind `lastSeq`) is a fence: an owner began, and shuts out the former one. */
export type RecordHead = {
  epoch: number;
  firstSeq: number;
  lastSeq: number;
  /** Whether the run has its `done`, in this record or before a fence. */
  done: boolean;
};

export type StoredRecord = RecordHead & {
  /** Number in the stream, which all runs share. */
  streamSeq: number;
  /** Epoch milliseconds of the server's clock. */
  storedAt: number;
  bytes: Buffer;
};

const HEAD = "Mj-Frames";

/** @param expected number in the stream of the run's last message, 0 when it has none: if that is another, nothing is stored */
export function recordHeaders(run: RunId, head: RecordHead, expected: number): MsgHdrs {
  const { epoch, firstSeq, lastSeq, done } = head;
  const made = headers();
  made.set(HEAD, `${epoch} ${firstSeq} ${lastSeq} ${done ? 1 : 0}`);
  // What is sent twice under one id is stored once, for as long as the stream remembers ids.
  made.set("Nats-Msg-Id", firstSeq > lastSeq ? `${run} ${epoch}` : `${run} ${epoch} ${firstSeq}`);
  made.set("Nats-Expected-Last-Subject-Sequence", String(expected));
  return made;
}

/** Undefined for what is no record of ours. */
export function headOf(from: MsgHdrs | undefined): RecordHead | undefined {
  const match = /^(\d+) (\d+) (\d+) ([01])$/.exec(from?.get(HEAD) ?? "");
  if (!match) return undefined;
  const [, epoch, firstSeq, lastSeq, done] = match;
  return { epoch: Number(epoch), firstSeq: Number(firstSeq), lastSeq: Number(lastSeq), done: done === "1" };
}

/** The library's bytes as a Buffer over the same memory. */
export function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
}
