// Pairing: what a Mac and the server say to each other over HTTPS, before and beside the edge bus
// (docs/decisions/2026-11-30-macs.md). Both sides read it here.
import { z } from "zod";
import { nodeId, userId } from "./ids.ts";

/** Crockford's base 32: no letter that is read as another one. Ten of them are the 50 random bits of a code. */
export const CODE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
export const CODE_LENGTH = 10;

/** A code in the one spelling that is hashed and signed, however it was typed: `ab12c-d3fgh`, `AB12CD3FGH`. */
export function codeOf(text: string): string {
  return text.toUpperCase().replaceAll(/[\s-]/g, "").replaceAll(/[IL]/g, "1").replaceAll("O", "0");
}

/** A code as it is shown: `AB12C-D3FGH`. */
export function shownCode(code: string): string {
  return `${code.slice(0, CODE_LENGTH / 2)}-${code.slice(CODE_LENGTH / 2)}`;
}

const pairingCode = z
  .string()
  .max(40)
  .overwrite(codeOf)
  .regex(new RegExp(`^[${CODE_ALPHABET}]{${CODE_LENGTH}}$`), "must be a pairing code such as AB12C-D3FGH");
/** Public half of an nkey of a NATS user. */
export const publicKey = z.string().regex(/^U[A-Z2-7]{55}$/, "must be the public key of a NATS user");
/** Ed25519, base64url without padding. */
const signature = z.string().regex(/^[\w-]{86}$/, "must be an Ed25519 signature in base64url");
const moment = z.iso.datetime();

/**
 * Parameters of `POST /nodes/pairings/redeem`. The first key binds the code; the same body again asks how far it is.
 * `signature`: over `pairingMessage`. `platform` and `version` as Node and the program name them.
 */
export const redeemParams = z.strictObject({
  code: pairingCode,
  public_key: publicKey,
  signature,
  name: z.string().trim().min(1).max(100),
  platform: z.string().min(1).max(20),
  version: z.string().min(1).max(50),
});
/** Parameters of `POST /nodes/{id}/credentials`; `signature`: over `renewMessage`. `issued_at` is this Mac's clock. */
export const renewParams = z.strictObject({ id: nodeId, issued_at: moment, signature });
/** Parameters of `POST /nodes/{id}/leave`: the Mac revokes itself; `signature`: over `leaveMessage`. */
export const leaveParams = z.strictObject({ id: nodeId, issued_at: moment, signature });

// What a signature is over: what it is for comes first, so that none can be used for another one.
export const pairingMessage = (code: string, key: string) => `macjarvis-pair:${code}:${key}`;
export const renewMessage = (id: string, issuedAt: string) => `macjarvis-renew:${id}:${issuedAt}`;
export const leaveMessage = (id: string, issuedAt: string) => `macjarvis-leave:${id}:${issuedAt}`;

// Answers are no strict objects: a server may be newer than its Macs.
/**
 * What opens the edge bus to one Mac for half an hour. `jwt`: of its NATS user. `edge_url`: where it connects, commas between
 * several. `grant_keys`: public nkeys of those whose grants are believed. `server_time`: the server's clock as it answered.
 */
export const edgeCredentials = z.object({
  jwt: z
    .string()
    .max(16_384)
    .regex(/^[\w-]+\.[\w-]+\.[\w-]+$/),
  expires_at: moment,
  edge_url: z.string().min(1).max(2_000),
  grant_keys: z
    .array(z.string().regex(/^[A-Z2-7]{56}$/))
    .min(1)
    .max(20),
  server_time: moment,
});
export type EdgeCredentials = z.infer<typeof edgeCredentials>;

/** `waiting`: until the person has compared the fingerprint and confirmed. `owner`: how the user is called there. */
export const redeemed = z.discriminatedUnion("status", [
  z.object({ status: z.literal("waiting"), fingerprint: z.string().max(100), expires_at: moment }),
  z.object({
    status: z.literal("confirmed"),
    node_id: nodeId,
    user_id: userId,
    owner: z.string().max(500),
    credentials: edgeCredentials,
  }),
]);
export type Redeemed = z.infer<typeof redeemed>;
