// Grants: what a hub asks of a Mac is signed for this Mac, this process of it, this action and exactly these parameters, for a short
// time. A stolen credential of the bus commands nothing without the key of grants.
import { z } from "zod";
import { nodeId } from "../../contracts/ids.ts";
import { canonicalJson, hashOf } from "../canonical-json.ts";
import { isSignedBy, type Signer } from "./keys/signatures.ts";

const claims = z.strictObject({
  action: z.string().max(100),
  node_id: nodeId,
  /** Of the Mac's process. */
  instance: z.string().min(1).max(100),
  /** For whom; empty where a hub asks for itself. */
  user_id: z.string().max(100),
  /** SHA-256 of the parameters: tool, arguments, deadline, approval, epoch. */
  params_hash: z.string().length(64),
  /** Epoch milliseconds of the hub's clock. */
  expires_at: z.int(),
});
export type GrantClaims = z.infer<typeof claims>;
const signedGrant = z.strictObject({ claims, key: z.string().max(60), signature: z.string().max(100) });
export type Grant = z.infer<typeof signedGrant>;

/** What is signed says what it is, so that it can be nothing else. */
const signedText = (granted: GrantClaims) => `macjarvis-grant:${canonicalJson(granted)}`;

type Asked = Omit<GrantClaims, "params_hash"> & { params: unknown };

export function signGrant(signer: Signer, { params, ...asked }: Asked): Grant {
  const granted = { ...asked, params_hash: hashOf(params) };
  return { claims: granted, key: signer.publicKey, signature: signer.sign(signedText(granted)) };
}

const signedTime = z.object({ time: z.int(), key: z.string().max(60), signature: z.string().max(100) });
const timeText = (hub: string, time: number) => `macjarvis-time:${hub}:${time}`;

/** What time it is at a hub, so that nobody else can tell a Mac another one, or that a hub lives. */
export function signTime(signer: Signer, hub: string, time: number): z.infer<typeof signedTime> {
  return { time, key: signer.publicKey, signature: signer.sign(timeText(hub, time)) };
}

/** @returns epoch milliseconds; undefined for what this hub has not signed */
export function readTime(said: unknown, hub: string, keys: readonly string[]): number | undefined {
  const parsed = signedTime.safeParse(said);
  if (!parsed.success) return undefined;
  const { time, key, signature } = parsed.data;
  return keys.includes(key) && isSignedBy(key, timeText(hub, time), signature) ? time : undefined;
}

type Expected = Pick<GrantClaims, "action" | "node_id" | "instance"> & {
  params: unknown;
  /** Public keys of hubs that are believed. */
  keys: readonly string[];
  /** The hub's clock, as far as it is known here. */
  now: number;
};

/**
 * The claims of a grant for exactly this.
 * @returns why it is none, in words
 */
export function checkGrant(
  given: unknown,
  expected: Expected,
): { granted: GrantClaims } | { refusal: string } {
  const parsed = signedGrant.safeParse(given);
  if (!parsed.success) return { refusal: "it has no grant" };
  const { claims: granted, key, signature } = parsed.data;
  if (!expected.keys.includes(key))
    return { refusal: "its grant is signed with a key that is not known here" };
  if (!isSignedBy(key, signedText(granted), signature)) return { refusal: "its grant is not signed" };
  if (granted.node_id !== expected.node_id) return { refusal: "its grant is for another machine" };
  if (granted.instance !== expected.instance) return { refusal: "its grant is for another process" };
  if (granted.action !== expected.action) return { refusal: "its grant is for something else" };
  if (granted.params_hash !== hashOf(expected.params))
    return { refusal: "its grant is for other parameters" };
  if (granted.expires_at <= expected.now) return { refusal: "its grant has expired" };
  return { granted };
}
