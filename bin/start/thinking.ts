// The models of a process with an agent, and how they are asked.
import type { Environment } from "../../lib/env.ts";
import type { Log } from "../../lib/log.ts";
import type { LiveSettings } from "../../lib/settings/live-settings.ts";
import { type ModelRegistry, openModels } from "../../plugins/models/registry.ts";
import type { ModelAsker } from "../../services/agent/asked.ts";
import { createAsker, type ModelFailure } from "../../services/agent/model/ask-model.ts";
import { modelSettings } from "./model-settings.ts";

export type Thinking = { models: ModelRegistry; asker: ModelAsker };

export function openThinking(env: Environment, settings: LiveSettings, log: Log): Thinking {
  const models = openModels(modelSettings(env, settings));
  return { models, asker: askerOf(settings, models, log) };
}

function askerOf(settings: LiveSettings, models: ModelRegistry, log: Log): ModelAsker {
  return createAsker({
    ...{ models, settings },
    onFailure: (failure: ModelFailure) => log.warn({ service: "agent", ...failure }, "a model failed"),
  });
}
