// What the gateway says it is: the only member, and so the primary, of a replica set, since drivers repeat writes and begin transactions
// nowhere else.
import type { BSON } from "mongodb";
import { LONGEST_MESSAGE } from "./wire.ts";

export const SET_NAME = "rs0";
/** Its wire version is what drivers go by. */
export const VERSION = "7.0.0";
const WIRE_VERSION = 21;

export function greeting(address: string): BSON.Document {
  return {
    helloOk: true,
    ismaster: true,
    isWritablePrimary: true,
    secondary: false,
    setName: SET_NAME,
    setVersion: 1,
    hosts: [address],
    primary: address,
    me: address,
    maxBsonObjectSize: 16 * 1024 * 1024,
    maxMessageSizeBytes: LONGEST_MESSAGE,
    maxWriteBatchSize: 100_000,
    localTime: new Date(),
    logicalSessionTimeoutMinutes: 30,
    minWireVersion: 0,
    maxWireVersion: WIRE_VERSION,
    readOnly: false,
    ok: 1,
  };
}
