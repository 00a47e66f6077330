// The one connection of a process to NATS, shared by its signals, its run events and the bus. It comes back by itself, for ever;
// what is said while it is away is refused here, never kept for later by the library.
import { setTimeout as sleep } from "node:timers/promises";
import {
  connect,
  createInbox,
  type NatsConnection,
  type NatsConnectionImpl,
  PermissionViolationError,
  type PublishOptions,
  wsconnect,
} from "nats";
import { reportDefect } from "../../report-defect.ts";
import { within } from "../within.ts";
import { NATS_URL, type NatsAddress, targetOf } from "./nats-address.ts";
import { connectProblem, storeUnavailable } from "./nats-errors.ts";

export type NatsOptions = NatsAddress & {
  /** Who this is in the server's list of connections: node and service. */
  name: string;
  /** Told in words what whoever runs the server should know: the connection went or came back, a setting is too small. */
  tell?: (words: string) => void;
};

/** The library waits 20 s. */
const CONNECT_MS = 5_000;
/** A connection on which nothing comes back is given up after two unanswered pings: in 6 to 9 s. The library takes 6 minutes. */
const PING_MS = 3_000;
const PINGS_OUT = 2;
/** Between two tries to come back; with jitter, so that the processes of a cluster do not all come in one moment. */
const RETURN_MS = 250;
const RETURN_JITTER_MS = 750;
/** Bytes that may wait to be sent on a connection that stands and does not take them. */
const MOST_WAITING = 16 * 1024 * 1024;
/** How often is looked whether some of it was taken. */
const LOOK_MS = 5;
const USUAL_MAX_PAYLOAD = 8 * 1024 * 1024;
const CHECK_MS = 2_000;
const DRAIN_MS = 3_000;

/** @throws Error in words for a person: no server, wrong credentials, no TLS, something else that listens there */
export async function openNats(options: NatsOptions): Promise<Nats> {
  const target = targetOf(options);
  // Which of both stands in a variable of the library's: a process has connections of one kind only.
  const connection = await (target.wsFactory ? wsconnect : connect)({
    ...target,
    name: options.name,
    timeout: CONNECT_MS,
    pingInterval: PING_MS,
    maxPingOut: PINGS_OUT,
    maxReconnectAttempts: -1,
    reconnectDelayHandler: () => RETURN_MS + Math.random() * RETURN_JITTER_MS,
    // Credentials that are refused today are accepted tomorrow (a restart with another file, an expired user): the library would
    // give up after the second refusal.
    ignoreAuthErrorAbort: true,
  }).catch((thrown: unknown) => {
    throw connectProblem(thrown, target.servers.join(", "), options.variable ?? NATS_URL);
  });
  return new Nats(connection, options.tell ?? (() => undefined));
}

export class Nats {
  /** For the library's own clients (JetStream). What is published goes through `publish`. */
  readonly connection: NatsConnection;
  readonly #tell: (words: string) => void;
  readonly #onReturn = new Set<() => void>();
  /** What this process may not say or hear, as far as it has tried; anew with each connection, since rights are changed. */
  readonly #refused = new Set<string>();
  #closed: Promise<void> | undefined;

  constructor(connection: NatsConnection, tell: (words: string) => void) {
    this.connection = connection;
    this.#tell = tell;
    this.#lookAtSettings();
    void this.#watch();
  }

  /** Whether it stands now, as far as is known: a half-open one is known after a few seconds. */
  get isThere(): boolean {
    return this.#protocol.connected && this.#closed === undefined;
  }

  get isClosed(): boolean {
    return this.#closed !== undefined || this.connection.isClosed();
  }

  /** Bytes of a message with its headers. */
  get maxPayload(): number {
    return this.connection.info?.max_payload ?? USUAL_MAX_PAYLOAD;
  }

  /**
   * Hands a message to the connection.
   * @param data with its headers at most `maxPayload` bytes
   * @returns false when it was dropped: NATS is away, does not take what is sent, or was closed
   */
  publish(subject: string, data: Uint8Array | string, options?: PublishOptions): boolean {
    if (!this.isThere || this.#waiting > MOST_WAITING) return false;
    this.connection.publish(subject, data, options);
    return true;
  }

  /** A subject for answers that only who has the credentials of this process may hear (deploy/compose/nats/roles.conf). */
  newInbox(): string {
    return createInbox((this.connection as NatsConnectionImpl).options.inboxPrefix);
  }

  /** Whether NATS has refused what was published there. Known when the server has answered what came behind it. */
  mayNotPublish(subject: string): boolean {
    return this.#refused.has(refusalOf("publish", subject));
  }

  /**
   * Waits until a connection that stands takes what is sent again: large answers in one moment are more than it holds.
   * @returns false when it is away
   */
  async room(): Promise<boolean> {
    while (this.isThere && this.#waiting > MOST_WAITING) await sleep(LOOK_MS);
    return this.isThere;
  }

  /** Calls it each time the connection has come back, with all subscriptions at the server. @returns how to stop that */
  onReturn(listener: () => void): () => void {
    // Its own, so that the same function can be there twice.
    const mine = () => listener();
    this.#onReturn.add(mine);
    return () => void this.#onReturn.delete(mine);
  }

  /**
   * Answers when the server has done what it was told before, on this connection or after it has come back: then every
   * subscription is there. @throws store_unavailable when that takes too long
   */
  async settled(limitMs: number): Promise<void> {
    const until = performance.now() + limitMs;
    const left = () => Math.max(0, until - performance.now());
    for (;;) {
      if (this.isThere && (await within(left(), this.#flushed(), false))) return;
      if (left() === 0 || this.isClosed) throw storeUnavailable("NATS is away");
      await within(left(), this.#nextReturn(), undefined);
    }
  }

  /** Why NATS does not answer now, in words; undefined when all is well. */
  async check(): Promise<string | undefined> {
    if (!this.isThere) return "NATS is away";
    return (await within(CHECK_MS, this.#flushed(), false)) ? undefined : "NATS does not answer";
  }

  /** Lets what is under way arrive, for a bounded time, and ends the connection. Safe to repeat. */
  close(): Promise<void> {
    this.#closed ??= this.#end();
    return this.#closed;
  }

  async #end(): Promise<void> {
    if (this.#protocol.connected)
      await within(DRAIN_MS, this.connection.drain(), undefined).catch(() => undefined);
    await this.connection.close();
    // A connection that was just being made would come to life after all, with its timers.
    this.#protocol.transport.discard();
    this.#protocol.heartbeats.cancel();
  }

  /** Whether the server has answered; false when the connection went before that. */
  #flushed(): Promise<boolean> {
    return this.connection.flush().then(
      () => true,
      () => false,
    );
  }

  #nextReturn(): Promise<void> {
    return new Promise((resolve) => {
      const quiet = this.onReturn(() => {
        quiet();
        resolve();
      });
    });
  }

  /** The library has no public word for whether it is connected and how much waits. */
  get #protocol(): NatsConnectionImpl["protocol"] {
    return (this.connection as NatsConnectionImpl).protocol;
  }

  get #socket(): AnySocket | undefined {
    return (this.#protocol.transport as { socket?: AnySocket }).socket;
  }

  get #waiting(): number {
    const socket = this.#socket;
    if (!socket) return this.#protocol.outbound.size();
    const unsent = "bufferedAmount" in socket ? socket.bufferedAmount : socket.writableLength;
    return this.#protocol.outbound.size() + unsent;
  }

  async #watch(): Promise<void> {
    for await (const status of this.connection.status()) {
      const { type } = status;
      // The library waits for the other end to take what was sent before it lets go, which a half-open one never does.
      if (type === "staleConnection") letGo(this.#socket);
      if (type === "disconnect") this.#tell("NATS is away; the connection is tried again until it stands");
      if (type === "reconnect") this.#returned();
      if (type === "error" && status.error instanceof PermissionViolationError) this.#refuse(status.error);
    }
  }

  /** Ends nothing: what was refused is lost, and whoever waits for an answer to it has none. Said once of subjects of a kind. */
  #refuse({ operation, subject }: PermissionViolationError): void {
    const refusal = refusalOf(operation, subject);
    if (this.#refused.has(refusal)) return;
    this.#refused.add(refusal);
    this.#tell(
      `NATS does not let this process ${operation === "publish" ? "say" : "hear"} anything on ${subject}. Give it the user of what it does, with the rights in deploy/compose/nats/roles.conf`,
    );
  }

  #returned(): void {
    this.#refused.clear();
    this.#tell("NATS is there again");
    this.#lookAtSettings();
    for (const listener of [...this.#onReturn]) {
      try {
        listener();
      } catch (thrown) {
        reportDefect(thrown);
      }
    }
  }

  #lookAtSettings(): void {
    if (this.maxPayload < USUAL_MAX_PAYLOAD)
      this.#tell(
        `NATS takes messages of up to ${this.maxPayload} bytes only: set max_payload to 8MB in its configuration, or large results cannot be passed on`,
      );
  }
}

type AnySocket =
  | { writableLength: number; destroy(): void }
  | { bufferedAmount: number; dispatchEvent(event: Event): boolean };

/** A WebSocket cannot be destroyed, and closing it waits for the other end; the library is told that it is closed. */
function letGo(socket: AnySocket | undefined): void {
  if (!socket) return;
  if ("destroy" in socket) socket.destroy();
  else socket.dispatchEvent(new Event("close"));
}

/** Subjects that begin with the same two words are of a kind: what follows are ids. */
const refusalOf = (operation: string, subject: string) =>
  `${operation} ${subject.startsWith("$") ? subject : subject.split(".", 2).join(".")}`;
