// What a request can fail with: the server's refusal, its absence, or somebody else's answer.

/** A field at fault. */
export type Fault = { path: string; message: string };
type Problem = { code?: unknown; title?: unknown; detail?: unknown; request_id?: unknown; errors?: unknown };

/** The server's own words and code (docs/errors.md). */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly requestId: string | undefined;
  readonly faults: Fault[];
  /** Milliseconds after which a repeat makes sense, where the server says so. */
  readonly retryAfterMs: number | undefined;
  /** What the problem document says besides, e.g. `active_run_id`. */
  readonly more: Record<string, unknown>;

  constructor(status: number, problem: Problem & Record<string, unknown>, retryAfterS: number) {
    const { code, title, detail, request_id, errors, ...more } = problem;
    super(String(detail ?? title ?? code));
    this.name = "ApiError";
    this.status = status;
    this.code = String(code);
    this.requestId = typeof request_id === "string" ? request_id : undefined;
    this.faults = Array.isArray(errors) ? (errors as Fault[]) : [];
    this.retryAfterMs = retryAfterS > 0 ? retryAfterS * 1_000 : undefined;
    this.more = more;
  }
}

/** Nobody answered; `cause` is the network's own error. */
export class NotReached extends Error {
  constructor(url: string, cause: unknown) {
    super(`${url} could not be reached.`, { cause });
    this.name = "NotReached";
  }
}

/** Something else speaks there: a proxy, a login page, another program. */
export class NotMacJarvis extends Error {
  readonly status: number;

  constructor(url: string, status: number) {
    super(`${url} answered ${status}, and not as MacJarvis does.`);
    this.name = "NotMacJarvis";
    this.status = status;
  }
}

/** @param response whose status is no success */
export async function errorOf(url: string, response: Response): Promise<ApiError | NotMacJarvis> {
  const problem: unknown = await response.json().catch(() => undefined);
  const isProblem =
    typeof problem === "object" && problem !== null && typeof (problem as Problem).code === "string";
  if (!isProblem) return new NotMacJarvis(url, response.status);
  return new ApiError(
    response.status,
    problem as Record<string, unknown>,
    Number(response.headers.get("retry-after")),
  );
}
