// A server for MongoDB's clients: the one of MONGO_URL, else DocumentDB on PostgreSQL behind a gateway of our own (documentdb/). To a driver
// that is a replica set of one member; what it does not prove says docs/operations.md.
import { chmod, chown, mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { BSON } from "mongodb";
import type { Obstacle } from "../unless.ts";
import { SET_NAME } from "./documentdb/greeting.ts";
import { encodeCommand } from "./documentdb/wire.ts";
import { findServer } from "./find-server.ts";
import { firstAnswer } from "./first-answer.ts";
import { newDatabaseName, useGivenMongo } from "./given-mongo.ts";
import { ownerBesidesRoot } from "./owner.ts";
import { forgetKilled, initialize } from "./postgres-data.ts";
import { type Place, startProgram } from "./start-program.ts";
import type { TestServer } from "./test-server.ts";

const given = process.env.MONGO_URL;

/** Why a test cannot kill, pause or restart the server: for `testUnless`. */
export const notOurMongo: Obstacle = given ? "the server of MONGO_URL is not ours to stop" : undefined;

/**
 * Its `url` names a database of its own, which is gone after `stop`. The server tells its clients its address: through a proxy they
 * have to say `directConnection=true` instead of `replicaSet`, or they go around it.
 */
export async function startMongo(): Promise<TestServer> {
  return given ? useGivenMongo(given) : startDocumentDb();
}

const engineOf = ({ folder }: Place) => join(folder, "engine");
const dataOf = (place: Place) => join(engineOf(place), "data");
const PING = encodeCommand(BSON.serialize({ ping: 1, $db: "admin" }));

async function startDocumentDb(): Promise<TestServer> {
  const { folder: programs, version } = findServer("documentdb");
  const owner = ownerBesidesRoot();
  const database = newDatabaseName();
  return startProgram({
    name: "mongo",
    version: `DocumentDB ${await extensionVersion(programs)} on PostgreSQL ${version}`,
    file: process.execPath,
    args: (place) => {
      const given = { folder: engineOf(place), programs, owner, port: place.port };
      return [join(import.meta.dirname, "documentdb/main.ts"), JSON.stringify(given)];
    },
    url: ({ port }) => `mongodb://127.0.0.1:${port}/${database}?replicaSet=${SET_NAME}`,
    prepare: async (place) => {
      // On the way to what is another user's.
      await chmod(place.folder, 0o711);
      await mkdir(engineOf(place));
      if (owner) await chown(engineOf(place), owner.uid, owner.gid);
      await initialize(programs, dataOf(place), owner);
    },
    serves: async ({ port }) => (await firstAnswer(port, PING)) !== "",
    endsBy: "SIGTERM",
    cleanUp: (place) => forgetKilled(dataOf(place)),
  });
}

async function extensionVersion(programs: string): Promise<string> {
  const [major = ""] = /\d+(?=\/bin$)/.exec(programs) ?? [];
  const control = join(programs, "../../../../share/postgresql", major, "extension/documentdb.control");
  return /default_version = '([^']+)'/.exec(await readFile(control, "utf8"))?.[1] ?? "";
}
