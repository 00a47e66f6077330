// A server for MongoDB's clients: the one of MONGO_URL, else DocumentDB (bin/cluster/servers/documentdb.ts).
import { startDocumentDb } from "../../../bin/cluster/servers/documentdb.ts";
import type { LocalServer } from "../../../bin/cluster/servers/local-server.ts";
import type { Obstacle } from "../unless.ts";
import { newDatabaseName, useGivenMongo } from "./given-mongo.ts";

const given = process.env.MONGO_URL;

/** Why a test cannot kill, pause or restart the server: for `testUnless`. */
export const notOurMongo: Obstacle = given ? "the server of MONGO_URL is not ours to stop" : undefined;

/** Its `url` names a database of its own, which is gone after `stop`. */
export async function startMongo(): Promise<LocalServer> {
  return given ? useGivenMongo(given) : startDocumentDb(newDatabaseName());
}
