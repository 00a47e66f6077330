// GET /anthropic/v1/models and /models/{id}: each model twice, as the agent that works with it and alone, in Anthropic's pages.
import { modelsQuery } from "../../../contracts/anthropic.ts";
import { callUnchecked, parse } from "../../../lib/broker/action.ts";
import { AppError } from "../../../lib/errors.ts";
import { type Exchange, sendJson } from "../handle-request.ts";
import { AGENT } from "../model-id.ts";

/** Nobody knows when models were made; programs want a time. */
const CREATED = "2025-11-25T00:00:00Z";

type Shown = { type: "model"; id: string; max_input_tokens: number | null } & Record<string, unknown>;

/** @throws invalid_request */
export async function models(exchange: Exchange): Promise<void> {
  const { limit, after_id, before_id } = parse(modelsQuery, exchange.params);
  if (after_id !== undefined && before_id !== undefined)
    throw unknownId("before_id", "cannot stand beside after_id");
  const all = await shownModels(exchange);
  const placeOf = (name: string, id: string) => {
    const place = all.findIndex((model) => model.id === id);
    if (place < 0) throw unknownId(name, `"${id.slice(0, 100)}" is no model of this list`);
    return place;
  };
  const end = before_id === undefined ? all.length : placeOf("before_id", before_id);
  const first = after_id === undefined ? 0 : placeOf("after_id", after_id) + 1;
  const start = before_id === undefined ? first : Math.max(0, end - limit);
  const data = all.slice(start, Math.min(end, start + limit));
  const has_more = before_id === undefined ? start + data.length < all.length : start > 0;
  answer(exchange, { data, has_more, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null });
}

function unknownId(path: string, message: string): AppError {
  return new AppError("invalid_request", `"${path}" ${message}.`, { errors: [{ path, message }] });
}

/** @throws model_not_found */
export async function model(exchange: Exchange): Promise<void> {
  const id = String(exchange.params.id);
  const found = (await shownModels(exchange)).find((one) => one.id === id);
  if (!found)
    throw new AppError(
      "model_not_found",
      `There is no model "${id.slice(0, 200)}" here. The list of those there are: GET /api/v1/agent/models, or /models in the chat.`,
    );
  answer(exchange, found);
}

function answer({ response, requestId }: Exchange, body: object): void {
  response.setHeader("request-id", requestId);
  sendJson(response, 200, body);
}

async function shownModels({ broker, meta }: Exchange): Promise<Shown[]> {
  const known = await callUnchecked(broker, "agent.models", {}, { meta });
  const usable = known.models.filter(({ available }) => available);
  const usual = usable.find(({ id }) => id === known.default);
  return [
    show(AGENT, usual?.context_window ?? null),
    ...usable.map(({ id, context_window }) => show(`${AGENT}/${id}`, context_window)),
    ...usable.map(({ id, context_window }) => show(id, context_window)),
  ];
}

/** What is not known of a model is null, as the API has it for models that it knows little of. */
function show(id: string, max_input_tokens: number | null): Shown {
  return {
    ...{ type: "model", id, display_name: id, created_at: CREATED, max_input_tokens },
    ...{ max_tokens: null, capabilities: null, lifecycle: "active", line: null },
    ...{ deprecated_at: null, retires_at: null },
  };
}
