// One request and its response: hands on the bytes as they come, knows when the answer is whole although the server goes on, and
// closes the socket of what nobody wants any more. Made by transport.ts for each request.
// Responses that come compressed although nobody asked for it are unpacked (some gateways do that to everything), and characters
// that are split over chunks wait for their rest.
import type { IncomingHttpHeaders } from "node:http";
import type { Transform } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import {
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createZstdDecompress,
} from "node:zlib";
import type { Dispatcher } from "undici";

/** Called synchronously as bytes come; what it throws aborts the request and rejects `send`. */
export type WireReader = {
  onResponse(status: number, headers: IncomingHttpHeaders): void;
  /** @returns how much more is needed */
  onData(chunk: Buffer): Wanted;
};

/**
 * `all`: what comes until the response ends. `rest`: the answer is whole, what comes soon belongs to it; not all servers end
 * their responses. `nothing`: `send` resolves, although the server has not ended the response yet.
 */
export type Wanted = "all" | "rest" | "nothing";

/** A server that has said its last word gets this long to end the response before its socket is closed. */
const ENDING_MS = 1_000;
/** A whole answer is over after this much silence, and after so much time however much noise there is. */
const LAST_WORDS_MS = 750;
const MOST_LAST_WORDS_MS = 3_000;

export function abortError(): Error {
  return new DOMException("The request was aborted", "AbortError");
}

type State = "open" | "satisfied" | "settled";

/** An undici handler for one request. Settles once; after that its socket is closed or goes back to the pool. */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly #reader: WireReader;
  readonly #resolve: () => void;
  readonly #reject: (error: unknown) => void;
  #controller: Dispatcher.DispatchController | undefined;
  #state: State = "open";
  #ending: NodeJS.Timeout | undefined;
  /** When the answer was found to be whole; monotonic. */
  #wholeAt: number | undefined;
  #decoder: Decoder | undefined;

  constructor(reader: WireReader, resolve: () => void, reject: (error: unknown) => void) {
    this.#reader = reader;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** Also before the request is on its way: `onRequestStart` then ends it. */
  abort(): void {
    this.#fail(abortError());
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#state === "settled") controller.abort(abortError());
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
  ): void {
    if (status < 200 || this.#state !== "open") return;
    this.#guard(() => {
      this.#decoder = openDecoder(headers);
      this.#decoder
        ?.on("data", (chunk: Buffer) => this.#take(chunk))
        .on("end", () => this.#end())
        .on("error", (error) => this.#fail(error));
      this.#reader.onResponse(status, headers);
    });
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#decoder) this.#decoder.write(chunk);
    else this.#take(chunk);
  }

  onResponseEnd(): void {
    if (this.#decoder && this.#state === "open") this.#decoder.end();
    else this.#end();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    clearTimeout(this.#ending);
    this.#decoder?.destroy();
    this.#state = "settled";
    this.#reject(error);
  }

  #take(chunk: Buffer): void {
    if (this.#state !== "open") return;
    try {
      const wanted = this.#reader.onData(chunk);
      if (wanted === "nothing") this.#satisfied();
      else if (wanted === "rest") this.#awaitSilence();
    } catch (error) {
      this.#fail(error);
    }
  }

  #awaitSilence(): void {
    clearTimeout(this.#ending);
    this.#wholeAt ??= performance.now();
    const left = this.#wholeAt + MOST_LAST_WORDS_MS - performance.now();
    this.#ending = setTimeout(() => this.#satisfied(), Math.min(LAST_WORDS_MS, Math.max(0, left)));
  }

  #end(): void {
    clearTimeout(this.#ending);
    this.#state = "settled";
    this.#resolve();
  }

  /** The socket can be used again when the server ends the response properly; it is not waited for. */
  #satisfied(): void {
    if (this.#state !== "open") return;
    this.#state = "satisfied";
    clearTimeout(this.#ending);
    this.#ending = setTimeout(() => this.#controller?.abort(abortError()), ENDING_MS).unref();
    this.#resolve();
  }

  #guard(read: () => void): void {
    try {
      read();
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    if (this.#state === "settled") return;
    this.#state = "settled";
    clearTimeout(this.#ending);
    this.#decoder?.destroy();
    this.#reject(error);
    this.#controller?.abort(abortError());
  }
}

/** Bytes go in with `write` and `end` and come out as `data`, each as soon as it can. */
type Decoder = Transform;

/** Undefined for a response that is not compressed, or in a way nobody here knows. */
function openDecoder(headers: IncomingHttpHeaders): Decoder | undefined {
  switch (headers["content-encoding"]?.trim().toLowerCase()) {
    case "gzip":
    case "x-gzip":
      return createGunzip({ flush: constants.Z_SYNC_FLUSH });
    case "deflate":
      return createInflate({ flush: constants.Z_SYNC_FLUSH });
    case "br":
      return createBrotliDecompress({ flush: constants.BROTLI_OPERATION_FLUSH });
    case "zstd":
      return createZstdDecompress({ flush: constants.ZSTD_e_flush });
    default:
      return undefined;
  }
}

/** Decodes UTF-8 in pieces. Chunks nearly always end with a whole character (a line feed); only others need the decoder. */
export class EventText {
  #decoder: StringDecoder | undefined;

  decode(chunk: Buffer): string {
    if (this.#decoder) return this.#decoder.write(chunk);
    if ((chunk[chunk.length - 1] ?? 0) < 0x80) return chunk.toString("utf8");
    this.#decoder = new StringDecoder("utf8");
    return this.#decoder.write(chunk);
  }
}
