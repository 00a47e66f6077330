// GET /v1/models and /v1/models/{id}: each model twice, as the agent that works with it and alone.
import type { ModelInfo } from "../../../contracts/agent.ts";
import { callUnchecked } from "../../../lib/broker/action.ts";
import { AppError } from "../../../lib/errors.ts";
import { type Exchange, sendJson } from "../handle-request.ts";
import { AGENT } from "../model-id.ts";

/** Nobody knows when models were made; programs want a number. */
const CREATED = 1_764_460_800;

type Shown = { id: string; object: "model"; created: number; owned_by: string };

export async function listModels(exchange: Exchange): Promise<void> {
  sendJson(exchange.response, 200, { object: "list", data: await shownModels(exchange) });
}

/** @throws model_not_found */
export async function getModel(exchange: Exchange): Promise<void> {
  const id = String(exchange.params.id);
  const found = (await shownModels(exchange)).find((model) => model.id === id);
  if (!found)
    throw new AppError("model_not_found", `The model "${id}" does not exist: GET /v1/models lists all.`);
  sendJson(exchange.response, 200, found);
}

async function shownModels({ broker, meta }: Exchange): Promise<Shown[]> {
  const { models } = await callUnchecked(broker, "agent.models", {}, { meta });
  const usable = models.filter(({ available }) => available);
  return [
    show(AGENT, AGENT),
    ...usable.map(({ id }) => show(`${AGENT}/${id}`, AGENT)),
    ...usable.map(({ id, provider }: ModelInfo) => show(id, provider)),
  ];
}

const show = (id: string, owned_by: string): Shown => ({ id, object: "model", created: CREATED, owned_by });
