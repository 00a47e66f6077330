// POST /anthropic/v1/messages/count_tokens: the tokens of a question, counted by the model's vendor where it can, estimated where not.
import { countTokensBody } from "../../../contracts/anthropic.ts";
import { callUnchecked, parse } from "../../../lib/broker/action.ts";
import { type Exchange, sendJson } from "../handle-request.ts";
import { readModelId } from "../openai/models.ts";
import { asAsked } from "./ask.ts";
import { readBetas } from "./betas.ts";
import { messagesOf, parametersOf, toolsOf } from "./read-request.ts";

/** Says in `X-Token-Count` which of the two it is. @throws invalid_request, model_not_found */
export async function countTokens(exchange: Exchange): Promise<void> {
  const { broker, request, response, params, meta, requestId, leftMs } = exchange;
  response.setHeader("request-id", requestId);
  const betas = readBetas(request.headers["anthropic-beta"]);
  const body = parse(countTokensBody, params);
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
