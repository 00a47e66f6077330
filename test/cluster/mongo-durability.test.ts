// What a server is really told with each write and read, as the driver sends it: also where MONGO_URL says otherwise.
import { afterEach, expect, jest, test } from "@jest/globals";
import { type CommandStartedEvent, type Document, MongoClient } from "mongodb";
import { otherDatabase } from "../support/servers/given-mongo.ts";
import { useMongo } from "../support/use-mongo.ts";

const { server, opened } = useMongo();
afterEach(() => void jest.restoreAllMocks());

type Any = { _id: string; n: number };

/** A collection of a process with this URL, and the commands that it sends from now on. */
async function watched(query: string) {
  const connects = jest.spyOn(MongoClient.prototype, "connect");
  const url = new URL(otherDatabase(server().url));
  for (const [name, value] of new URLSearchParams(`${query}&monitorCommands=true`))
    url.searchParams.set(name, value);
  const mongo = opened(url.href);
  const documents = mongo.documents<Any>({ name: "any", indexes: [], opaque: [] });
  await mongo.ready();
  const sent: Document[] = [];
  const [client] = connects.mock.contexts as MongoClient[];
  client?.on("commandStarted", ({ command }: CommandStartedEvent) => void sent.push(command));
  return { documents, sent };
}

test.each(["", "w=1", "journal=false", "retryWrites=false", "w=1&journal=false&retryWrites=false"])(
  "with ?%s each write goes to the disks of most members and may be repeated",
  async (query) => {
    const { documents, sent } = await watched(query);
    await documents.insert({ _id: "a", n: 1 });
    await documents.compareAndSet("a", { n: 1 }, { $set: { n: 2 } });
    await documents.updateMany({ n: 2 }, { $set: { n: 3 } });
    await documents.removeById("a");
    const writes = sent.filter(({ find }) => find === undefined);
    expect(writes.map((command) => Object.keys(command)[0])).toEqual([
      "insert",
      ...["findAndModify", "findAndModify", "findAndModify"],
    ]);
    for (const command of writes)
      expect(command).toMatchObject({
        writeConcern: { w: "majority", j: true },
        lsid: expect.anything(),
        txnNumber: expect.anything(),
      });
  },
);

test("what removes many goes to the disks of most members, too; MongoDB has no such write that it knows again", async () => {
  const { documents, sent } = await watched("w=1&journal=false");
  await documents.removeMany({ n: 1 });
  expect(sent).toEqual([
    expect.objectContaining({ delete: "any", writeConcern: { w: "majority", j: true } }),
  ]);
  expect(sent[0]).not.toHaveProperty("txnNumber");
});

test("what is read is what most members have, of the primary, whatever the URL says", async () => {
  const { documents, sent } = await watched("readConcernLevel=local&readPreference=secondaryPreferred");
  await documents.get("a");
  await documents.count();
  expect(sent.map((command) => Object.keys(command)[0])).toEqual(["find", "aggregate"]);
  for (const command of sent) {
    expect(command.readConcern).toEqual({ level: "majority" });
    expect([undefined, "primary"]).toContain(command.$readPreference?.mode);
  }
});
