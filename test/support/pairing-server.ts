// The server's side of pairing as a Mac sees it: what it says is set by the test, what it was sent is recorded. Signatures are
// checked as the real one checks them.
import {
  createServer as createPlain,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import { createServer as createSecure } from "node:https";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { fromPublic } from "@nats-io/nkeys";
import type { z } from "zod";
import {
  type EdgeCredentials,
  leaveMessage,
  leaveParams,
  pairingMessage,
  redeemParams,
  renewMessage,
  renewParams,
} from "../../contracts/pairing.ts";
import { keyFingerprint } from "../../lib/key-fingerprint.ts";

export type Told = { path: string; body: Record<string, unknown> };
type Refusal = { status: number; code: string };

export const CODE = "AB12CD3FGH";
export const NODE_ID = "nod_1";
export const GRANT_KEY = "A".repeat(56);

export type PairingServer = {
  url: string;
  told: Told[];
  /** The person has compared and confirmed. */
  confirmed: boolean;
  /** Says no to everything, with this. */
  refusal: Refusal | undefined;
  left: boolean;
  /** Seconds that credentials live. */
  lifeS: number;
  /** The server's clock less this machine's, in milliseconds. */
  offsetMs: number;
  fingerprint: string | undefined;
  stop(): Promise<void>;
};

/** @param tls key and certificate in PEM, for https */
export async function startPairingServer(tls?: { key: string; cert: string }): Promise<PairingServer> {
  const handle = (request: IncomingMessage, response: ServerResponse) => {
    answer(server, request).then(
      ({ status, body }) => {
        const type = status < 400 ? "application/json" : "application/problem+json";
        response.writeHead(status, { "content-type": type }).end(status === 204 ? "" : JSON.stringify(body));
      },
      (thrown: unknown) => response.writeHead(500).end(String(thrown)),
    );
  };
  const listening: Server = tls ? createSecure(tls, handle) : createPlain(handle);
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
  const { port } = listening.address() as AddressInfo;
  const server: PairingServer = {
    url: `${tls ? "https" : "http"}://127.0.0.1:${port}`,
    told: [],
    confirmed: false,
    refusal: undefined,
    left: false,
    lifeS: 1_800,
    offsetMs: 0,
    fingerprint: undefined,
    async stop() {
      listening.closeAllConnections();
      await new Promise((resolve) => listening.close(resolve));
    },
  };
  return server;
}

type Answer = { status: number; body: unknown };

async function answer(server: PairingServer, request: IncomingMessage): Promise<Answer> {
  const path = (request.url ?? "").replace(/^\/api\/v1/, "");
  const body = (await json(request)) as Record<string, unknown>;
  server.told.push({ path, body });
  if (server.refusal) return refuse(server.refusal);
  if (path === "/nodes/pairings/redeem") return redeem(server, redeemParams.parse(body));
  if (path === `/nodes/${NODE_ID}/credentials`)
    return renew(server, renewParams.parse({ id: NODE_ID, ...body }));
  if (path === `/nodes/${NODE_ID}/leave`) return leave(server, leaveParams.parse({ id: NODE_ID, ...body }));
  return refuse({ status: 404, code: "not_found" });
}

function refuse({ status, code }: Refusal): Answer {
  return { status, body: { code, status, detail: `The detail of ${code}.` } };
}

let key = "";

function redeem(server: PairingServer, body: z.output<typeof redeemParams>): Answer {
  if (body.code !== CODE) return refuse({ status: 404, code: "pairing_not_found" });
  if (!isSigned(body.public_key, pairingMessage(body.code, body.public_key), body.signature))
    return refuse({ status: 401, code: "unauthenticated" });
  key = body.public_key;
  const expires_at = new Date(Date.now() + 600_000).toISOString();
  const fingerprint = server.fingerprint ?? keyFingerprint(key);
  if (!server.confirmed) return { status: 200, body: { status: "waiting", fingerprint, expires_at } };
  const found = { node_id: NODE_ID, user_id: "usr_1", owner: "joe@example.com" };
  return { status: 200, body: { status: "confirmed", ...found, credentials: credentialsOf(server) } };
}

function renew(server: PairingServer, { issued_at, signature }: z.output<typeof renewParams>): Answer {
  const isFresh = Math.abs(Date.parse(issued_at) - (Date.now() + server.offsetMs)) < 60_000;
  if (!isFresh || !isSigned(key, renewMessage(NODE_ID, issued_at), signature))
    return refuse({ status: 401, code: "unauthenticated" });
  return { status: 200, body: credentialsOf(server) };
}

function leave(server: PairingServer, { issued_at, signature }: z.output<typeof leaveParams>): Answer {
  if (!isSigned(key, leaveMessage(NODE_ID, issued_at), signature))
    return refuse({ status: 401, code: "unauthenticated" });
  server.left = true;
  return { status: 204, body: undefined };
}

export function credentialsOf({
  lifeS,
  offsetMs,
  told,
}: Pick<PairingServer, "lifeS" | "offsetMs" | "told">): EdgeCredentials {
  const now = Date.now() + offsetMs;
  return {
    jwt: `header.payload${told.length}.signature`,
    expires_at: new Date(now + lifeS * 1_000).toISOString(),
    edge_url: "tls://edge.example.com:4222",
    grant_keys: [GRANT_KEY],
    server_time: new Date(now).toISOString(),
  };
}

function isSigned(publicKey: string, message: string, signature: string): boolean {
  return fromPublic(publicKey).verify(Buffer.from(message), Buffer.from(signature, "base64url"));
}
