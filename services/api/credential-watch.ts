// What is open with a credential ends with it: event streams, waits and downloads of a key that was removed or has expired, of a
// login that was ended, of an account that is disabled, removed or no longer an admin's. A signal says where to look, and who
// waits for a signal also looks by itself: signals can be lost.
import type { Caller } from "../../contracts/access.ts";
import { USER_CHANGED, type UserChanged } from "../../contracts/signals.ts";
import type { Credential, CredentialState } from "../../contracts/users.ts";
import { isAdmin } from "../../lib/broker/authorization.ts";
import { AppError, toError } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import type { Signals } from "../../lib/ports/signals.ts";

/** How often is looked for what is new, due or at its end, in milliseconds. */
const TICK_MS = 500;
/** How long a lost signal may go unnoticed, in milliseconds. */
const POLL_MS = 10_000;
/** Credentials in one question. */
const AT_ONCE = 100;

export type AskStates = (credentials: Credential[]) => Promise<CredentialState[]>;
/** Ends one open request. Called once. */
type End = (reason: AppError) => void;
type Watched = {
  name: string;
  credential: Credential;
  wasAdmin: boolean;
  /** `performance.now()` of the last answer; 0 when there was none since it is watched. */
  checkedAt: number;
  /** Epoch milliseconds. */
  endsAt: number | null;
  open: Set<End>;
};

export class CredentialWatch {
  readonly #ask: AskStates;
  readonly #log: Log;
  readonly #watched = new Map<string, Watched>();
  readonly #quiet: () => void;
  readonly #timer: NodeJS.Timeout;

  constructor(ask: AskStates, signals: Signals, log: Log) {
    this.#ask = ask;
    this.#log = log;
    this.#quiet = signals.subscribe(USER_CHANGED, (data) => this.#changed((data as UserChanged).user_id));
    this.#timer = setInterval(() => this.look(), TICK_MS).unref();
  }

  /**
   * Calls `end` when the caller's credential ends. What ended before this, while the request was on its way, is seen with the
   * next tick.
   * @returns how to stop; to be called when the request is over
   */
  watch(caller: Caller, end: End): () => void {
    const { user_id, family_id, key_id } = caller;
    const name = `${user_id} ${key_id ?? family_id ?? ""} ${isAdmin(caller)}`;
    const credential = { user_id, ...(family_id && { family_id }), ...(key_id && { key_id }) };
    const watched = this.#watched.get(name) ?? {
      name,
      credential,
      wasAdmin: isAdmin(caller),
      checkedAt: 0,
      endsAt: null,
      open: new Set(),
    };
    // Its last answer may be older than this request.
    watched.checkedAt = 0;
    this.#watched.set(name, watched);
    watched.open.add(end);
    return () => {
      watched.open.delete(end);
      this.#forget(watched);
    };
  }

  /** Asks about all that is due. */
  look(): void {
    const now = performance.now();
    const clock = Date.now();
    this.#check(
      [...this.#watched.values()].filter(
        ({ checkedAt, endsAt }) =>
          checkedAt === 0 || now - checkedAt >= POLL_MS || (endsAt !== null && endsAt <= clock),
      ),
    );
  }

  close(): void {
    this.#quiet();
    clearInterval(this.#timer);
  }

  #changed(user: string): void {
    this.#check([...this.#watched.values()].filter(({ credential }) => credential.user_id === user));
  }

  #forget(watched: Watched): void {
    if (watched.open.size === 0 && this.#watched.get(watched.name) === watched)
      this.#watched.delete(watched.name);
  }

  #check(due: Watched[]): void {
    for (let start = 0; start < due.length; start += AT_ONCE) {
      const some = due.slice(start, start + AT_ONCE);
      const askedAt = performance.now();
      for (const watched of some) watched.checkedAt = askedAt;
      this.#ask(some.map(({ credential }) => credential)).then(
        (states) => {
          for (const [index, watched] of some.entries()) this.#learn(watched, states[index]);
        },
        (error: unknown) => {
          // Nobody knows that it has ended: what is open goes on, and the next tick asks again.
          for (const watched of some) watched.checkedAt = 0;
          this.#log.debug({ err: toError(error) }, "credentials of open streams could not be asked about");
        },
      );
    }
  }

  #learn(watched: Watched, state: CredentialState | undefined): void {
    if (state?.type === "lives") {
      watched.endsAt = state.ends_at;
      if (!watched.wasAdmin || state.role === "admin") return;
    }
    const reason = reasonOf(state);
    const ends = [...watched.open];
    watched.open.clear();
    this.#forget(watched);
    for (const end of ends) end(reason);
  }
}

function reasonOf(state: CredentialState | undefined): AppError {
  if (state?.type === "ended" && state.disabled)
    return new AppError("account_disabled", "The account was disabled: ask an admin of this server.");
  return new AppError(
    "unauthenticated",
    state?.type === "lives"
      ? "The account has lost rights that this was begun with: ask again."
      : "The login or key that this was begun with has ended: log in again, or use another key.",
  );
}
