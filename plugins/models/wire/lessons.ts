// What a server was found to want, for each of its models: learnt from its refusals, for the life of the process. Used by
// openai.ts and anthropic.ts.
import { LRUCache } from "lru-cache";
import type { Refused } from "./provider-error.ts";
import type { Demand } from "./told-facts.ts";

/** What is known of one model of a server. */
export type Learnt = {
  /** Parameters that it has refused. */
  refused: ReadonlySet<string>;
  demands: ReadonlySet<Demand>;
  /** It takes no thoughts back. */
  takesNoThoughts: boolean;
  /** The most that it lets an answer be limited to. */
  mostOutput: number;
};

export const NOTHING_LEARNT: Learnt = {
  refused: new Set(),
  demands: new Set(),
  takesNoThoughts: false,
  mostOutput: Number.POSITIVE_INFINITY,
};

/** What is known of a server. Kept for the last thousand models that were asked. */
export class Lessons {
  /** Names of models come from clients, so what is known is kept within bounds. */
  readonly #byModel = new LRUCache<string, Learnt>({ max: 1_000 });

  of(model: string): Learnt {
    return this.#byModel.get(model) ?? NOTHING_LEARNT;
  }

  /**
   * @param sent the body that was refused
   * @returns whether something was learnt that makes another form of the same question worth asking
   */
  learn(model: string, { facts, data }: Refused, sent: string): boolean {
    if (data.show?.reason !== "bad_request") return false;
    const known = this.of(model);
    const { parameters, demands, tokens } = facts;
    const learnt =
      withOutput(known, tokens.output) ??
      withDemand(known, demands, sent) ??
      withoutParameters(known, parameters, sent);
    if (learnt) this.#byModel.set(model, learnt);
    return learnt !== undefined;
  }
}

function withOutput(known: Learnt, output: number | undefined): Learnt | undefined {
  return output !== undefined && output < known.mostOutput ? { ...known, mostOutput: output } : undefined;
}

function withDemand(known: Learnt, demands: Demand[], sent: string): Learnt | undefined {
  const fresh = demands.find((demand) => !known.demands.has(demand));
  if (fresh) return { ...known, demands: new Set([...known.demands, fresh]) };
  // Thoughts with every step are not what it wants either.
  const isRefused = demands.includes("thoughts") && sent.includes('"reasoning_content":');
  return isRefused && !known.takesNoThoughts ? { ...known, takesNoThoughts: true } : undefined;
}

function withoutParameters(known: Learnt, parameters: string[], sent: string): Learnt | undefined {
  const refused = parameters.filter((name) => sent.includes(`"${name}":`) && !known.refused.has(name));
  return refused.length > 0 ? { ...known, refused: new Set([...known.refused, ...refused]) } : undefined;
}
