// The client of the HTTP API, for the console, the command line and people's own programs; for browsers and Node alike.
import type { File } from "../../contracts/files.ts";
import { errorOf, NotMacJarvis, NotReached } from "./api-error.ts";
import type { Answered, Given, PathName } from "./paths.ts";

export type ClientOptions = {
  /** Where the server is, e.g. `http://127.0.0.1:3000`; of a page that the server itself gave, "". */
  url: string;
  /** An access token or an API key, asked for with each request; undefined for none. */
  token?: () => string | undefined | Promise<string | undefined>;
  /** Milliseconds until an answer must have come; 30,000 unless said. Streams have none. */
  answerMs?: number;
};
/** `answerMs`: for this request, instead of the client's. */
export type CallOptions = { headers?: Record<string, string>; signal?: AbortSignal; answerMs?: number };
type OpenOptions = Omit<CallOptions, "answerMs"> & { body?: unknown; bytes?: Blob };
/** `name`: else that of a `File`; `session_id`: whose file it is going to be. */
export type UploadOptions = { name?: string; session_id?: string; signal?: AbortSignal };

const ANSWER_MS = 30_000;

export class Client {
  readonly url: string;
  readonly #options: ClientOptions;

  constructor(options: ClientOptions) {
    this.url = options.url;
    this.#options = options;
  }

  /**
   * One request, e.g. `call("GET /sessions/{id}", { id })`. What the path names goes there, the rest behind it (GET) or into the body.
   * @throws ApiError, NotReached, NotMacJarvis, the signal's reason
   */
  async call<Name extends PathName>(
    name: Name,
    params: Given<Name>,
    options: CallOptions = {},
  ): Promise<Answered<Name>> {
    const { method, path, body } = requestOf(name, params as Record<string, unknown>);
    const { headers, answerMs = this.#options.answerMs ?? ANSWER_MS } = options;
    const limit = AbortSignal.timeout(answerMs);
    const signal = options.signal ? AbortSignal.any([options.signal, limit]) : limit;
    const response = await this.open(method, path, { ...(headers ? { headers } : {}), body, signal });
    if (response.status === 204) return null as Answered<Name>;
    try {
      return (await response.json()) as Answered<Name>;
    } catch (thrown) {
      options.signal?.throwIfAborted();
      // A page of a proxy, or an answer that broke off.
      throw thrown instanceof SyntaxError
        ? new NotMacJarvis(this.url, response.status)
        : new NotReached(this.url, thrown);
    }
  }

  /**
   * Uploads a file for a message (`files` of a chat), as it is; of a browser what an input or a drop gives. It lasts as long as it takes.
   * @throws as `call`
   */
  async upload(bytes: Blob, { name, session_id, signal }: UploadOptions = {}): Promise<{ file: File }> {
    const known = name ?? (bytes as { name?: unknown }).name;
    const query = new URLSearchParams({
      ...(typeof known === "string" ? { name: known } : {}),
      ...(session_id === undefined ? {} : { session_id }),
    });
    const path = query.size > 0 ? `/files?${query}` : "/files";
    const response = await this.open("POST", path, { bytes, ...(signal ? { signal } : {}) });
    return (await response.json()) as { file: File };
  }

  /**
   * The response as it comes, once its status is a success.
   * @param path below `/api/v1`
   * @throws as `call`
   */
  async open(method: string, path: string, options: OpenOptions = {}): Promise<Response> {
    const { body, bytes, headers, signal } = options;
    const token = await this.#options.token?.();
    let response: Response;
    try {
      response = await fetch(`${this.url}/api/v1${path}`, {
        method,
        headers: {
          ...(token ? { authorization: `Bearer ${token}` } : {}),
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...(bytes ? { "content-type": bytes.type || "application/octet-stream" } : {}),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        ...(bytes ? { body: bytes } : {}),
        ...(signal ? { signal } : {}),
        // A redirect could carry the token to another server.
        redirect: "error",
      });
    } catch (thrown) {
      if (signal?.aborted && (signal.reason as Error | undefined)?.name !== "TimeoutError") throw thrown;
      throw new NotReached(this.url, thrown);
    }
    if (response.ok) return response;
    throw await errorOf(this.url, response);
  }
}

function requestOf(name: string, params: Record<string, unknown>) {
  const [method = "", pattern = ""] = name.split(" ");
  const rest = { ...params };
  const path = pattern.replace(/\{(\w+)\}/g, (_, field: string) => {
    const value = rest[field];
    delete rest[field];
    if (typeof value !== "string" || value === "") throw new TypeError(`${name} needs "${field}".`);
    return encodeURIComponent(value);
  });
  const given = Object.entries(rest).filter(([, value]) => value !== undefined);
  if (method !== "GET")
    return { method, path, body: given.length > 0 ? Object.fromEntries(given) : undefined };
  const query = new URLSearchParams(
    Object.fromEntries(given.map(([field, value]) => [field, String(value)])),
  );
  return { method, path: query.size > 0 ? `${path}?${query}` : path, body: undefined };
}
