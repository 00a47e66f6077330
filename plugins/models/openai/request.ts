// A question, and the history before it, in the words of OpenAI's chat completions, as the server at hand takes them
// (https://platform.openai.com/docs/api-reference/chat): what differs between OpenAI itself and the servers that speak its language, and
// what its server was found to want. Used by openai.ts.
import type { KeptState, ModelRequest, PromptMessage } from "../../../contracts/models.ts";
import { limitsOf } from "../prices.ts";
import { fieldsIn, wireJson } from "../wire/json.ts";
import type { Learnt } from "../wire/lessons.ts";
import { beginsWithLetter, exactTools, offeredTools } from "../wire/offered-tools.ts";
import { picturesByUser, withoutPictures } from "../wire/pictures.ts";
import {
  alternating,
  callsInWords,
  NINE,
  type SoundTurn,
  soundHistory,
  withRules,
} from "../wire/sound-history.ts";
import type { Kept } from "./answer-parts.ts";
import { geminiSchema } from "./gemini-schema.ts";
import { MISTRAL, wireParameters } from "./parameters.ts";

/** Decides the form of a question to one server, for one model. */
export type Dialect = {
  /** The provider's name. */
  provider: string;
  /** The server is OpenAI's own. */
  isOpenAi: boolean;
  /** What this server has been found to want for this model. */
  learnt: Learnt;
};

/** Anthropic's models, whoever serves them in OpenAI's language. */
const CLAUDE = /claude|anthropic/i;
const PLAIN_ID = /^[a-zA-Z0-9_-]{1,40}$/;
/** OpenAI's limit. */
const ANY_ID = /^[\x21-\x7e]{1,40}$/;

/** Ids of calls that the model's server takes. */
function idsOf({ learnt }: Dialect, model: string): RegExp {
  if (learnt.demands.has("nine_ids") || MISTRAL.test(model)) return NINE;
  return learnt.demands.has("plain_ids") || CLAUDE.test(model) ? PLAIN_ID : ANY_ID;
}

/** Whether user and assistant must speak by turns. */
function mustAlternate({ provider, learnt }: Dialect, model: string): boolean {
  return provider === "gemini" || learnt.demands.has("alternation") || MISTRAL.test(model);
}

/** Servers other than OpenAI know the older name only; OpenAI's reasoning models know the newer only. */
function limitName({ isOpenAi, learnt }: Dialect): string | undefined {
  const names = isOpenAi ? ["max_completion_tokens", "max_tokens"] : ["max_tokens", "max_completion_tokens"];
  return names.find((name) => !learnt.refused.has(name));
}

/** OpenAI's limits; those of the others are not lower. */
const TOOL_LIMITS = { tools: 128, description: 1_024 };
/** OpenAI runs these with tools on chat completions only when they do not reason (their default is to reason). */
const TOOLS_ONLY_UNREASONED = /^gpt-(5\.[4-9]|6(\.1)?-)/;

/** Tokens that the answer is limited to; undefined where it is not. */
export function limitOf({ model, maxOutputTokens }: ModelRequest, dialect: Dialect): number | undefined {
  if (maxOutputTokens === undefined) return undefined;
  const most = limitsOf(`${dialect.provider}/${model}`)?.max_output_tokens ?? maxOutputTokens;
  return Math.min(maxOutputTokens, most, dialect.learnt.mostOutput);
}

/** The body of a streamed question, as JSON; parameters that the server has refused are left out. */
export function requestBody(request: ModelRequest, dialect: Dialect): string {
  const { model, messages } = request;
  const { refused } = dialect.learnt;
  const limit = limitOf(request, dialect);
  const nameOfLimit = limitName(dialect);
  const schemaOf = dialect.provider === "gemini" ? geminiSchema : undefined;
  const tools = request.isExact
    ? exactTools(request.tools, schemaOf)
    : offeredTools(request.tools, TOOL_LIMITS, schemaOf);
  const isUnreasoned =
    dialect.isOpenAi &&
    tools.length > 0 &&
    TOOLS_ONLY_UNREASONED.test(model) &&
    !refused.has("reasoning_effort");
  return wireJson({
    model,
    messages: wireMessages(messages, dialect, { model, hasTools: tools.length > 0 }),
    stream: !refused.has("stream"),
    ...(refused.has("stream_options") || refused.has("stream")
      ? {}
      : { stream_options: { include_usage: true } }),
    ...(limit === undefined || !nameOfLimit ? {} : { [nameOfLimit]: limit }),
    ...(tools.length === 0 ? {} : { tools: tools.map((tool) => ({ type: "function", function: tool })) }),
    ...(isUnreasoned ? { reasoning_effort: "none" } : {}),
    ...(request.parameters ? wireParameters(dialect.provider, request.parameters) : {}),
  });
}

type WireMessage = Record<string, unknown>;
type Step = Extract<SoundTurn, { role: "assistant" }>;

/** Stands for thoughts that are not known: some servers take an empty text for a missing one. */
const NO_THOUGHTS = " ";

/**
 * Any history, as this model's server takes it: what is unsound in it is made sound, nothing is refused.
 * @param question.hasTools it offers some
 */
function wireMessages(
  messages: PromptMessage[],
  dialect: Dialect,
  { model, hasTools }: { model: string; hasTools: boolean },
): WireMessage[] {
  const { system: rules, turns: all } = soundHistory(messages, idsOf(dialect, model));
  const { demands } = dialect.learnt;
  const isPlain = demands.has("plain_history");
  const seen = isPlain || demands.has("no_images") ? withoutPictures(all) : all;
  const inWords = isPlain || (!hasTools && demands.has("calls_in_words"));
  const said = inWords ? callsInWords(seen) : picturesByUser(seen);
  const told = demands.has("no_system") ? withRules(said, rules) : said;
  const turns = isPlain || mustAlternate(dialect, model) ? alternating(told) : told;
  const thoughts = thoughtsOf(turns, dialect, model);
  const system = rules === "" || demands.has("no_system") ? [] : [{ role: "system", content: rules }];
  return [
    ...system,
    ...turns.flatMap((turn) => {
      const speaker = turn.name === undefined ? {} : { name: turn.name };
      if (turn.role === "user") return [{ role: "user", content: userContent(turn), ...speaker }];
      if (turn.calls.length === 0) return [{ role: "assistant", content: turn.text, ...speaker }];
      return stepMessages(turn, dialect, keptFor(turn.kept, dialect.provider, model), thoughts);
    }),
  ];
}

function userContent({ text, images, parts }: Extract<SoundTurn, { role: "user" }>): unknown {
  if (parts)
    return parts.map((part) => {
      if (part.type === "text") return { type: part.type, text: part.text };
      const { image, detail } = part;
      const url = "url" in image ? image.url : `data:${image.media_type};base64,${image.data}`;
      return { type: "image_url", image_url: { url, ...(detail === undefined ? {} : { detail }) } };
    });
  if (!images) return text;
  const pictures = images.map(({ media_type, data }) => ({
    type: "image_url",
    image_url: { url: `data:${media_type};base64,${data}` },
  }));
  return [{ type: "text", text }, ...pictures];
}

/**
 * DeepSeek and its kin want the thoughts of every step with calls, once one has any: also of steps in which the model thought
 * nothing, and of steps of other models.
 */
type Thoughts = "with_all" | "with_none";

function thoughtsOf(turns: SoundTurn[], { provider, learnt, isOpenAi }: Dialect, model: string): Thoughts {
  if (learnt.takesNoThoughts || isOpenAi) return "with_none";
  const hasAny = turns.some(
    (turn) => turn.role === "assistant" && keptFor(turn.kept, provider, model).reasoning_content,
  );
  return hasAny || learnt.demands.has("thoughts") ? "with_all" : "with_none";
}

/** Beside calls a text may be missing; servers differ in how that is said. */
function wordless({ demands }: Dialect["learnt"]): string | null {
  if (demands.has("filled_content")) return "(calls tools)";
  return demands.has("text_content") ? "" : null;
}

function stepMessages(
  step: Step,
  { provider, learnt }: Dialect,
  kept: Kept,
  thoughts: Thoughts,
): WireMessage[] {
  const nameOf = provider === "gemini" ? beginsWithLetter : (name: string) => name;
  return [
    {
      role: "assistant",
      content: step.text === "" ? wordless(learnt) : step.text,
      ...(step.name === undefined ? {} : { name: step.name }),
      ...(thoughts === "with_all" ? { reasoning_content: kept.reasoning_content ?? NO_THOUGHTS } : {}),
      ...(kept.reasoning_details && !learnt.takesNoThoughts
        ? { reasoning_details: kept.reasoning_details }
        : {}),
      tool_calls: step.calls.map(({ id, name, args }, index) => ({
        id,
        type: "function",
        ...signatureOf(provider, kept, index),
        function: { name: nameOf(name), arguments: wireJson(args) },
      })),
    },
    ...step.calls.map(({ id, result }) => ({ role: "tool", tool_call_id: id, content: result })),
  ];
}

/** What of a step's state this model gets: all of its own; of its provider's other models the thoughts, which are plain text. */
function keptFor(state: KeptState | undefined, provider: string, model: string): Kept {
  const kept = fieldsIn(state?.value) as Kept;
  if (state?.by === `${provider}/${model}`) return kept;
  const isSibling = state?.by.startsWith(`${provider}/`) && typeof kept.reasoning_content === "string";
  return isSibling ? { reasoning_content: kept.reasoning_content ?? "" } : {};
}

/**
 * Gemini refuses a step whose calls have no signature; this is the value its documentation names for calls that have none (of
 * another model). Of calls that it asked for at once it signs the first only, and wants back exactly that.
 */
const UNSIGNED = { extra_content: { google: { thought_signature: "skip_thought_signature_validator" } } };

/** The fields of a call that carry its signature. @param index the place of the call in its step */
function signatureOf(provider: string, { extras }: Kept, index: number): object {
  if (extras) return fieldsIn(extras[index]);
  return provider === "gemini" && index === 0 ? UNSIGNED : {};
}
