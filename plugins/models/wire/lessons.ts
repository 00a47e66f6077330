// What a server was found to want, for each of its models: learnt from its refusals, for the life of the process. Used by
// openai.ts and anthropic.ts.
import { LRUCache } from "lru-cache";
import type { Refused } from "./provider-error.ts";
import type { Demand, Facts } from "./told-facts.ts";

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

  keepPlain(model: string): void {
    this.#byModel.set(model, plainly(this.of(model)));
  }

  /**
   * @param sent the body that was refused
   * @returns whether something was learnt that may make another form of the same question worth asking
   */
  learn(model: string, { facts, data }: Refused, sent: string): boolean {
    const learnt = lessonOf(this.of(model), data.show?.reason, facts, sent);
    if (learnt) this.#byModel.set(model, learnt);
    return learnt !== undefined;
  }
}

/** The same, with a history of mere words. */
export function plainly(learnt: Learnt): Learnt {
  return { ...learnt, demands: new Set([...learnt.demands, "plain_history"]) };
}

function lessonOf(known: Learnt, reason: unknown, facts: Facts, sent: string): Learnt | undefined {
  // No tool was offered, so it is the calls of earlier runs that it does not take.
  if (reason === "no_tools") return withDemand(known, ["calls_in_words"], sent);
  if (reason !== "bad_request") return undefined;
  return (
    withOutput(known, facts.tokens.output) ??
    withDemand(known, facts.demands, sent) ??
    withoutThoughts(known, facts, sent) ??
    withoutParameters(known, facts.parameters, sent)
  );
}

function withOutput(known: Learnt, output: number | undefined): Learnt | undefined {
  return output !== undefined && output < known.mostOutput ? { ...known, mostOutput: output } : undefined;
}

function withDemand(known: Learnt, demands: Demand[], sent: string): Learnt | undefined {
  const fresh = demands.find((demand) => !known.demands.has(demand) && isAbout(demand, sent));
  return fresh && { ...known, demands: new Set([...known.demands, fresh]) };
}

/** Whether what was sent has what the demand is about. */
function isAbout(demand: Demand, sent: string): boolean {
  switch (demand) {
    case "no_system":
      return sent.includes('"role":"system"');
    case "text_content":
      return sent.includes('"content":null');
    case "filled_content":
      return /"content":(null|"")/.test(sent);
    case "calls_in_words":
      return sent.includes('"tool_calls":[') && !sent.includes('"tools":[');
    default:
      return true;
  }
}

/** Thoughts with every step are not what it wants either, or it does not take those that it has given. */
function withoutThoughts(known: Learnt, { isAboutThoughts }: Facts, sent: string): Learnt | undefined {
  const hasThoughts = /"reasoning_(content|details)":|"type":"(redacted_)?thinking"/.test(sent);
  return isAboutThoughts && hasThoughts && !known.takesNoThoughts
    ? { ...known, takesNoThoughts: true }
    : undefined;
}

function withoutParameters(known: Learnt, parameters: string[], sent: string): Learnt | undefined {
  const refused = parameters.filter((name) => sent.includes(`"${name}":`) && !known.refused.has(name));
  return refused.length > 0 ? { ...known, refused: new Set([...known.refused, ...refused]) } : undefined;
}
