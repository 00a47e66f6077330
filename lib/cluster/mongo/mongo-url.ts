// MONGO_URL and what of the driver's options is not left to it. The driver reads the URL itself: mongodb://user:password@host,host/database
// ?replicaSet=rs0&tls=true, or mongodb+srv://. What would send passwords and documents in clear over a network is refused.
import { type Db, MongoClient, type MongoClientOptions, ReadConcern } from "mongodb";
import { isLoopback } from "../../env.ts";
import { toError } from "../../errors.ts";

export type Patience = {
  /** Until one connection stands, or one is free. */
  connectMs: number;
  /** Until there is a server that takes writes. */
  selectionMs: number;
  /** Without a word on a connection that waits for an answer: then it is given up, and the driver asks once more. */
  answerMs: number;
  /** Of an operation as a whole, whatever the driver repeats. */
  operationMs: number;
};

/** So that a request which meets a server that is away, and takes back what it began, is refused before it is given up. */
export const PATIENCE: Patience = {
  connectMs: 5_000,
  selectionMs: 3_000,
  answerMs: 6_000,
  operationMs: 7_000,
};

const DATABASE = "macjarvis";
const FORM = "mongodb://user:password@host:27017/database?replicaSet=rs0&tls=true";

type Wanted = { url: string; name: string; connections: number; patience: Patience };

/**
 * Connects to nothing yet.
 * @param name of the process, as the server shows it
 * @throws Error in words for whoever starts the process; they hold no password
 */
export function makeClient({ url, name, connections, patience }: Wanted): MongoClient {
  if (!/^mongodb(\+srv)?:\/\//.test(url)) throw new Error(`MONGO_URL must be like ${FORM}.`);
  const client = madeBy(url, {
    appName: name,
    maxPoolSize: connections,
    connectTimeoutMS: patience.connectMs,
    waitQueueTimeoutMS: patience.connectMs,
    serverSelectionTimeoutMS: patience.selectionMs,
    socketTimeoutMS: patience.answerMs,
    retryWrites: true,
    retryReads: true,
    // Numbers are numbers, whatever the URL says.
    promoteLongs: true,
    promoteValues: true,
  });
  requireSecrecy(client);
  return client;
}

/**
 * The database of the URL, `macjarvis` where it names none. Whatever the URL says of it: what is written is on the disks of most members
 * when it answers, and nothing is read that a change of primary could take back.
 */
export function databaseOf(client: MongoClient, url: string): Db {
  // The driver's own name for a database that is not named is "test".
  const isNamed = /^[^/]+\/\/[^/?]+\/[^?]/.test(url);
  return client.db(isNamed ? undefined : DATABASE, {
    writeConcern: { w: "majority", journal: true },
    readConcern: new ReadConcern("majority"),
    readPreference: "primary",
  });
}

function madeBy(url: string, options: MongoClientOptions): MongoClient {
  try {
    return new MongoClient(url, options);
  } catch (thrown) {
    const { message } = toError(thrown);
    // The driver's words for an option name it and its values; others could quote the URL.
    const reason = /^(options? |tls|ssl|directConnection|loadBalanced)/i.test(message) ? ` ${message}.` : "";
    throw new Error(`MONGO_URL cannot be used:${reason} It must be like ${FORM}.`);
  }
}

function requireSecrecy({ options }: MongoClient): void {
  const { tls, rejectUnauthorized, checkServerIdentity } = options;
  // Whoever is in between can show any certificate to one who looks at none.
  const isChecked = tls && rejectUnauthorized !== false && checkServerIdentity === undefined;
  if (isChecked) return;
  const far =
    options.srvHost ?? options.hosts.find(({ host }) => host !== undefined && !isLoopback(host))?.host;
  if (far === undefined) return;
  throw new Error(
    `MONGO_URL would send passwords and data to ${far} in a way that others can read. Add tls=true to the URL, and tlsCAFile=/path/of/its/ca.pem when its certificate is not from a public authority.`,
  );
}
