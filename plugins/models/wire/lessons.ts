// What a server was found to want, for each of its models: learnt from its refusals, for the life of the process.
// And it asks the same question again in another form when the server has refused it and said why: with a lower limit of the answer,
// without a parameter it does not know, with ids or thoughts as it wants them. Used by openai.ts and anthropic.ts.
import { LRUCache } from "lru-cache";
import type { ModelRequest } from "../../../contracts/models.ts";
import { AppError, isType } from "../../../lib/errors.ts";
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
  learn(request: ModelRequest, { facts, data }: Refused, sent: string): boolean {
    const { model, isExact } = request;
    const own = ownParameters(request);
    const told = { ...facts, parameters: facts.parameters.filter((name) => !own.has(name)) };
    const learnt = lessonOf(this.of(model), data.show?.reason, told, sent);
    // What leaves something out of a program's own question is no lesson for it.
    if (isExact && learnt && loses(this.of(model), learnt)) return false;
    if (learnt) this.#byModel.set(model, learnt);
    return learnt !== undefined;
  }
}

/** Demands that cannot be met without leaving something out, or saying it in other words. */
const LOSING: Demand[] = ["no_images", "plain_history", "calls_in_words"];

function loses(before: Learnt, now: Learnt): boolean {
  return LOSING.some((demand) => now.demands.has(demand) && !before.demands.has(demand));
}

/** What the caller has said itself, by the names of the wire. */
function ownParameters({ parameters = {}, isExact }: ModelRequest): Set<string> {
  const names = isExact || Object.keys(parameters).length > 0 ? Object.keys(parameters) : [];
  return new Set(names);
}

/** What is known of the server, as far as it may form this question: of a program's own nothing is left out. */
export function formOf(request: ModelRequest, learnt: Learnt): Learnt {
  const own = ownParameters(request);
  if (!request.isExact && own.size === 0) return learnt;
  return {
    ...learnt,
    refused: new Set([...learnt.refused].filter((name) => !own.has(name))),
    demands: request.isExact
      ? new Set([...learnt.demands].filter((demand) => !LOSING.includes(demand)))
      : learnt.demands,
  };
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
    withoutParameters(known, facts.parameters, sent) ??
    // What nothing explains may be the pictures: sooner than that a history has to be told in mere words.
    withDemand(known, ["no_images"], sent)
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
    case "no_images":
      return /"type":"image(_url)?"/.test(sent);
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

type Asking = {
  /** @param isPlain with a history of mere words, that no server refuses */
  write(request: ModelRequest, isPlain: boolean): string;
  /** Tokens that the answer is limited to as it is written. */
  limitOf(request: ModelRequest): number | undefined;
  /** Whether the refusal taught something that changes what is written. */
  learn(refused: Refused, body: string): boolean;
  ask(body: string): Promise<void>;
  /** From now on its history is written in mere words. */
  keepPlain(): void;
  /** Told of each refusal. */
  onRefused(refused: Refused): void;
};

/** Each form is refused for another reason; there are not more reasons than these. */
const MOST_FORMS = 8;
/** With less room than this behind the question its answer would be cut at once: the question is too long. */
const LEAST_ROOM = 256;

/**
 * What no refusal explains may be the history: it is then asked once more without calls and results as such, so that a session
 * never gets stuck on what is stored.
 * @throws what the last form threw that the server explained
 */
export async function askInOtherWords(request: ModelRequest, asking: Asking): Promise<void> {
  let asked = request;
  let body = asking.write(asked, false);
  for (let form = 1; ; form += 1) {
    try {
      return await asking.ask(body);
    } catch (error) {
      // Refused before its first token, so nobody has heard anything yet.
      if (!isRefused(error)) throw error;
      asking.onRefused(error);
      if (form === MOST_FORMS) return askPlainly(asking, { asked, body, error });
      const limit = roomFor(error, asking.limitOf(asked));
      if (limit !== undefined) asked = { ...asked, maxOutputTokens: limit };
      const next =
        limit === undefined ? anotherForm(asking, { asked, body, error }) : asking.write(asked, false);
      if (next === undefined) return askPlainly(asking, { asked, body, error });
      body = next;
    }
  }
}

type Last = { asked: ModelRequest; body: string; error: Refused };

async function askPlainly(asking: Asking, { asked, body, error }: Last): Promise<void> {
  if (asked.isExact) throw withParameter(error, asked);
  const plain = asking.write(asked, true);
  if (error.data.show?.reason !== "bad_request" || plain === body) throw error;
  try {
    await asking.ask(plain);
  } catch (thrown) {
    throw isRefused(thrown) ? error : thrown;
  }
  asking.keepPlain();
}

/** What the refusal teaches may change nothing of this question: then it teaches the next thing. Undefined when it has no more. */
function anotherForm(asking: Asking, { asked, body, error }: Last): string | undefined {
  while (asking.learn(error, body)) {
    const next = asking.write(asked, false);
    if (next !== body) return next;
  }
  return undefined;
}

/** Some servers refuse a question that would fit, because the answer's limit does not fit behind it: what they count counts. */
function roomFor({ facts, data }: Refused, limit: number | undefined): number | undefined {
  const { window, prompt } = facts.tokens;
  if (data.show?.reason !== "context_length" || window === undefined || prompt === undefined)
    return undefined;
  const room = window - prompt;
  return limit !== undefined && room >= LEAST_ROOM && room < limit ? room : undefined;
}

function isRefused(error: unknown): error is Refused {
  return isType(error, "model_rejected") && (error as Partial<Refused>).facts !== undefined;
}

/** Which of the caller's own parameters the server speaks of, where it does. */
function withParameter(error: Refused, { parameters = {} }: ModelRequest): AppError {
  const parameter = Object.keys(parameters).find((name) => error.facts.spokenOf(name));
  const { show = {} } = error.data;
  if (parameter === undefined || show.reason !== "bad_request") return error;
  return new AppError(
    error.type,
    `The model's server refused the parameter "${parameter}": leave it out, or choose another model.`,
    { ...error.data, show: { ...show, parameter } },
  );
}
