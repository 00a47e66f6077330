// What differs between OpenAI itself and the servers that speak its language, and what a server was found not to take. Used by
// openai.ts and request.ts.
import { LRUCache } from "lru-cache";
import { type AppError, isType } from "../../../lib/errors.ts";

export type Dialect = {
  /** The provider's name. */
  provider: string;
  /** The server is OpenAI's own. */
  isOpenAi: boolean;
  /** Parameters that this server has refused for this model. */
  refused: ReadonlySet<string>;
};

/** Servers other than OpenAI know the older name only; OpenAI's reasoning models know the newer only. */
export function limitName({ isOpenAi, refused }: Dialect): string | undefined {
  const names = isOpenAi ? ["max_completion_tokens", "max_tokens"] : ["max_tokens", "max_completion_tokens"];
  return names.find((name) => !refused.has(name));
}

/** Learns from refusals, for the life of the process. */
export class Refusals {
  /** Names of models come from clients, so what is known is kept within bounds. */
  readonly #byModel = new LRUCache<string, Set<string>>({ max: 1_000 });

  of(model: string): ReadonlySet<string> {
    return this.#byModel.get(model) ?? new Set();
  }

  /**
   * @param body what was sent
   * @returns whether the error was about parameters that can be left out, so that it is worth asking again without them
   */
  learn(model: string, error: unknown, body: string): boolean {
    if (!isType(error, "model_rejected")) return false;
    const { parameters } = ((error as AppError).data.show ?? {}) as { parameters?: string[] };
    const sent = (parameters ?? []).filter((name) => body.includes(`"${name}":`));
    if (sent.length === 0) return false;
    this.#byModel.set(model, new Set([...this.of(model), ...sent]));
    return true;
  }
}
