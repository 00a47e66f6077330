// Asks the same question again in another form when the server has refused it and said why: with a lower limit of the answer,
// without a parameter it does not know, with ids or thoughts as it wants them. Used by openai.ts and anthropic.ts.
import type { ModelRequest } from "../../../contracts/models.ts";
import { isType } from "../../../lib/errors.ts";
import type { Refused } from "./provider-error.ts";

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
