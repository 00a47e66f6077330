// The fake model as a load: so many tokens at a steady rate for hundreds of streams, all from one timer.
import type { ServerResponse } from "node:http";

export type Pace = {
  /** Tokens of each answer. */
  tokens: number;
  /** Tokens a second; 0 sends all at once. */
  rate: number;
};

type Stream = { response: ServerResponse; sent: number; startedAt: number };

const TICK_MS = 2;
const END =
  'data: {"id":"b","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n' +
  'data: {"id":"b","choices":[],"usage":{"prompt_tokens":10,"completion_tokens":TOKENS}}\n\ndata: [DONE]\n\n';

export class Paced {
  readonly #pace: Pace;
  readonly #streams = new Set<Stream>();
  #timer: NodeJS.Timeout | undefined;

  constructor(pace: Pace) {
    this.#pace = pace;
  }

  add(response: ServerResponse): void {
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    response.flushHeaders();
    const stream = { response, sent: 0, startedAt: performance.now() };
    this.#streams.add(stream);
    response.on("close", () => this.#streams.delete(stream));
    this.#timer ??= setInterval(() => this.#tick(), TICK_MS);
    this.#send(stream, performance.now());
  }

  #tick(): void {
    const now = performance.now();
    for (const stream of this.#streams) this.#send(stream, now);
    if (this.#streams.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #send(stream: Stream, now: number): void {
    const { tokens, rate } = this.#pace;
    const due = rate === 0 ? tokens : Math.floor(((now - stream.startedAt) / 1_000) * rate) + 1;
    const until = Math.min(tokens, due);
    if (until === stream.sent) return;
    let text = "";
    for (; stream.sent < until; stream.sent += 1)
      text += `data: {"id":"b","object":"chat.completion.chunk","created":1700000000,"model":"fake","choices":[{"index":0,"delta":{"content":"w${stream.sent} "},"finish_reason":null}]}\n\n`;
    if (stream.sent < tokens) {
      stream.response.write(text, "latin1");
      return;
    }
    this.#streams.delete(stream);
    stream.response.end(text + END.replace("TOKENS", String(tokens)), "latin1");
  }
}
