// BSON documents as bytes, taken apart and put together by their outermost fields only. What is in them reaches DocumentDB as it came
// and comes back as it is: nothing is read into JavaScript's values, which would make one kind of number out of four.
// https://bsonspec.org/spec.html

/** A field with its type and name: as it stands in a document. */
export type Field = { name: string; bytes: Buffer };

const ARRAY = 4;
/** Bytes of a value by its type; what is not here says its length itself. */
const FIXED: Record<number, number> = {
  1: 8, // double
  6: 0, // undefined
  7: 12, // object id
  8: 1, // boolean
  9: 8, // date
  10: 0, // null
  16: 4, // int32
  17: 8, // timestamp
  18: 8, // int64
  19: 16, // decimal128
  127: 0, // greatest key
  255: 0, // least key
};

/** @throws for what is no BSON document */
export function fieldsOf(document: Buffer): Field[] {
  const fields: Field[] = [];
  const end = document.length - 1;
  let at = 4;
  while (at < end) {
    const nameEnd = document.indexOf(0, at + 1);
    const valueAt = nameEnd + 1;
    const length = nameEnd < 0 ? Number.NaN : lengthOfValue(document, valueAt, document.readUInt8(at));
    if (!(valueAt + length <= end)) throw new Error(`no BSON at byte ${at}`);
    fields.push({
      name: document.toString("utf8", at + 1, nameEnd),
      bytes: document.subarray(at, valueAt + length),
    });
    at = valueAt + length;
  }
  return fields;
}

export function documentOf(fields: Field[]): Buffer {
  const body = Buffer.concat(fields.map(({ bytes }) => bytes));
  const document = Buffer.alloc(4 + body.length + 1);
  document.writeInt32LE(document.length, 0);
  body.copy(document, 4);
  return document;
}

export function arrayField(name: string, documents: Buffer[]): Field {
  const items = documents.map((document, index) => ({
    name: "",
    bytes: Buffer.concat([Buffer.from(`\x03${index}\0`), document]),
  }));
  const start = Buffer.concat([Buffer.from([ARRAY]), Buffer.from(`${name}\0`)]);
  return { name, bytes: Buffer.concat([start, documentOf(items)]) };
}

/** NaN for a type that there is not. */
function lengthOfValue(bytes: Buffer, at: number, type: number): number {
  const fixed = FIXED[type];
  if (fixed !== undefined) return fixed;
  if (type === 11) return bytes.indexOf(0, bytes.indexOf(0, at) + 1) + 1 - at; // regular expression: two texts
  if (at + 4 > bytes.length) return Number.NaN;
  const said = bytes.readInt32LE(at);
  if (said < 0) return Number.NaN;
  if (type === 3 || type === ARRAY || type === 15) return said; // document, array, code with scope
  if (type === 5) return 4 + 1 + said; // binary
  if (type === 2 || type === 13 || type === 14) return 4 + said; // text, code, symbol
  if (type === 12) return 4 + said + 12; // pointer
  return Number.NaN;
}
