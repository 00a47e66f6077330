// A command as the gateway works with it: who asks in which session, and the bytes that are DocumentDB's business.
import { BSON } from "mongodb";
import { arrayField, documentOf, type Field, fieldsOf } from "./raw-bson.ts";
import type { Message } from "./wire.ts";

export type Request = {
  name: string;
  database: string;
  /** Of a driver's session, as hexadecimal text; empty without one. */
  session: string;
  /** Counts the transactions and the writes that may be repeated, by session. */
  number: string | undefined;
  transaction: "none" | "starts" | "goes on";
  /** The command without what is the gateway's business. */
  spec: Buffer;
  /** The value of one of its outermost fields. */
  value(field: string): unknown;
};

const OURS = new Set([
  "lsid",
  "$db",
  "$clusterTime",
  "$readPreference",
  "txnNumber",
  "autocommit",
  "startTransaction",
  "readConcern",
  "writeConcern",
  "apiVersion",
  "apiStrict",
  "apiDeprecationErrors",
]);

/** @throws for what is no BSON */
export function requestOf({ document, sequences }: Message): Request {
  const inside = fieldsOf(document);
  const fields = [...inside, ...sequences.map(({ name, documents }) => arrayField(name, documents))];
  const value = (name: string) => readField(fields.find((field) => field.name === name));
  const session = value("lsid") as { id: BSON.Binary } | undefined;
  const number = value("txnNumber");
  const isTransaction = value("autocommit") === false;
  const starts = value("startTransaction") === true ? "starts" : "goes on";
  return {
    name: inside[0]?.name ?? "",
    database: String(value("$db") ?? "admin"),
    session: session?.id.toString("hex") ?? "",
    number: number === undefined ? undefined : String(number),
    transaction: isTransaction ? starts : "none",
    spec: documentOf(fields.filter(({ name }) => !OURS.has(name))),
    value,
  };
}

function readField(field: Field | undefined): unknown {
  if (!field) return undefined;
  return BSON.deserialize(documentOf([field]), { promoteLongs: false })[field.name];
}
