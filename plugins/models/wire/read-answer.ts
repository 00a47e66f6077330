// One question to a model server and its answer, whatever the vendor: status, event stream or plain JSON, ends and breaks.
// What the events mean is the vendor's own `AnswerReader` (openai/answer.ts, anthropic/answer.ts).
import type { IncomingHttpHeaders } from "node:http";
import { createParser, type EventSourceParser } from "eventsource-parser";
import { typeOf } from "../../../lib/errors.ts";
import { EventText, type Wanted, type WireReader } from "../exchange.ts";
import { DIRECT, type Transport, type WireRequest } from "../transport.ts";
import { lenientJson } from "./json.ts";
import { connectionError, type Failing, interrupted, statusError, wrongAddress } from "./provider-error.ts";

/** One answer, as one vendor writes it. What it throws ends the request. */
export type AnswerReader = {
  /** The `data` of one event. @param isError the event is named so @returns true when it was the last */
  onEvent(data: string, isError: boolean): boolean;
  /** The whole answer, from a server that does not stream. */
  onWhole(body: unknown): void;
  /** Whether the model has said all it wanted to say. */
  isComplete(): boolean;
  /** Sends what is left: open tool calls, usage, the end. */
  conclude(): void;
};

const MAX_ERROR_BYTES = 65_536;
/** Far beyond any answer; a server that sends more is broken or hostile. */
const MAX_ANSWER_BYTES = 64 * 1_024 * 1_024;
const MAX_EVENT_CHARACTERS = 16 * 1_024 * 1_024;

/** How a line of an event stream begins: a field or a comment. */
const FIELD = /^(data|event|id|retry)?:/;
const MOST_OPENING = 20;
/** What begins like no JSON of an answer: a comment that a server wraps as data, to keep the connection alive. */
const REMARK = /^\s*([^\s{["\d-]|\[(?!DONE\])[a-z]|$)/i;
/** Some servers begin with one. */
const BYTE_ORDER_MARK = /^\ufeff+/;

/**
 * @param onActivity called for each network read
 * @throws AppError as contracts/models.ts says; an error named `AbortError` when the request's signal is aborted
 */
export async function readAnswer(
  failing: Failing,
  request: WireRequest,
  answer: AnswerReader,
  onActivity: () => void,
  transport: Transport = DIRECT,
): Promise<void> {
  const reader = new ResponseReader(failing, answer, onActivity);
  try {
    await transport.send(request, reader);
  } catch (error) {
    if (request.signal.aborted || typeOf(error) !== undefined || !isNetworkError(error)) throw error;
    if (reader.isReported()) return reader.conclude();
    throw reader.hasAnswered
      ? interrupted(failing)
      : connectionError(failing, error, transport.proxyOf(request.url));
  }
  reader.conclude();
}

class ResponseReader implements WireReader {
  readonly #failing: Failing;
  readonly #answer: AnswerReader;
  readonly #onActivity: () => void;
  readonly #text = new EventText();
  #status = 0;
  #headers: IncomingHttpHeaders = {};
  #parser: EventSourceParser | undefined;
  /** Text that is no event stream: an error, plain JSON, or white space before either. */
  #plain = "";
  /** How the stream began. */
  #opening = "";
  #received = 0;
  /** Whether any event has come: without one, what came may be no model's answer at all. */
  #hasEvents = false;
  #isLast = false;
  /** Whether the server has answered with a status. */
  hasAnswered = false;

  constructor(failing: Failing, answer: AnswerReader, onActivity: () => void) {
    this.#failing = failing;
    this.#answer = answer;
    this.#onActivity = onActivity;
  }

  onResponse(status: number, headers: IncomingHttpHeaders): void {
    this.hasAnswered = true;
    this.#status = status;
    this.#headers = headers;
    this.#onActivity();
  }

  onData(chunk: Buffer): Wanted {
    this.#onActivity();
    this.#received += chunk.length;
    if (this.#received > MAX_ANSWER_BYTES) throw interrupted(this.#failing);
    const text = this.#text.decode(chunk);
    if (this.#parser) this.#parser.feed(text);
    else this.#begin(text);
    if (this.#isError()) return this.#received > MAX_ERROR_BYTES ? "nothing" : "all";
    if (this.#isLast) return "nothing";
    return this.#parser && this.#answer.isComplete() ? "rest" : "all";
  }

  /** A failed connection does not matter any more: the status was an error, or the answer was complete. */
  isReported(): boolean {
    return this.hasAnswered && (this.#isError() || this.#answer.isComplete());
  }

  conclude(): void {
    if (this.#isError()) throw statusError(this.#failing, this.#status, this.#headers, this.#plain);
    if (this.#parser && !this.#isLast) this.#parser.feed("\n\n");
    if (!this.#parser) this.#readWhole();
    if (!this.#answer.isComplete())
      throw this.#isForeign() ? wrongAddress(this.#failing) : interrupted(this.#failing);
    this.#answer.conclude();
  }

  #isError(): boolean {
    return this.#status < 200 || this.#status > 299;
  }

  /** Something answered with a page or a text of its own: not an answer that broke off. */
  #isForeign(): boolean {
    return this.#parser !== undefined && !this.#hasEvents && !FIELD.test(this.#opening);
  }

  /** The first character that is no white space tells JSON from an event stream; content types are not to be relied on. */
  #begin(text: string): void {
    this.#plain = (this.#plain + text).replace(BYTE_ORDER_MARK, "");
    if (this.#isError()) return;
    const start = this.#plain.trimStart();
    if (start === "" || start.startsWith("{") || start.startsWith("[")) return;
    if (start.startsWith("<")) throw wrongAddress(this.#failing, "answers with a web page");
    this.#parser = createParser({
      onEvent: ({ data, event }) => this.#onEvents(data, event === "error"),
      onError: (error) => {
        if (error.type === "max-buffer-size-exceeded") throw interrupted(this.#failing);
        // llama.cpp writes errors into a field of their own.
        if (error.field === "error") this.#onEvent(`{"error":${error.value}}`, true);
      },
      maxBufferSize: MAX_EVENT_CHARACTERS,
    });
    this.#opening = start.slice(0, MOST_OPENING);
    this.#parser.feed(this.#plain);
    this.#plain = "";
  }

  /** Some servers leave out the empty line between events: then each line is one. */
  #onEvents(data: string, isError: boolean): void {
    for (const piece of data.includes("\n") ? piecesOf(data) : [data]) this.#onEvent(piece, isError);
  }

  #onEvent(data: string, isError = false): void {
    this.#hasEvents = true;
    if (!this.#isLast && !REMARK.test(data)) this.#isLast = this.#answer.onEvent(data, isError);
  }

  /** One JSON; or one on each line, from a server that streams so. */
  #readWhole(): void {
    const pieces = piecesOf(this.#plain);
    if (pieces.length === 1) this.#answer.onWhole(parseJson(this.#plain, this.#failing));
    else for (const piece of pieces) this.#onEvent(piece);
  }
}

/** The text itself when it is one JSON, else its lines. */
function piecesOf(text: string): string[] {
  try {
    lenientJson(text);
    return [text];
  } catch {
    return text.split(/\r\n|\n|\r/).filter((line) => line.trim() !== "");
  }
}

/** JSON that a provider sent. @throws AppError `model_interrupted` when it is none */
export function parseJson(text: string, failing: Failing): unknown {
  try {
    return lenientJson(text);
  } catch {
    throw interrupted(failing);
  }
}

/** Errors of sockets, names and TLS carry a `code`; one without is a fault of our own, which must not look like the provider's. */
function isNetworkError(error: unknown): boolean {
  return typeof (error as { code?: unknown } | null)?.code === "string";
}
