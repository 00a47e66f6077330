// The models that may be chosen.
import { signal } from "@preact/signals";
import type { ModelInfo } from "../../contracts/answers/runs.ts";
import { call } from "../store/account.ts";

export const models = signal<ModelInfo[]>([]);
export const defaultModel = signal("");

/** Without them the default is asked, which needs no list. */
export async function loadModels(): Promise<void> {
  const found = await call("GET /agent/models", {}).catch(() => undefined);
  if (!found) return;
  models.value = found.models;
  defaultModel.value = found.default;
}
