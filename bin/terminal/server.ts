// The HTTP client of the command lines: JSON requests with the key, errors as AppErrors in words for a person.
import type { RunEvent } from "../../contracts/run-events.ts";
import { ApiError, type Fault, NotMacJarvis, NotReached } from "../../lib/client/api-error.ts";
import { Client } from "../../lib/client/client.ts";
import { type Beginning, runAsItEnded, runStream, type StreamOptions } from "../../lib/client/run-stream.ts";
import { AppError, CATALOGUE, type ErrorType } from "../../lib/errors.ts";
import { cleanText } from "./clean-text.ts";
import { quotedForShell } from "./quoted-for-shell.ts";
import type { ServerAccess } from "./server-access.ts";
import { type Texts, textsFor } from "./texts.ts";
import { whyUnreachable } from "./why-unreachable.ts";

/** The server cannot be reached or does not speak; `error.cause` is the network's own error. */
export const UNREACHABLE = "request_timeout" satisfies ErrorType;
const ANSWER_MS = 30_000;

type Request = {
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
};

export class Server {
  readonly url: string;
  readonly texts: Texts;
  readonly #access: ServerAccess;
  readonly #client: Client;

  constructor(access: ServerAccess, texts: Texts = textsFor("en")) {
    this.url = access.url;
    this.texts = texts;
    this.#access = access;
    this.#client = new Client({ url: access.url, token: () => access.key });
  }

  /** The key as it stands in a command for a shell; never the key itself. */
  get keyInShell(): string {
    const { keyFile } = this.#access;
    return keyFile === undefined ? "$MACJARVIS_KEY" : `$(cat ${quotedForShell(keyFile)})`;
  }

  /** The answer's JSON; undefined for 204. @param path below `/api/v1`. @throws AppError of the problem, or UNREACHABLE */
  async json<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await this.open(method, path, { body, signal: AbortSignal.timeout(ANSWER_MS) });
    if (response.status === 204) return undefined as T;
    try {
      return (await response.json()) as T;
    } catch (thrown) {
      // A page of a proxy, or an answer that broke off.
      throw thrown instanceof SyntaxError ? this.#notMacJarvis(response.status) : this.#unreachable(thrown);
    }
  }

  /** The response as it comes, once its status is a success. @throws AppError as `json` */
  open(method: string, path: string, request: Request = {}): Promise<Response> {
    return this.#client.open(method, path, request).catch((thrown: unknown) => {
      throw this.#inWords(thrown);
    });
  }

  /** The events of a run (lib/client/run-stream.ts). @throws AppError as `json` */
  async *events(beginning: Beginning, options?: StreamOptions): AsyncGenerator<RunEvent> {
    try {
      yield* runStream(this.#client, beginning, options);
    } catch (thrown) {
      throw this.#inWords(thrown);
    }
  }

  /** What can be told of a run whose events are gone. @throws AppError as `json` */
  eventsAsItEnded(runId: string): Promise<RunEvent[]> {
    return runAsItEnded(this.#client, runId).catch((thrown: unknown) => {
      throw this.#inWords(thrown);
    });
  }

  /** What the client throws, with what to do. The signal's reason stays as it is. */
  #inWords(thrown: unknown): unknown {
    if (thrown instanceof NotReached) return this.#unreachable(thrown.cause);
    if (thrown instanceof NotMacJarvis) return this.#notMacJarvis(thrown.status);
    return thrown instanceof ApiError ? this.#refusal(thrown) : thrown;
  }

  /** What the network has thrown, as words with what to do. @param thrown kept as the cause */
  #unreachable(thrown: unknown): AppError {
    return new AppError(UNREACHABLE, whyUnreachable(this.url, thrown, this.texts), {}, thrown);
  }

  /** Something else speaks there, or a version that we do not understand. */
  #notMacJarvis(status: number): AppError {
    return new AppError("internal", this.texts.connection.notMacJarvis(this.url, status));
  }

  #refusal(error: ApiError): AppError {
    const { retryAfterMs, more } = error;
    const active = more.active_run_id;
    const extras = {
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      ...(typeof active === "string" ? { show: { active_run_id: cleanText(active) } } : {}),
    };
    // A newer server may have codes that this program does not know: its words are as good.
    const type = Object.hasOwn(CATALOGUE, error.code) ? (error.code as ErrorType) : "internal";
    return new AppError(type, this.#words(error), extras);
  }

  #words({ code, status, message, faults, retryAfterMs = 0 }: ApiError): string {
    const { connection } = this.texts;
    const { key, keyProblem } = this.#access;
    const detail = cleanText(message);
    if (status === 401)
      return key ? connection.keyRefused(this.url) : (keyProblem ?? connection.refusal(code, detail));
    const words = [connection.refusal(code, detail), ...this.#fields(code, faults, detail)].join(" ");
    // Most refusals say themselves when to come again.
    return status === 429 && retryAfterMs > 0 && !/\bagain\b/i.test(detail)
      ? connection.again(words, waitText(retryAfterMs, this.texts))
      : words;
  }

  /** The fields at fault where the detail does not name them; of other refusals they only say again what was said. */
  #fields(code: string, faults: Fault[], detail: string): string[] {
    const named = (code === "invalid_request" ? faults : [])
      .map((one) => ({
        path: cleanText(String(one?.path ?? "")),
        fault: cleanText(String(one?.message ?? "")),
      }))
      .filter(({ fault }) => !detail.includes(fault))
      .map(({ path, fault }) => `${path} ${this.texts.said(fault)}`.trim());
    return named.length === 0 ? [] : [named.slice(0, MOST_FIELDS).join(this.texts.connection.between)];
  }
}

/** Fields at fault that are named. */
const MOST_FIELDS = 5;

/** "40 s", "12 min (at 14:05)", "9 h (at 00:00)" */
export function waitText(
  milliseconds: number,
  { connection }: Texts = textsFor("en"),
  nowMs: number = Date.now(),
): string {
  const seconds = Math.ceil(milliseconds / 1_000);
  if (seconds < 90) return connection.seconds(seconds);
  const at = new Date(nowMs + milliseconds);
  const clock = `${String(at.getHours()).padStart(2, "0")}:${String(at.getMinutes()).padStart(2, "0")}`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90
    ? connection.minutes(minutes, clock)
    : connection.hours(Math.round(minutes / 60), clock);
}
