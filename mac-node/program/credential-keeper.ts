// Keeps the credentials for the bus fresh: renewed at half of their life by a signed request, the last ones used while they are good.
// A server that says "revoked" is asked no more.
import { type EdgeCredentials, edgeCredentials, renewMessage } from "../../contracts/pairing.ts";
import { toError } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { type Answer, type AskServer, refusalOf, type ServerAccess } from "./ask-server.ts";
import type { Identity, StoredCredentials } from "./identity.ts";
import type { NodeKey } from "./key.ts";
import { NodeProblem } from "./problem.ts";

export type KeeperSettings = {
  identity: Identity;
  access: ServerAccess;
  ask: AskServer;
  key: NodeKey;
  stored: StoredCredentials | undefined;
  log: Log;
  save(credentials: StoredCredentials): void;
  /** Told once; nothing is asked afterwards. */
  revoked(): void;
  /** Told of each failed renewal, and of the end of the row of them (undefined). */
  trouble(error: Error | undefined): void;
  now?: () => number;
  random?: () => number;
};

const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 60_000;
const REFUSED_PAUSE_MS = 10_000;
/** A Mac sleeps, and timers with it: how late it may notice that it is time. */
const LOOK_EVERY_MS = 15_000;
/** What the clock of a header, whole seconds that were on the way, may be wrong by. */
const CLOCK_ERROR_MS = 5_000;
/** Credentials that end so soon are not begun with. */
const SPARE_MS = 5_000;

export class CredentialKeeper {
  readonly #settings: KeeperSettings;
  readonly #now: () => number;
  readonly #random: () => number;
  #held: StoredCredentials | undefined;
  #renewal: Promise<void> | undefined;
  #failures = 0;
  #notBefore = 0;
  #refusedAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #waiting: { resolve(found: EdgeCredentials): void; reject(error: Error): void }[] = [];
  #over: NodeProblem | undefined;
  readonly #stopper = new AbortController();

  constructor(settings: KeeperSettings) {
    this.#settings = settings;
    this.#held = settings.stored;
    this.#now = settings.now ?? Date.now;
    this.#random = settings.random ?? Math.random;
  }

  start(): void {
    this.#timer = setInterval(() => this.look(), LOOK_EVERY_MS);
    this.look();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#stopper.abort();
    this.#end(new NodeProblem({ kind: "left_off", wasConfirmed: true }));
  }

  /** Good credentials: those there are, else the next ones, however long they take. @throws NodeProblem `revoked`, or when it was stopped */
  current(): Promise<EdgeCredentials> {
    if (this.#over) return Promise.reject(this.#over);
    if (this.#held && this.#leftMs(this.#held) > SPARE_MS) return Promise.resolve(this.#pinned(this.#held));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.look();
    });
  }

  /** What the bus does not take is not held on to; said again and again, the server is not asked more often for that. */
  refused({ jwt }: Pick<EdgeCredentials, "jwt">): void {
    const now = this.#now();
    if (this.#held?.jwt !== jwt || now - this.#refusedAt < REFUSED_PAUSE_MS) return;
    this.#refusedAt = now;
    this.#held = undefined;
    this.look();
  }

  /** Renews when it is time to; called by the timer, and whenever somebody waits. */
  look(): void {
    const isTime = !this.#held || this.#now() >= this.#renewAt(this.#held);
    if (this.#over || this.#renewal || !isTime) return;
    const pauseMs = this.#notBefore - this.#now();
    if (pauseMs > LONGEST_PAUSE_MS * 60) this.#notBefore = 0;
    else if (pauseMs > 0) return;
    this.#renewal = this.#renew().finally(() => {
      this.#renewal = undefined;
      if (this.#waiting.length > 0 && !this.#over) this.#lookLater();
    });
  }

  #lookLater(): void {
    setTimeout(() => this.look(), Math.max(1, this.#notBefore - this.#now())).unref();
  }

  /** Half of their life after they came, by this Mac's clock. */
  #renewAt({ server_time, expires_at, offset_ms }: StoredCredentials): number {
    const given = Date.parse(server_time);
    return given - offset_ms + (Date.parse(expires_at) - given) / 2;
  }

  #leftMs({ expires_at, offset_ms }: StoredCredentials): number {
    return Date.parse(expires_at) - (this.#now() + offset_ms);
  }

  /** The keys that are believed stay those of the pairing. */
  #pinned({ offset_ms: _offset, ...credentials }: StoredCredentials): EdgeCredentials {
    return { ...credentials, grant_keys: this.#settings.identity.grant_keys };
  }

  async #renew(): Promise<void> {
    const { trouble, log, identity } = this.#settings;
    try {
      const found = await this.#ask();
      this.#held = found;
      if (this.#failures > 0) trouble(undefined);
      this.#failures = 0;
      this.#notBefore = 0;
      if (!found.grant_keys.some((key) => identity.grant_keys.includes(key)))
        log.error("the server signs with keys that are none of the pairing: leave, and pair this Mac again");
      for (const { resolve } of this.#waiting.splice(0)) resolve(this.#pinned(found));
      this.#save(found);
    } catch (thrown) {
      const error = toError(thrown);
      if (this.#stopper.signal.aborted) return;
      if (error instanceof NodeProblem && error.problem.kind === "revoked") {
        this.#end(error);
        this.#settings.revoked();
        return;
      }
      this.#failures += 1;
      this.#notBefore = this.#now() + this.#pauseMs(error);
      trouble(error);
    }
  }

  /** A disk that is full ends no connection: they are in memory. */
  #save(found: StoredCredentials): void {
    try {
      this.#settings.save(found);
    } catch (thrown) {
      this.#settings.log.warn(
        { err: toError(thrown) },
        "the credentials could not be kept for the next start",
      );
    }
  }

  async #ask(): Promise<StoredCredentials> {
    const { identity, access, ask, key } = this.#settings;
    const { node_id, server } = identity;
    const issued_at = new Date(this.#now() + (this.#held?.offset_ms ?? 0)).toISOString();
    const signature = key.sign(renewMessage(node_id, issued_at));
    const path = `/nodes/${encodeURIComponent(node_id)}/credentials`;
    const answer = await ask(access, path, { issued_at, signature }, this.#stopper.signal);
    const parsed = edgeCredentials.safeParse(answer.body);
    if (answer.status === 200 && parsed.success)
      return { ...parsed.data, offset_ms: Date.parse(parsed.data.server_time) - this.#now() };
    const { code, detail } = refusalOf(answer);
    if (code === "node_revoked" && [401, 403, 410].includes(answer.status))
      throw new NodeProblem({ kind: "revoked", server });
    this.#correctClock(answer);
    const { retryAfterMs } = answer;
    if (answer.status === 429)
      throw new NodeProblem({
        kind: "too_many",
        seconds: retryAfterMs === undefined ? undefined : Math.ceil(retryAfterMs / 1_000),
      });
    throw new NodeProblem({ kind: "server", status: answer.status, detail });
  }

  /** This Mac's clock was set since, perhaps: what is signed with another time than the server's is refused. */
  #correctClock({ status, serverTime }: Answer): void {
    if (!this.#held || serverTime === undefined || status < 400 || status >= 500) return;
    const offset_ms = serverTime - this.#now();
    if (Math.abs(offset_ms - this.#held.offset_ms) > CLOCK_ERROR_MS)
      this.#held = { ...this.#held, offset_ms };
  }

  /** Longer from time to time, and never the same for all Macs of a server that was away. */
  #pauseMs(error: Error): number {
    const asked =
      error instanceof NodeProblem && error.problem.kind === "too_many" ? (error.problem.seconds ?? 0) : 0;
    const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (this.#failures - 1));
    return Math.max(asked * 1_000, longest * (0.5 + this.#random() / 2));
  }

  #end(error: NodeProblem): void {
    this.#over ??= error;
    clearInterval(this.#timer);
    for (const { reject } of this.#waiting.splice(0)) reject(this.#over);
  }
}
