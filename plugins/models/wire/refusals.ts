// What a refusal means, by status, code and wording: one table over all vendors, grown from their documentation and from what
// their servers were seen to say. Each row has its tests in test/fixtures/vendors/refusals.json.

import { NO_IMAGES } from "./told-facts.ts";

/** `bad_request`: the question itself, for a reason that no row has. */
export type Refusal =
  | "rate_limited"
  | "no_credit"
  | "too_long"
  | "no_tools"
  | "filtered"
  | "malformed_call"
  | "refused_key"
  | "not_permitted"
  | "unknown_model"
  | "wrong_address"
  | "overloaded"
  | "bad_request";

type Row = { status?: number[]; words: RegExp; is: Refusal };

/** The first row that fits counts. Where none does, the status alone decides. */
const ROWS: Row[] = [
  // Google says "check your plan and billing" of a limit that is over in seconds: its own code counts.
  { status: [429], words: /RESOURCE_EXHAUSTED|RetryInfo|retryDelay/, is: "rate_limited" },
  {
    status: [400, 402, 403, 429],
    words:
      /insufficient_(user_)?quota|exceeded_current_quota|credit balance|(insufficient|not enough) (credits?|balance|funds)|(no|any|out of|available|more) credits|spending limit|usage limits|free tier.{0,40}exhausted|FreeTierOnly|billing_(hard_limit|not_active)|payment required|Arrearage|in good standing|余额不足|欠费/i,
    is: "no_credit",
  },
  // Groq and Azure refuse with 413 what is too much for a minute, not for the model.
  {
    status: [413, 429],
    words: /rate_limit|tokens per minute|\(TPM\)|tokens_per_minute/i,
    is: "rate_limited",
  },
  // Whatever else it says: Amazon's "too many tokens, please wait" is no conversation that is too long.
  { status: [429], words: /^/, is: "rate_limited" },
  {
    status: [400, 422, 500],
    words:
      /tool_use_failed|failed_generation|tool call validation failed|(error parsing|failed to parse) (tool|function) call/i,
    is: "malformed_call",
  },
  // Some say it with 404 or 500: it is the question, which can be asked without its pictures.
  { status: [400, 403, 404, 415, 422, 500, 501], words: NO_IMAGES, is: "bad_request" },
  {
    status: [400, 403, 404, 422, 500, 501],
    words:
      /--enable-auto-tool-choice|--tool-call-parser|support tool use|not support (tools|tool|function)|(tools?|functions?)( use| choice| calling| calls)? ?(is|are) not (supported|enabled|available)|tool (use|calling)\W.{0,40}not supported|`?tools`? param(eter)? requires --jinja/i,
    is: "no_tools",
  },
  // Chat templates of local servers fail on it, some with 500: it is the question, which can be asked otherwise.
  {
    status: [400, 422, 500],
    words:
      /roles must alternate|unexpected role|expected last role|reasoning_content|roles? (are|is|not) supported|NoneType|content type: <nil>/i,
    is: "bad_request",
  },
  // With a status of its own, with another's, and inside of answers that began well: no model server means anything else by these.
  {
    words:
      /context_length_exceeded|exceed_context_size|context_window_exceeded|ContextWindowExceeded|model_context_window|tokens_limit_reached|maximum context|context (length|window|size|limit)|prompt is too long|maximum prompt length|model token limit|too many (input )?tokens|input is too long|input (token count|tokens|length).{0,30}exceed|prompt contains \d+ tokens|exceeds the maximum number of tokens|reduce the length of the (messages|input|prompt)|inputs`? tokens .{0,40}must be|input_tokens_limit|range of input length|(prompt|input)\W{0,3}(exceeds?|超长)|longer than the maximum|exceeds maximum input length|must have less than \d+ tokens|must be at least 1, got -|\.content'?: string too long|上下文长度/i,
    is: "too_long",
  },
  { status: [413], words: /^/, is: "too_long" },
  { status: [400, 413, 422], words: /request_too_large/i, is: "too_long" },
  {
    status: [400, 403],
    words:
      /api key (not valid|has expired|expired)|api_key_invalid|you can obtain an api key|"invalid_api_key"|invalid (x-)?api[- ]key|invalidapikey|reported as leaked|(missing or )?invalid authorization|access token (is )?invalid/i,
    is: "refused_key",
  },
  {
    status: [400, 403, 451],
    words:
      /unsupported_country|(location|country|region|territory)\b.{0,20}not (supported|available)|(organization|account) (has been|is|was) (disabled|deactivated|banned)/i,
    is: "not_permitted",
  },
  {
    status: [400, 403, 422, 451],
    words:
      /content_filter|content filtering|content_policy|content management policy|ResponsibleAIPolicy|data_inspection_failed|content exists risk|considered high risk|requires moderation|was flagged|safety (system|reasons)|inappropriate content|prohibited_content|sensitive (words|content|information)|敏感/i,
    is: "filtered",
  },
  {
    status: [400, 403, 422],
    words:
      /model_not_found|model_not_exist|(invalid|unknown|no such) model|model .{0,80}(does not exist|not found|not exist|is not a valid)|is not a valid model/i,
    is: "unknown_model",
  },
  { status: [400, 404], words: /no endpoints (found|available)|no allowed providers/i, is: "unknown_model" },
  {
    status: [400, 404, 424],
    words:
      /overloaded|over capacity|model is (currently )?loading|warming up|model has crashed|channel error|model (was )?unloaded/i,
    is: "overloaded",
  },
];

const BY_STATUS: Record<number, Refusal> = {
  401: "refused_key",
  402: "no_credit",
  403: "not_permitted",
  404: "unknown_model",
  405: "wrong_address",
  408: "overloaded",
  409: "overloaded",
  410: "unknown_model",
  425: "overloaded",
  429: "rate_limited",
  // Groq's, for a tier that is full, and for a question it has cancelled.
  498: "overloaded",
  499: "overloaded",
};

/** @param status no 2xx; @param body the start of what the provider wrote */
export function refusalOf(status: number, body: string): Refusal {
  const row = ROWS.find((each) => (each.status?.includes(status) ?? true) && each.words.test(body));
  if (row) return row.is;
  if (status < 400) return "wrong_address";
  return BY_STATUS[status] ?? (status >= 500 ? "overloaded" : "bad_request");
}
