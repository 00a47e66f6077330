// A mongod as a replica set of one member, where this machine has one. No registry that this project uses has it, so that this file was
// never run against a real one (docs/operations.md).
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { MongoClient } from "mongodb";
import { findServer } from "./find-server.ts";
import type { LocalServer } from "./local-server.ts";
import { type Place, startProgram, type Where } from "./start-program.ts";

const SET = "rs0";
const ANSWERS_WITHIN_MS = 2_000;

export async function startMongod(database: string, where: Where = {}): Promise<LocalServer> {
  const { folder, version } = findServer("mongod");
  return startProgram({
    ...where,
    name: "mongo",
    version,
    file: join(folder, "mongod"),
    args: (place) => [
      ...["--port", String(place.port), "--bind_ip", "127.0.0.1", "--nounixsocket"],
      ...["--dbpath", dataOf(place), "--replSet", SET],
    ],
    url: ({ port }) => `mongodb://127.0.0.1:${port}/${database}?replicaSet=${SET}`,
    prepare: async (place) => void (await mkdir(dataOf(place), { recursive: true })),
    serves: isPrimary,
    endsBy: "SIGTERM",
  });
}

const dataOf = ({ folder }: Place) => join(folder, "data");

/** Makes the set at its first start; its only member needs a moment to be elected. */
async function isPrimary({ port }: Place): Promise<boolean> {
  const host = `127.0.0.1:${port}`;
  const client = new MongoClient(`mongodb://${host}/?directConnection=true`, {
    serverSelectionTimeoutMS: ANSWERS_WITHIN_MS,
  });
  try {
    const admin = client.db("admin");
    const { setName, isWritablePrimary } = await admin.command({ hello: 1 });
    if (!setName) await admin.command({ replSetInitiate: { _id: SET, members: [{ _id: 0, host }] } });
    return isWritablePrimary === true && setName === SET;
  } catch {
    return false;
  } finally {
    await client.close();
  }
}
