// What of the driver's options a MONGO_URL cannot change: how durable a write is, that it is repeated, what a read may see.
import { expect, test } from "@jest/globals";
import { databaseOf, makeClient, PATIENCE } from "../../../../../lib/cluster/mongo/mongo-url.ts";

const open = (url: string) => {
  const client = makeClient({ url, name: "test", connections: 1, patience: PATIENCE });
  return { client, database: databaseOf(client, url) };
};

test.each([
  "",
  "w=1",
  "w=0",
  "w=1&wtimeoutMS=1",
  "journal=false",
  "retryWrites=false",
  "retryReads=false",
  "readConcernLevel=local",
  "readPreference=secondary&readPreferenceTags=dc:far",
  "w=1&journal=false&retryWrites=false&retryReads=false&readConcernLevel=available&readPreference=nearest",
])("with ?%s a write is on the disks of most members and is repeated, and a read sees no less", (query) => {
  const { client, database } = open(`mongodb://127.0.0.1/ours?${query}`);
  expect(client.options).toMatchObject({ retryWrites: true, retryReads: true });
  const { writeConcern, readConcern, readPreference } = database.collection("any");
  expect({ ...writeConcern }).toEqual({ w: "majority", j: true, journal: true });
  expect(readConcern?.level).toBe("majority");
  expect(readPreference?.toJSON()).toEqual({ mode: "primary" });
});

test.each([
  ["mongodb://127.0.0.1", "macjarvis"],
  ["mongodb://127.0.0.1/?w=1", "macjarvis"],
  ["mongodb://127.0.0.1,127.0.0.2/ours", "ours"],
  ["mongodb://ada:secret@127.0.0.1/ours?authSource=admin", "ours"],
])("%s is the database %s", (url, name) => {
  expect(open(url).database.databaseName).toBe(name);
});
