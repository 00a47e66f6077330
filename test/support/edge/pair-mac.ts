// A Mac for tests that pairs over HTTP as its program does, and connects with what it is given.
import { type Authenticator, connect, type NatsConnection } from "nats";
import {
  codeOf,
  type EdgeCredentials,
  leaveMessage,
  pairingMessage,
  type Redeemed,
  renewMessage,
} from "../../../contracts/pairing.ts";
import { type Key, makeKey, Signer } from "../../../lib/edge/keys/signatures.ts";
import { type Answer, Client } from "../client.ts";

export type Opened = { id: string; code: string; expires_at: string; command: string };
type Confirmed = Extract<Redeemed, { status: "confirmed" }>;

export class TestMac {
  readonly key: Key = makeKey("user");
  readonly #signer = new Signer(this.key.seed);
  readonly #client: Client;
  /** What it was given last. */
  credentials: EdgeCredentials | undefined;
  id = "";

  constructor(url: string) {
    this.#client = new Client(url);
  }

  /** The body of a redemption; with any part changed. */
  redemption(typed: string, over: Record<string, unknown> = {}): Record<string, unknown> {
    const code = codeOf(typed);
    const { publicKey } = this.key;
    const signature = this.#signer.sign(pairingMessage(code, publicKey));
    const itself = { name: "studio", platform: "darwin", version: "0.1.0" };
    return { code, public_key: publicKey, signature, ...itself, ...over };
  }

  async redeem(typed: string, headers: Record<string, string> = {}): Promise<Answer<Redeemed>> {
    const body = this.redemption(typed);
    const answer = await this.#client.call<Redeemed>("POST", "/nodes/pairings/redeem", body, headers);
    if (answer.status === 200 && answer.body.status === "confirmed") this.#keep(answer.body);
    return answer;
  }

  /** What asks for new credentials. */
  renewal(issuedAt = new Date(Date.now()).toISOString()) {
    const signature = this.#signer.sign(renewMessage(this.id, issuedAt));
    return { id: this.id, issued_at: issuedAt, signature };
  }

  async renew(issuedAt?: string): Promise<Answer<EdgeCredentials & { code?: string }>> {
    const { id: _id, ...body } = this.renewal(issuedAt);
    const answer = await this.#client.call<EdgeCredentials>("POST", `/nodes/${this.id}/credentials`, body);
    if (answer.status === 200) this.credentials = answer.body;
    return answer;
  }

  leave(issuedAt = new Date().toISOString()): Promise<Answer> {
    const body = { issued_at: issuedAt, signature: this.#signer.sign(leaveMessage(this.id, issuedAt)) };
    return this.#client.call("POST", `/nodes/${this.id}/leave`, body);
  }

  /** It does not come back by itself. @throws the library's error when it is refused */
  connect(credentials = this.credentials): Promise<NatsConnection> {
    if (!credentials) throw new Error("the Mac has no credentials");
    const { jwt, edge_url } = credentials;
    // As the program does: the library's own signing takes so long on a busy machine that the server gives up.
    const authenticator: Authenticator = (nonce = "") => ({
      ...{ jwt, nkey: this.key.publicKey, sig: this.#signer.sign(nonce) },
    });
    return connect({ servers: edge_url, authenticator, reconnect: false });
  }

  #keep({ node_id, credentials }: Confirmed): void {
    this.id = node_id;
    this.credentials = credentials;
  }
}

/** A Mac that is paired with the user of the client. */
export async function pairMac(user: Client): Promise<TestMac & { given: Confirmed }> {
  const mac = new TestMac(user.url);
  const { body: opened } = await user.call<Opened>("POST", "/nodes/pairings", {});
  await mac.redeem(opened.code);
  await user.call("POST", `/nodes/pairings/${opened.id}/confirm`, {});
  const { status, body } = await mac.redeem(opened.code);
  if (status !== 200 || body.status !== "confirmed") throw new Error(`pairing: ${JSON.stringify(body)}`);
  return Object.assign(mac, { given: body });
}
