// The edge as the nodes service serves it: what Macs are given to connect with, and the claims that keep revoked ones away.
import type { EdgeCredentials } from "../../../contracts/pairing.ts";
import { openClaims } from "../../../lib/edge/keys/claims.ts";
import { EdgeSigner } from "../../../lib/edge/keys/edge-signer.ts";
import { KEY_FILES, readKeyFile } from "../../../lib/edge/keys/key-files.ts";
import type { EdgeSettings } from "../../../lib/env/edge.ts";
import type { Log } from "../../../lib/log.ts";
import type { Database } from "../tables.ts";
import { ClaimsKeeper } from "./claims-keeper.ts";
import { readRevoked } from "./read-revoked.ts";

const LIFETIME_S = 30 * 60;

type Mac = { id: string; name: string; public_key: string };

export class Edge {
  readonly claims: ClaimsKeeper;
  readonly #signer: EdgeSigner;
  readonly #publicUrl: string;
  readonly #grantKeys: string[];

  /** @throws Error in words when the folder lacks a key */
  constructor({ url, publicUrl, keysFolder }: EdgeSettings, database: Database, log: Log) {
    this.#signer = new EdgeSigner(keysFolder);
    this.#publicUrl = publicUrl;
    this.#grantKeys = readKeyFile(keysFolder, KEY_FILES.grantsPublic).split(/\s+/);
    this.claims = new ClaimsKeeper({
      open: () => openClaims({ url, keysFolder, tell: (words) => log.warn({ bus: "edge claims" }, words) }),
      read: () => readRevoked(database),
      sign: (revoked) => this.#signer.edgeAccountClaims(revoked),
      log,
    });
  }

  /** What opens the edge to this Mac for half an hour. */
  async credentialsOf({ id, name, public_key: publicKey }: Mac): Promise<EdgeCredentials> {
    const user = { publicKey, nodeId: id, name, lifetimeS: LIFETIME_S };
    const { jwt, expiresAt } = await this.#signer.signMacUser(user);
    return {
      jwt,
      expires_at: expiresAt.toISOString(),
      edge_url: this.#publicUrl,
      grant_keys: this.#grantKeys,
      server_time: new Date().toISOString(),
    };
  }
}
