// POST /anthropic/v1/messages/count_tokens: the tokens of a question, counted by the model's vendor where it can, estimated where not.
import { countTokensBody } from "../../../contracts/anthropic.ts";
import { callUnchecked, parse } from "../../../lib/broker/action.ts";
import { AppError } from "../../../lib/errors.ts";
import { type Exchange, sendJson } from "../handle-request.ts";
import { readModelId } from "../model-id.ts";
import { withoutNulls } from "../without-nulls.ts";
import { asAsked } from "./ask.ts";
import { readBetas } from "./betas.ts";
import { messagesOf, OPAQUE, parametersOf, toolsOf } from "./read-request.ts";

/** Each may be a question to the vendor, which costs nothing and is limited for all that share its key. */
const PER_MINUTE = 120;
const MINUTE_MS = 60_000;

/** Says in `X-Token-Count` which of the two it is. @throws invalid_request, model_not_found, too_many_requests */
export async function countTokens(exchange: Exchange): Promise<void> {
  const { broker, request, response, params, meta, requestId, leftMs } = exchange;
  response.setHeader("request-id", requestId);
  await takeOne(exchange);
  const betas = readBetas(request.headers["anthropic-beta"]);
  const body = parse(countTokensBody, withoutNulls(params, OPAQUE));
  const { mode, model } = readModelId(body.model);
  const question = {
    ...(model === undefined ? {} : { model }),
    mode,
    messages: messagesOf(body, { model: mode === "model" ? model : undefined }),
    tools: toolsOf(body.tools ?? []),
    parameters: parametersOf(body, betas),
  };
  const options = { meta, requestID: requestId, timeout: leftMs };
  const counted = await callUnchecked(broker, "agent.countTokens", question, options).catch(
    (error: unknown) => {
      throw asAsked(error);
    },
  );
  response.setHeader("X-Token-Count", counted.estimated ? "estimated" : "counted");
  sendJson(response, 200, { input_tokens: counted.input_tokens });
}

async function takeOne({ ports, caller }: Exchange): Promise<void> {
  const { ok, resetMs } = await ports.counters.take(`count:${caller?.user_id}`, PER_MINUTE, MINUTE_MS);
  if (ok) return;
  throw new AppError("too_many_requests", `Tokens may be counted ${PER_MINUTE} times a minute.`, {
    retryAfterMs: resetMs,
  });
}
