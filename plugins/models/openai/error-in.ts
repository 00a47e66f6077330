// Errors within answers that began with 200, in all the forms that compatible servers give them. Used by answer.ts.
import { fieldsIn, textIn } from "../wire/loose.ts";

type Fields = Record<string, unknown>;

/** MiniMax's codes (https://platform.minimax.io/docs/api-reference/errorcode) as HTTP has them; others are faults of the server. */
const MINIMAX: Record<number, number> = { 1002: 429, 1039: 429, 1004: 401, 2049: 401, 1008: 402, 2013: 400 };
const MINIMAX_FILTERED = new Set([1026, 1027]);

/** No code, or one that says that all is well. */
const GOOD = new Set(["", "0", "200", "success", "ok"]);

/**
 * What went wrong, as `reportedError` takes it; undefined for what is no error. OpenAI's `{error}`; vLLM's and Mistral's
 * `{object: "error", message, code}`; a bare `{code, message}` (Alibaba) or `{error_code, error_msg}` (Baidu); MiniMax's `base_resp`.
 */
export function errorIn(body: Fields): unknown {
  if (body.error) return body.error;
  const minimax = fieldsIn(body.base_resp);
  if (typeof minimax.status_code === "number" && minimax.status_code !== 0)
    return ofMinimax(minimax.status_code, textIn(minimax.status_msg));
  if (body.object === "error") return body;
  if (Array.isArray(body.choices)) return undefined;
  const message = textIn(body.message) || textIn(body.msg) || textIn(body.error_msg);
  const code = String(body.code ?? body.error_code ?? "");
  return message === "" || GOOD.has(code) ? undefined : { ...body, code, message };
}

function ofMinimax(code: number, message: string): Fields {
  if (MINIMAX_FILTERED.has(code)) return { code: 400, message: `content_filter: ${message}` };
  return { code: MINIMAX[code] ?? 500, message };
}
