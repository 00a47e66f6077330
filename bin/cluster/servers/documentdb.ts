// DocumentDB on PostgreSQL, behind a gateway of our own (documentdb/), which stands in for MongoDB where there is none. To a driver it is a
// replica set of one member; what it does not prove says docs/operations.md.
import { chmod, chown, mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { BSON } from "mongodb";
import { SET_NAME } from "./documentdb/greeting.ts";
import { encodeCommand } from "./documentdb/wire.ts";
import { findServer } from "./find-server.ts";
import { firstAnswer } from "./first-answer.ts";
import type { LocalServer } from "./local-server.ts";
import { ownerBesidesRoot } from "./owner.ts";
import { forgetKilled, initialize } from "./postgres-data.ts";
import { type Place, startProgram, type Where } from "./start-program.ts";

const engineOf = ({ folder }: Place) => join(folder, "engine");
const dataOf = (place: Place) => join(engineOf(place), "data");
const PING = encodeCommand(BSON.serialize({ ping: 1, $db: "admin" }));

/**
 * @param database the one that its `url` names. The server tells its clients its address: through a proxy they have to say
 * `directConnection=true` instead of `replicaSet`, or they go around it.
 */
export async function startDocumentDb(database: string, where: Where = {}): Promise<LocalServer> {
  const { folder: programs, version } = findServer("documentdb");
  const owner = ownerBesidesRoot();
  return startProgram({
    ...where,
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
      await mkdir(engineOf(place), { recursive: true });
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
