// Serves this Mac's tools until somebody ends it: lock, key, policy, freezing, credentials, and then the bus (serving.ts).
import { toError } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { groundOf, isGroundOf } from "../policy/ground.ts";
import { LivePolicy } from "../policy/live-policy.ts";
import type { PolicyState } from "../policy/read-policy.ts";
import { SecretStore } from "../secrets/secret-store.ts";
import type { AskServer } from "./ask-server.ts";
import { CredentialKeeper } from "./credential-keeper.ts";
import { type NodeFolder, prepareNodeFolder } from "./folder.ts";
import { FileFreezer } from "./freeze.ts";
import {
  accessOf,
  type Identity,
  markRevoked,
  pairedIdentity,
  readCredentials,
  writeCredentials,
} from "./identity.ts";
import { beginOnJournal } from "./journal-identity.ts";
import { readKey } from "./key.ts";
import { lockNodeFolder } from "./lock.ts";
import { NodeProblem } from "./problem.ts";
import type { Serve, ServeGiven, Serving, ServingState } from "./serving.ts";
import { writeState } from "./serving-state.ts";

/** For whoever sits at the terminal; the log has them as well. */
export type ServeEvent =
  | { kind: "begun"; identity: Identity; policy: PolicyState; isFrozen: boolean }
  | { kind: "state"; state: ServingState }
  /** `error`: why credentials cannot be renewed; undefined when they are again. */
  | { kind: "trouble"; error: Error | undefined }
  | { kind: "policy"; policy: PolicyState }
  | { kind: "frozen" }
  | { kind: "stopping" };

export type ServeSettings = {
  folder: NodeFolder;
  ask: AskServer;
  serve: Serve;
  log: Log;
  /** Stops it. */
  signal: AbortSignal;
  tell(event: ServeEvent): void;
  /** For `status`, which may be asked by somebody else. */
  wordsOf(error: Error): string;
};

/**
 * @returns when it was stopped
 * @throws NodeProblem `not_paired`, `in_use`, `revoked`, `damaged`, `folder`; whatever ended the bus
 */
export async function serveNode(settings: ServeSettings): Promise<void> {
  const { folder } = settings;
  const identity = pairedIdentity(folder);
  if (identity.revoked_at) throw new NodeProblem({ kind: "revoked", server: identity.server });
  prepareNodeFolder(folder);
  const lock = await lockNodeFolder(folder);
  try {
    await serveLocked(settings, identity, lock.isLocked);
  } finally {
    lock.release();
  }
}

async function serveLocked(settings: ServeSettings, identity: Identity, isLocked: boolean): Promise<void> {
  const { folder, ask, serve, log, signal, tell } = settings;
  const key = await readKey(folder.seed);
  const access = accessOf(folder, identity);
  const { promise: ended, resolve: stop, reject: fail } = Promise.withResolvers<void>();
  ended.catch(() => undefined);
  const say = sayState(settings);
  let serveAnew = () => {};
  const policy = new LivePolicy(folder.policy, (state) => {
    log.info({ problem: state.ok ? undefined : state.faults }, "the policy was changed");
    tell({ kind: "policy", policy: state });
    serveAnew();
  });
  const freezer = new FileFreezer(folder.frozen);
  freezer.onFreeze(() => {
    log.warn("this Mac was frozen");
    tell({ kind: "frozen" });
  });
  const keeper = new CredentialKeeper({
    ...{ identity, access, ask, key, log },
    stored: readCredentials(folder),
    save: (credentials) => writeCredentials(folder, credentials),
    revoked() {
      log.error("the server has revoked this Mac: it is asked no more");
      markRevoked(folder, identity, new Date());
      fail(new NodeProblem({ kind: "revoked", server: identity.server }));
    },
    trouble(error) {
      if (error) log.warn({ err: error }, "the credentials cannot be renewed now");
      else log.info("the credentials are renewed again");
      say({ trouble: error && settings.wordsOf(error) });
      tell({ kind: "trouble", error });
    },
  });
  const end = () => stop();
  signal.addEventListener("abort", end, { once: true });
  if (signal.aborted) stop();
  let serving: Serving | undefined;
  try {
    tell({ kind: "begun", identity, policy: policy.now(), isFrozen: freezer.isFrozen() });
    keeper.start();
    const given: Omit<ServeGiven, "journal"> = {
      ...{ folder, identity, key, policy, freezer, log },
      secrets: new SecretStore(folder.secrets),
      authorities: access.authorities,
      credentials: () => keeper.current(),
      refused: (credentials) => keeper.refused(credentials),
      onChange(state) {
        log.info({ state: state.state }, "the connection changed");
        say(state);
        tell({ kind: "state", state });
      },
      onProblem: (error) => fail(toError(error)),
    };
    for (let isEnded = false; !isEnded; ) {
      const ground = groundOf(policy.now());
      const changed = new Promise<void>((resolve) => {
        serveAnew = () => isGroundOf(ground, policy.now()) || resolve();
      });
      // Without a lock another process may write the journal beside this one: then nothing is said of it.
      const journal = isLocked ? await beginOnJournal(folder) : undefined;
      serving = await serve({ ...given, journal });
      say(serving.state());
      isEnded = await Promise.race([ended.then(() => true), changed.then(() => false)]);
      if (!isEnded) await serving.stop();
    }
    tell({ kind: "stopping" });
  } finally {
    signal.removeEventListener("abort", end);
    keeper.stop();
    await serving?.stop();
    freezer.stop();
  }
}

/** Writes what is new of the state beside what was said before. */
function sayState({ folder, log }: ServeSettings) {
  const started_at = new Date().toISOString();
  let said = {
    pid: process.pid,
    started_at,
    state: "connecting" as ServingState["state"],
    since: started_at,
  };
  let trouble: string | undefined;
  return (news: Partial<ServingState> & { trouble?: string | undefined }) => {
    if (news.state && news.since) said = { ...said, state: news.state, since: news.since.toISOString() };
    if ("trouble" in news) trouble = news.trouble;
    try {
      writeState(folder, { ...said, ...(trouble === undefined ? {} : { trouble }) });
    } catch (thrown) {
      log.warn({ err: toError(thrown) }, "the state could not be written");
    }
  };
}
