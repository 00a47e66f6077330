// MongoDB's wire protocol, as much as its drivers speak to a server of today: OP_MSG, and OP_QUERY for their very first question.
// https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/
import type { Readable } from "node:stream";

/** `document` is the command without its `sequences`: fields whose documents follow it in a form that is quicker to write. */
export type Message = {
  id: number;
  kind: "command" | "legacy hello";
  document: Buffer;
  sequences: { name: string; documents: Buffer[] }[];
  /** Nobody waits for the answer. */
  isSilent: boolean;
};

const HEADER = 16;
const REPLY = 1;
const QUERY = 2004;
const MSG = 2013;
/** What `hello` promises: maxMessageSizeBytes. */
export const LONGEST_MESSAGE = 48_000_000;
const CHECKSUM = { flag: 1, length: 4 };
const MORE_TO_COME = 2;

/** Each message as it comes. @throws when the bytes are none, which ends the connection */
export async function* messagesOf(stream: Readable): AsyncGenerator<Message> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (rest.length >= 4) {
      const length = rest.readInt32LE(0);
      if (length < HEADER || length > LONGEST_MESSAGE) throw new Error(`a message of ${length} bytes`);
      if (rest.length < length) break;
      yield decode(rest.subarray(0, length));
      rest = rest.subarray(length);
    }
  }
}

/** A command, for who wants to know whether a server answers. */
export function encodeCommand(document: Uint8Array): Buffer {
  return encodeReply({ id: 0, kind: "command" }, document);
}

/** The answer to a message, in the form in which it was asked. */
export function encodeReply(message: Pick<Message, "id" | "kind">, document: Uint8Array): Buffer {
  const isLegacy = message.kind === "legacy hello";
  // After the header: flags and the kind of section of OP_MSG; flags, cursor, offset and number of documents of OP_REPLY.
  const before = Buffer.alloc(HEADER + (isLegacy ? 20 : 5));
  before.writeInt32LE(before.length + document.length, 0);
  before.writeInt32LE(message.id, 8);
  before.writeInt32LE(isLegacy ? REPLY : MSG, 12);
  if (isLegacy) before.writeInt32LE(1, HEADER + 16);
  return Buffer.concat([before, document]);
}

function decode(bytes: Buffer): Message {
  const id = bytes.readInt32LE(4);
  const operation = bytes.readInt32LE(12);
  if (operation === MSG) return decodeMsg(id, bytes);
  if (operation !== QUERY) throw new Error(`operation ${operation}, which drivers of today do not use`);
  const name = endOfText(bytes, HEADER + 4);
  const document = documentAt(bytes, name + 8, bytes.length);
  return { id, kind: "legacy hello", document, sequences: [], isSilent: false };
}

function decodeMsg(id: number, bytes: Buffer): Message {
  const flags = bytes.readUInt32LE(HEADER);
  const end = bytes.length - (flags & CHECKSUM.flag ? CHECKSUM.length : 0);
  const message: Message = {
    id,
    kind: "command",
    document: Buffer.alloc(0),
    sequences: [],
    isSilent: (flags & MORE_TO_COME) !== 0,
  };
  let at = HEADER + 4;
  while (at < end) {
    const kind = bytes.readUInt8(at);
    at += 1;
    const length = lengthAt(bytes, at, end);
    if (kind === 0) message.document = bytes.subarray(at, at + length);
    else if (kind === 1) message.sequences.push(sequenceOf(bytes.subarray(at, at + length)));
    else throw new Error(`a section of the unknown kind ${kind}`);
    at += length;
  }
  if (message.document.length === 0) throw new Error("a message without a command");
  return message;
}

function sequenceOf(section: Buffer): Message["sequences"][number] {
  let at = endOfText(section, 4);
  const name = section.toString("utf8", 4, at - 1);
  const documents: Buffer[] = [];
  while (at < section.length) {
    const document = documentAt(section, at, section.length);
    documents.push(document);
    at += document.length;
  }
  return { name, documents };
}

/** @returns the position behind the zero that ends it */
function endOfText(bytes: Buffer, from: number): number {
  const zero = bytes.indexOf(0, from);
  if (zero < 0) throw new Error("a text without an end");
  return zero + 1;
}

function documentAt(bytes: Buffer, at: number, end: number): Buffer {
  return bytes.subarray(at, at + lengthAt(bytes, at, end));
}

function lengthAt(bytes: Buffer, at: number, end: number): number {
  const length = at + 4 <= end ? bytes.readInt32LE(at) : 0;
  if (length < 5 || at + length > end)
    throw new Error(`a part of ${length} bytes where ${end - at} are left`);
  return length;
}
