// Server-sent events of a door, written while the run is followed. The head waits for the first thing that there is to tell, so that what
// fails before it has a status of its own; not for long, because programs and proxies wait for heads.
import type { ServerResponse } from "node:http";
import { drained } from "./drained.ts";
import { EVENT_STREAM } from "./event-stream.ts";

/** How long the head waits for what there is to tell. */
const HEAD_MS = 5_000;
const SILENCE_MS = 15_000;
/** A comment, that no client hears. */
const COMMENT = ": ping\n\n";

export class EventWriter {
  readonly #response: ServerResponse;
  readonly #first: () => string;
  readonly #ping: string;
  readonly #head: NodeJS.Timeout;
  #pings: NodeJS.Timeout | undefined;
  #isOpen = false;

  /** @param first what stands at the beginning, once something does. @param ping what is said in silence */
  constructor(response: ServerResponse, first: () => string, ping = COMMENT) {
    this.#response = response;
    this.#first = first;
    this.#ping = ping;
    this.#head = setTimeout(() => this.#open(), HEAD_MS);
    response.once("close", () => this.#stop());
    if (response.destroyed) this.#stop();
  }

  /** The head is out: what fails now is told in the stream. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Answers when the reader takes more. */
  async write(text: string): Promise<void> {
    this.#open();
    if (this.#response.writableEnded || this.#response.destroyed || text === "") return;
    this.#pings?.refresh();
    if (!this.#response.write(text)) await drained(this.#response);
  }

  end(text: string): void {
    this.#open();
    this.#stop();
    if (!this.#response.writableEnded && !this.#response.destroyed) this.#response.end(text);
  }

  /** Nothing is written any more by this. */
  abandon(): void {
    this.#stop();
  }

  #open(): void {
    if (this.#isOpen || this.#response.writableEnded || this.#response.destroyed) return;
    this.#isOpen = true;
    clearTimeout(this.#head);
    this.#response.socket?.setNoDelay(true);
    this.#response.writeHead(200, EVENT_STREAM);
    this.#response.write(this.#first());
    this.#pings = setInterval(() => {
      if (!this.#response.writableEnded) this.#response.write(this.#ping);
    }, SILENCE_MS).unref();
  }

  #stop(): void {
    clearTimeout(this.#head);
    clearInterval(this.#pings);
  }
}
