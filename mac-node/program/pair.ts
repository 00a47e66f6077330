// Pairs this Mac: makes its key, redeems the code, waits until the person has compared fingerprints and confirmed, and keeps what the
// server gave. Nothing of it stays when it does not come to an end (docs/decisions/2026-11-30-macs.md).
import { setTimeout as sleep } from "node:timers/promises";
import {
  CODE_ALPHABET,
  CODE_LENGTH,
  codeOf,
  type EdgeCredentials,
  pairingMessage,
  type Redeemed,
  redeemed,
} from "../../contracts/pairing.ts";
import { keyFingerprint } from "../../lib/key-fingerprint.ts";
import { type Answer, type AskServer, refusalOf, type ServerAccess } from "./ask-server.ts";
import { type NodeFolder, prepareNodeFolder } from "./folder.ts";
import { type Identity, keepPairing, readIdentity } from "./identity.ts";
import { makeKey, type NodeKey } from "./key.ts";
import { tellLeft } from "./leave.ts";
import { NodeProblem } from "./problem.ts";

export type Pairing = {
  folder: NodeFolder;
  access: ServerAccess;
  ask: AskServer;
  code: string;
  name: string;
  version: string;
  /** Ends the waiting: then nothing is kept here, and a confirmation that crossed it is taken back. */
  signal: AbortSignal;
  /** The key is bound to the code: now the person compares. Told once. */
  waiting(shown: { fingerprint: string; expiresAt: Date }): void;
  /** Milliseconds between two looks; for tests. */
  everyMs?: number;
};

type Confirmed = Extract<Redeemed, { status: "confirmed" }>;

const EVERY_MS = 2_000;
/** What a last look after Ctrl-C may take. */
const LAST_LOOK_MS = 3_000;
/** Looks that may fail in a row for want of a network. */
const MOST_MISSED = 15;

/** @throws NodeProblem `already_paired`, `bad_code`, `folder`, and all that the server or the way to it may say */
export async function pair(pairing: Pairing): Promise<Identity> {
  const { folder, access } = pairing;
  const known = readIdentity(folder);
  if (known) throw new NodeProblem({ kind: "already_paired", server: known.server });
  const code = codeOf(pairing.code);
  if (!new RegExp(`^[${CODE_ALPHABET}]{${CODE_LENGTH}}$`).test(code))
    throw new NodeProblem({ kind: "bad_code", text: pairing.code });
  prepareNodeFolder(folder);
  const key = await makeKey();
  const look = lookAt(pairing, code, key);
  const confirmed = await untilConfirmed(pairing, key, look);
  return keep(pairing, key, confirmed, access);
}

function lookAt({ access, ask, name, version }: Pairing, code: string, key: NodeKey) {
  const body = {
    code,
    public_key: key.publicKey,
    signature: key.sign(pairingMessage(code, key.publicKey)),
    name,
    platform: process.platform,
    version,
  };
  return async (signal: AbortSignal): Promise<Redeemed> =>
    redeemedOf(await ask(access, "/nodes/pairings/redeem", body, signal), access);
}

async function untilConfirmed(
  { signal, waiting, everyMs = EVERY_MS }: Pairing,
  key: NodeKey,
  look: (signal: AbortSignal) => Promise<Redeemed>,
): Promise<Confirmed> {
  const here = keyFingerprint(key.publicKey);
  let isShown = false;
  let missed = 0;
  for (;;) {
    let pauseMs = everyMs;
    try {
      const found = await look(signal);
      missed = 0;
      if (found.status === "confirmed") return found;
      if (found.fingerprint !== here)
        throw new NodeProblem({ kind: "other_fingerprint", here, there: found.fingerprint });
      if (!isShown) waiting({ fingerprint: here, expiresAt: new Date(found.expires_at) });
      isShown = true;
    } catch (thrown) {
      if (signal.aborted) return leftOff(look, isShown);
      // Before anything is shown the person is at the command and can mend it.
      pauseMs = isShown ? pauseAfter(thrown, everyMs) : fail(thrown);
      missed += 1;
      if (missed > MOST_MISSED) throw thrown;
    }
    await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return leftOff(look, isShown);
  }
}

function fail(thrown: unknown): never {
  throw thrown;
}

/** A network that is away for a moment ends no pairing. @throws what waiting does not mend */
function pauseAfter(thrown: unknown, everyMs: number): number {
  const problem = thrown instanceof NodeProblem ? thrown.problem : undefined;
  if (problem?.kind === "too_many") return (problem.seconds ?? 10) * 1_000;
  const passes =
    problem?.kind === "unreachable" ||
    problem?.kind === "not_macjarvis" ||
    (problem?.kind === "server" && problem.status >= 500);
  if (!passes) throw thrown;
  return everyMs;
}

/** The confirmation may have crossed Ctrl-C: whoever confirmed must not be left with a Mac that does not come. */
async function leftOff(
  look: (signal: AbortSignal) => Promise<Redeemed>,
  wasShown: boolean,
): Promise<Confirmed> {
  const last = wasShown ? await look(AbortSignal.timeout(LAST_LOOK_MS)).catch(() => undefined) : undefined;
  if (last?.status === "confirmed") return last;
  throw new NodeProblem({ kind: "left_off", wasConfirmed: false });
}

async function keep(
  { folder, access, ask, name, signal }: Pairing,
  key: NodeKey,
  confirmed: Confirmed,
  { authorities }: ServerAccess,
): Promise<Identity> {
  const { node_id, user_id, owner, credentials } = confirmed;
  const identity: Identity = {
    ...{ node_id, user_id, owner, name, server: access.url },
    public_key: key.publicKey,
    grant_keys: credentials.grant_keys,
    edge_url: credentials.edge_url,
    paired_at: new Date().toISOString(),
  };
  try {
    if (signal.aborted) throw new NodeProblem({ kind: "left_off", wasConfirmed: true });
    const offset_ms = offsetOf(credentials);
    keepPairing(folder, { identity, key, credentials: { ...credentials, offset_ms }, authorities });
    return identity;
  } catch (thrown) {
    // What cannot be kept, or is not wanted any more, is taken back there too.
    await tellLeft({ access, ask, identity, key, offsetMs: 0 }).catch(() => undefined);
    throw thrown;
  }
}

/** The server's clock less this Mac's. */
export function offsetOf({ server_time }: EdgeCredentials, now: number = Date.now()): number {
  return Date.parse(server_time) - now;
}

function redeemedOf(answer: Answer, { url }: ServerAccess): Redeemed {
  if (answer.status === 200) {
    const parsed = redeemed.safeParse(answer.body);
    if (parsed.success) return parsed.data;
    throw new NodeProblem({ kind: "not_macjarvis", url, status: answer.status });
  }
  const { code, detail } = refusalOf(answer);
  const { status, retryAfterMs } = answer;
  if (status === 429) {
    const seconds = retryAfterMs === undefined ? undefined : Math.ceil(retryAfterMs / 1_000);
    throw new NodeProblem({ kind: "too_many", seconds });
  }
  const kind = CODES[code];
  if (kind) throw new NodeProblem({ kind });
  throw code === ""
    ? new NodeProblem({ kind: "not_macjarvis", url, status })
    : new NodeProblem({ kind: "server", status, detail });
}

/** Types of lib/errors.ts on the server's side. */
const CODES: Record<string, "code_unknown" | "code_used" | "code_expired" | "code_refused"> = {
  pairing_not_found: "code_unknown",
  pairing_used: "code_used",
  pairing_expired: "code_expired",
  pairing_refused: "code_refused",
};
