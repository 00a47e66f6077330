// Leaves the server: it is told to revoke this Mac, and the key goes. Without the server the key goes all the same.
import { leaveMessage } from "../../contracts/pairing.ts";
import { toError } from "../../lib/errors.ts";
import { type AskServer, refusalOf, type ServerAccess } from "./ask-server.ts";
import type { NodeFolder } from "./folder.ts";
import { accessOf, forgetPairing, type Identity, pairedIdentity, readCredentials } from "./identity.ts";
import { type NodeKey, readKey } from "./key.ts";
import { NodeProblem } from "./problem.ts";

/** `untold`: why the server does not know yet; it has to be told there. */
export type Left = { identity: Identity; untold: Error | undefined };

/** @throws NodeProblem `not_paired` */
export async function leave(folder: NodeFolder, ask: AskServer): Promise<Left> {
  const identity = pairedIdentity(folder);
  const untold = await tell(folder, ask, identity).catch(toError);
  forgetPairing(folder);
  return { identity, untold: untold ?? undefined };
}

async function tell(folder: NodeFolder, ask: AskServer, identity: Identity): Promise<undefined> {
  const key = await readKey(folder.seed);
  const offsetMs = readCredentials(folder)?.offset_ms ?? 0;
  await tellLeft({ access: accessOf(folder, identity), ask, identity, key, offsetMs });
}

type Telling = {
  access: ServerAccess;
  ask: AskServer;
  identity: Pick<Identity, "node_id">;
  key: NodeKey;
  offsetMs: number;
};

/** @throws NodeProblem when the server cannot be told; that it knows already is none */
export async function tellLeft({ access, ask, identity, key, offsetMs }: Telling): Promise<undefined> {
  const { node_id } = identity;
  const issued_at = new Date(Date.now() + offsetMs).toISOString();
  const signature = key.sign(leaveMessage(node_id, issued_at));
  const answer = await ask(access, `/nodes/${encodeURIComponent(node_id)}/leave`, { issued_at, signature });
  if (answer.status >= 200 && answer.status < 300) return;
  const { code, detail } = refusalOf(answer);
  if (code === "node_revoked" || code === "node_not_found") return;
  throw new NodeProblem({ kind: "server", status: answer.status, detail });
}
