// Knows how the model servers are: each is looked at when somebody wants to know and the last look is too old. Never in the way
// of a chat: a server that was away may be back.
import type { Transport } from "../transport.ts";
import { type Look, lookAt, type ModelServer, type ServedModel } from "./look.ts";

/** A server that answers is believed for so long; of one that does not people want to know soon that it is back. */
const GOOD_MS = 60_000;
const BAD_MS = 10_000;

/** What is known of one server: for a minute when it answered, for ten seconds when it did not. */
export class ServerWatch {
  readonly server: ModelServer;
  /** The last look; undefined before the first has ended. */
  last: Look | undefined;
  /** When that was, or when a chat has shown that it is there; ISO 8601. */
  lastAt: string | undefined;
  /** What it has said at any time: names do not go away with a server. */
  models: readonly ServedModel[] = [];
  readonly #transport: Transport;
  #lookedAt = 0;
  #looking: Promise<Look> | undefined;

  constructor(server: ModelServer, transport: Transport) {
    this.server = server;
    this.#transport = transport;
  }

  /** A look that is not too old; takes three seconds at most. Asking many times at once looks once. */
  async fresh(): Promise<Look> {
    const age = performance.now() - this.#lookedAt;
    const isFresh = this.last && age < (this.last.state === "answers" ? GOOD_MS : BAD_MS);
    if (this.last && isFresh) return this.last;
    this.#looking ??= lookAt(this.server, this.#transport).then((look) => {
      this.#looking = undefined;
      this.#keep(look);
      return look;
    });
    return this.#looking;
  }

  /** A chat was answered: whatever the last look has found, the server is there and takes the key. */
  answered(): void {
    this.#keep({ state: "answers", models: [] });
  }

  #keep(look: Look): void {
    this.last = look;
    this.lastAt = new Date().toISOString();
    this.#lookedAt = performance.now();
    if (look.state === "answers" && look.models.length > 0) this.models = look.models;
  }
}
