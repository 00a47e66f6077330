// The one catalogue of errors: type → HTTP status, title, retryable. `docs/errors.md` is held equal to it by a test.
// Identity is `error.type`, never `instanceof`: a remote call gives a plain Error with the same fields.

type Entry = { status: number; title: string; retryable: boolean };
const terminal = (status: number, title: string): Entry => ({ status, title, retryable: false });
const retryable = (status: number, title: string): Entry => ({ status, title, retryable: true });

/** Types are never used again for something else; one that is not needed any more stays out of use. */
export const CATALOGUE = {
  // The request itself
  bad_request: terminal(400, "This is not a valid HTTP request"),
  headers_too_large: terminal(431, "The headers are too large"),
  request_incomplete: retryable(408, "The request did not arrive in time"),
  invalid_json: terminal(400, "The body is not valid JSON"),
  invalid_request: terminal(422, "The request does not fit its schema"),
  body_too_large: terminal(413, "The body is too large"),
  unsupported_media_type: terminal(415, "The body must be application/json"),
  not_found: terminal(404, "There is nothing here"),
  method_not_allowed: terminal(405, "The method is not allowed here"),
  host_not_allowed: terminal(421, "This host name is not served"),
  origin_not_allowed: terminal(403, "This origin may not call the server"),
  credential_in_url: terminal(400, "Credentials do not belong into a URL"),
  too_many_requests: retryable(429, "Too many requests from this address"),
  // Who calls
  unauthenticated: terminal(401, "A valid access token or API key is needed"),
  token_expired: terminal(401, "The access token has expired"),
  invalid_credentials: terminal(401, "E-mail or password is wrong"),
  refresh_invalid: terminal(401, "The refresh token is not valid"),
  refresh_raced: terminal(401, "The refresh token was just used"),
  refresh_reused: terminal(401, "The refresh token was used before; its family is revoked"),
  sign_in_code_invalid: terminal(401, "The sign-in code is not valid"),
  account_disabled: terminal(403, "The account is disabled"),
  forbidden: terminal(403, "The caller may not do this"),
  scope_missing: terminal(403, "The API key does not have the scope"),
  too_many_attempts: retryable(429, "Too many attempts to log in"),
  registration_closed: terminal(403, "Registration is not open"),
  email_taken: terminal(409, "The e-mail address has an account already"),
  weak_password: terminal(422, "The password is too easy to guess"),
  wrong_password: terminal(403, "The current password is wrong"),
  hashing_busy: retryable(503, "Too many passwords are being checked"),
  // Things that are not there
  user_not_found: terminal(404, "There is no such user"),
  key_not_found: terminal(404, "There is no such API key"),
  login_not_found: terminal(404, "There is no such login"),
  session_not_found: terminal(404, "There is no such session"),
  message_not_found: terminal(404, "There is no such message"),
  run_not_found: terminal(404, "There is no such run"),
  approval_not_found: terminal(404, "There is no such approval"),
  tool_not_found: terminal(404, "There is no such tool"),
  file_not_found: terminal(404, "There is no such file"),
  node_not_found: terminal(404, "There is no such node"),
  plan_not_found: terminal(422, "There is no such plan"),
  model_not_found: terminal(422, "There is no such model"),
  // State
  session_busy: terminal(409, "The session has an active run"),
  queue_full: retryable(429, "Too many runs wait in this session"),
  idempotency_mismatch: terminal(422, "The Idempotency-Key was used with another body"),
  approval_answered: terminal(409, "The approval is answered or closed already"),
  approval_required: terminal(403, "The policy asks before this tool runs"),
  tool_denied: terminal(403, "The policy denies this tool"),
  events_expired: terminal(410, "The events of this run are gone; its messages stay"),
  node_offline: retryable(503, "The machine is not connected"),
  node_queue_full: retryable(429, "Too many calls wait for the machine"),
  call_not_found: terminal(404, "There is no such call in the queue"),
  node_in_use: terminal(409, "The node cannot be changed like this"),
  node_frozen: terminal(409, "The machine is frozen"),
  node_revoked: terminal(410, "The machine was revoked"),
  node_cut_off: retryable(429, "The machine is kept away for a moment"),
  files_off: terminal(409, "This server keeps no files"),
  edge_off: terminal(409, "No Mac can join this server"),
  pairing_not_found: terminal(404, "There is no such pairing, or its code is not valid"),
  pairing_expired: terminal(410, "The pairing has expired"),
  pairing_not_redeemed: terminal(409, "No Mac has redeemed the code yet"),
  fingerprint_differs: terminal(409, "The fingerprint is another one"),
  too_many_pairings: retryable(429, "Too many pairings, or attempts at one"),
  node_limit: terminal(409, "The number of machines is reached"),
  clock_differs: terminal(409, "The clocks differ too much"),
  last_admin: terminal(409, "The last admin cannot be removed"),
  conflict: terminal(409, "Somebody else changed this at the same time"),
  precondition_failed: terminal(412, "It has changed since it was read"),
  // Limits
  quota_exceeded: retryable(429, "The plan's daily limit is reached"),
  rate_limited: retryable(429, "The plan's rate limit is reached"),
  concurrency_exceeded: retryable(429, "Too many runs at once"),
  session_limit: terminal(409, "The plan's number of sessions is reached"),
  file_limit: terminal(409, "The number of files, or their size, is reached"),
  // Models
  model_unavailable: retryable(503, "The model cannot be used now"),
  model_timeout: retryable(504, "The model did not answer in time"),
  model_rejected: terminal(502, "The model refused the request"),
  model_interrupted: retryable(502, "The model broke off its answer"),
  model_rate_limited: retryable(503, "The model's provider limits our requests"),
  model_filtered: terminal(502, "The provider's content filter withheld or cut off the answer"),
  model_empty: retryable(502, "The model ended its answer without a word"),
  model_malformed_call: retryable(502, "The model did not manage to call a tool"),
  model_ended: retryable(502, "The model ended its answer for a reason of its own"),
  // Runs
  run_poisoned: terminal(500, "The run was given up after three take-overs at the same step"),
  run_deadline: terminal(504, "The run took longer than it may"),
  // Ourselves
  store_unavailable: retryable(503, "A store is not available"),
  store_damaged: terminal(503, "A store is damaged and has to be restored"),
  busy: retryable(503, "The server is busy"),
  shutting_down: retryable(503, "The server is shutting down"),
  request_timeout: retryable(504, "The request took too long"),
  request_too_large: terminal(413, "The request is larger than services pass on to one another"),
  answer_too_large: terminal(500, "The answer is larger than services pass on to one another"),
  stale_epoch: terminal(409, "Another process owns this run now"),
  duplicate_key: terminal(409, "The key exists already"),
  internal: terminal(500, "Something went wrong on our side"),
} as const satisfies Record<string, Entry>;

export type ErrorType = keyof typeof CATALOGUE;
/** `path` is dotted, with numbers for places in lists, empty for the whole; `message` is read behind it: "must be …". */
export type FieldError = { path: string; message: string };
/** What an error carries besides its words. All of it reaches the client. */
export type ErrorExtras = {
  /** Milliseconds after which a retry makes sense; becomes `Retry-After`. */
  retryAfterMs?: number;
  /** Faults by path, for `invalid_request`. */
  errors?: FieldError[];
  /** What the client is shown besides (the first answer of an approval, the run that is active). Never secrets. */
  show?: Record<string, unknown>;
  /**
   * The window that refused a run, in the unit of its limit (runs, tokens, US dollars); it becomes the X-RateLimit headers.
   * `reset_at` in epoch seconds.
   */
  rate_limit?: { limit: number | null; remaining: number | null; reset_at: number };
};

/** An error of the catalogue. Its fields are those that survive a Moleculer call: `type, code, retryable, data`. */
export class AppError extends Error {
  readonly type: ErrorType;
  readonly code: number;
  readonly retryable: boolean;
  readonly data: ErrorExtras;

  /** @param detail what happened and what to do, in words; shown to clients, so no internals and no secrets. */
  constructor(type: ErrorType, detail?: string, extras: ErrorExtras = {}, cause?: unknown) {
    super(detail ?? CATALOGUE[type].title, cause === undefined ? undefined : { cause });
    this.name = "AppError";
    this.type = type;
    this.code = CATALOGUE[type].status;
    this.retryable = CATALOGUE[type].retryable;
    this.data = extras;
  }
}

/** Whether the error is of this type of the catalogue, also after it came over a remote call. */
export function isType(error: unknown, ...types: ErrorType[]): boolean {
  const type = (error as { type?: unknown } | null)?.type;
  return types.some((wanted) => wanted === type);
}

/** The catalogue's type of an error, or undefined when it is none of ours. */
export function typeOf(error: unknown): ErrorType | undefined {
  const type = (error as { type?: unknown } | null)?.type;
  return typeof type === "string" && Object.hasOwn(CATALOGUE, type) ? (type as ErrorType) : undefined;
}

/** Whatever was thrown, as an Error. */
export function toError(thrown: unknown): Error {
  return Error.isError(thrown) ? thrown : new Error(String(thrown));
}
