// Users of a test's own on an edge: Macs as the server signs them, and whoever else a signing key could make.
import { connect, type NatsConnection, PermissionViolationError, type Subscription } from "nats";
import { EdgeSigner } from "../../../lib/edge/keys/edge-signer.ts";
import { KEY_FILES, type KeyFile, readKeyFile } from "../../../lib/edge/keys/key-files.ts";
import { type Key, makeKey, Signer } from "../../../lib/edge/keys/signatures.ts";
import { signUser } from "../../../lib/edge/keys/users.ts";
import type { EdgeServer } from "./start-edge-server.ts";

export type Mac = Key & { jwt: string };

export async function makeMac(
  { keysFolder }: Pick<EdgeServer, "keysFolder">,
  nodeId: string,
  lifetimeS = 600,
): Promise<Mac> {
  const key = makeKey("user");
  const { publicKey } = key;
  const signed = await new EdgeSigner(keysFolder).signMacUser({ publicKey, nodeId, name: nodeId, lifetimeS });
  return { ...key, jwt: signed.jwt };
}

/** Who hears and says everything in the account, which nothing of ours may. */
export async function makeWitness({ keysFolder }: Pick<EdgeServer, "keysFolder">): Promise<Mac> {
  const key = makeKey("user");
  const account = {
    publicKey: readKeyFile(keysFolder, KEY_FILES.edgeAccount),
    signingSeed: readKeyFile(keysFolder, KEY_FILES.edgeSigningSeed),
  };
  const rights = { says: [">"], hears: [">"] };
  const jwt = await signUser(
    { name: "witness", publicKey: key.publicKey, rights, subscriptions: -1, connections: ["STANDARD"] },
    account,
  );
  return { ...key, jwt };
}

/** It does not come back by itself. @throws the library's error when it is refused */
export function connectAs(
  { url }: Pick<EdgeServer, "url">,
  { jwt, seed }: Omit<Mac, "publicKey">,
): Promise<NatsConnection> {
  const signer = new Signer(seed);
  // The library's own signing is slow, and in jest very much so.
  const authenticator = (nonce = "") => ({ jwt, nkey: signer.publicKey, sig: signer.sign(nonce) });
  return connect({ servers: url, authenticator, reconnect: false });
}

/** As one of the files of the folder of keys. */
export function connectWith(server: EdgeServer, file: KeyFile): Promise<NatsConnection> {
  const [, jwt = "", seed = ""] =
    /JWT-+\s+(\S+)[\s\S]*SEED-+\s+(\S+)/.exec(readKeyFile(server.keysFolder, file)) ?? [];
  return connectAs(server, { jwt, seed });
}

/** Subjects of what it is refused to say, as the server tells. */
export function refusedTo(connection: NatsConnection): string[] {
  const subjects: string[] = [];
  void (async () => {
    for await (const status of connection.status())
      if (status.type === "error" && status.error instanceof PermissionViolationError)
        subjects.push(status.error.subject);
  })();
  return subjects;
}

/** Whether the server lets it hear the subject. */
export async function mayHear(connection: NatsConnection, subject: string): Promise<boolean> {
  let isRefused = false;
  const subscription: Subscription = connection.subscribe(subject, {
    callback: (error) => {
      isRefused ||= error !== null;
    },
  });
  await connection.flush();
  subscription.unsubscribe();
  return !isRefused;
}
