// The HTTP client of the command lines: JSON requests with the key, errors as AppErrors in words for a person.
import { AppError, CATALOGUE, type ErrorType } from "../../lib/errors.ts";
import { cleanText } from "./clean-text.ts";
import type { ServerAccess } from "./server-access.ts";

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
  readonly #access: ServerAccess;

  constructor(access: ServerAccess) {
    this.url = access.url;
    this.#access = access;
  }

  /** The answer's JSON; undefined for 204. @param path below `/api/v1`. @throws AppError of the problem, or UNREACHABLE */
  async json<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await this.open(method, path, { body, signal: AbortSignal.timeout(ANSWER_MS) });
    if (response.status === 204) return undefined as T;
    return (await response.json()) as T;
  }

  /** The response as it comes, once its status is a success. @throws AppError as `json` */
  async open(method: string, path: string, { body, headers, signal }: Request = {}): Promise<Response> {
    const { key } = this.#access;
    let response: Response;
    try {
      response = await fetch(`${this.url}/api/v1${path}`, {
        method,
        headers: {
          ...(key ? { authorization: `Bearer ${key}` } : {}),
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        ...(signal ? { signal } : {}),
        // A redirect could carry the key to another server.
        redirect: "error",
      });
    } catch (thrown) {
      throw unreachable(this.url, thrown);
    }
    if (response.ok) return response;
    throw await problemOf(response, this.url, this.#access);
  }
}

function unreachable(url: string, thrown: unknown): AppError {
  const cause = (thrown as { cause?: { code?: string } }).cause;
  const words = isTimeout(thrown)
    ? `The server at ${url} does not answer. npm run doctor tells more.`
    : url.endsWith(":0")
      ? "With PORT=0 only the server knows its port: set MACJARVIS_URL to the address that npm start printed."
      : `No server answers at ${url} (${cause?.code ?? "no connection"}). Start it with: npm start`;
  return new AppError(UNREACHABLE, words, {}, thrown);
}

function isTimeout(thrown: unknown): boolean {
  return (thrown as { name?: string }).name === "TimeoutError";
}

/** Something else speaks there, or a version that we do not understand. */
export function notMacJarvis(url: string, status: number): AppError {
  return new AppError(
    "internal",
    `What answers at ${url} (status ${status}) is not this version of MacJarvis. Check MACJARVIS_URL, HOST and PORT.`,
  );
}

type Problem = {
  code?: string;
  detail?: string;
  active_run_id?: unknown;
  errors?: { path: string; message: string }[];
};

async function problemOf(response: Response, url: string, access: ServerAccess): Promise<AppError> {
  const problem = (await response.json().catch(() => undefined)) as Problem | undefined;
  if (!problem?.code || !Object.hasOwn(CATALOGUE, problem.code)) return notMacJarvis(url, response.status);
  const type = problem.code as ErrorType;
  const retryAfter = Number(response.headers.get("retry-after"));
  const detail = cleanText(problem.detail ?? CATALOGUE[type].title);
  const active = problem.active_run_id;
  const extras = {
    ...(retryAfter > 0 ? { retryAfterMs: retryAfter * 1_000 } : {}),
    ...(typeof active === "string" ? { show: { active_run_id: cleanText(active) } } : {}),
  };
  return new AppError(type, inWords(type, detail, retryAfter * 1_000, access), extras);
}

function inWords(type: ErrorType, detail: string, retryAfterMs: number, access: ServerAccess): string {
  if (CATALOGUE[type].status === 401)
    return access.key
      ? `The server at ${access.url} does not accept this key. Set MACJARVIS_KEY, or MACJARVIS_HOME to the server's data folder.`
      : (access.keyProblem ?? detail);
  // Most refusals say themselves when to come again.
  if (CATALOGUE[type].status === 429 && retryAfterMs > 0 && !/\bagain\b/i.test(detail))
    return `${detail} Again in ${waitText(retryAfterMs)}.`;
  return detail;
}

/** "40 s", "12 min (at 14:05)", "9 h (at 00:00)" */
export function waitText(milliseconds: number, nowMs: number = Date.now()): string {
  const seconds = Math.ceil(milliseconds / 1_000);
  if (seconds < 90) return `${seconds} s`;
  const at = new Date(nowMs + milliseconds);
  const clock = `${String(at.getHours()).padStart(2, "0")}:${String(at.getMinutes()).padStart(2, "0")}`;
  const minutes = Math.round(seconds / 60);
  return `${minutes < 90 ? `${minutes} min` : `${Math.round(minutes / 60)} h`} (at ${clock})`;
}
