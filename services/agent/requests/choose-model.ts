// Which model a run gets: the one asked for, the session's, or the default; refused in words when it cannot be used.
import type { ModelInfo } from "../../../contracts/agent.ts";
import { AppError } from "../../../lib/errors.ts";
import type { ModelRegistry } from "../../../plugins/models/registry.ts";

/** @throws model_not_found when it is none of the models users may choose, model_unavailable when it cannot be used now */
export function chooseModel(models: ModelRegistry, wanted: string | undefined): string {
  const { id, available, reason } = requireModel(models, wanted ?? models.default);
  if (!available)
    throw new AppError(
      "model_unavailable",
      `The model "${id}" cannot be used: ${reason ?? "it is not set up"}.`,
      { retryAfterMs: 60_000 },
    );
  return id;
}

/** @throws model_not_found when it is none of the models users may choose */
export function requireModel(models: ModelRegistry, id: string): ModelInfo {
  const found = models.find(id);
  if (!found)
    throw new AppError(
      "model_not_found",
      `There is no model "${id}" here. The list of those there are: GET /api/v1/agent/models, or /models in the chat.`,
    );
  return found.info;
}
