// What models cost and how much they take: the one reader of prices.json. Prices are US dollars for a million tokens.
// And a cheap guess at the number of tokens: for the context budget, and for usage that a provider does not report.
import { readFileSync } from "node:fs";
import { LRUCache } from "lru-cache";
import type { ModelPrice, PromptMessage, PromptTool } from "../../contracts/models.ts";

type Entry = ModelPrice & {
  /** Dearer prices for a whole request whose prompt has more tokens than `above`. */
  long_prompt?: { above: number; input_per_million: number; output_per_million: number };
};
/** `as_of`: the day the prices were read. Keys of `models` are `provider/model`. */
type Table = { as_of: string; models: Record<string, Entry> };

const { models }: Table = JSON.parse(readFileSync(new URL("prices.json", import.meta.url), "utf8")) as Table;

/** Tokens of question and answer together that a model takes of which nothing is known. */
const UNKNOWN_WINDOW = 32_000;
/** What may follow a known name: a date, `latest`, a build number; never another word, which is another model. */
const VARIANT = /^[-@](\d[\d-]*|latest)$/;

/** Ids come from clients, so what is not known is kept within bounds. */
const found = new LRUCache<string, { entry: Entry | null }>({ max: 1_000 });

/** Price and limits of `provider/model`, also for its dated variants; undefined when they are not known. */
export function limitsOf(id: string): ModelPrice | undefined {
  return entryOf(id) ?? undefined;
}

/** Tokens that fit the model, question and answer together: those of the table, or what nearly every model takes. */
export function windowOf(id: string): number {
  return entryOf(id)?.context_window ?? UNKNOWN_WINDOW;
}

/** US dollars for a million tokens. */
export type Price = { input_per_million: number; output_per_million: number };

/**
 * The price of one model call in whole micro-dollars, rounded up; 0 where the price is not known.
 * @param own an operator's price instead of the table's
 */
export function costMicro(id: string, input: number, output: number, own?: Price): number {
  const entry: (Price & Pick<Entry, "long_prompt">) | null = own ?? entryOf(id);
  if (!entry) return 0;
  const { long_prompt } = entry;
  const price = long_prompt && input > long_prompt.above ? long_prompt : entry;
  // Dollars for a million tokens are micro-dollars for one. Rounding first takes away what binary fractions add.
  const micro = input * price.input_per_million + output * price.output_per_million;
  return Math.ceil(Number(micro.toFixed(6)));
}

function entryOf(id: string): Entry | null {
  const known = found.get(id);
  if (known) return known.entry;
  const entry = search(id);
  found.set(id, { entry });
  return entry;
}

function search(id: string): Entry | null {
  if (Object.hasOwn(models, id)) return models[id] ?? null;
  for (const [name, entry] of Object.entries(models))
    if (id.startsWith(name) && VARIANT.test(id.slice(name.length))) return entry;
  return null;
}

/** Around the text of a message and of a call. */
const MESSAGE_TOKENS = 4;
const CALL_TOKENS = 8;
/**
 * Of a picture, whatever its size: Anthropic counts width × height / 750, of one of 1,568 pixels at most about 1,600 to 2,200; OpenAI and
 * Google about half of that, for most of their models.
 */
export const IMAGE_TOKENS = 2_000;

/**
 * Tokens a text is likely to have: one for four letters of English, one for each Chinese, Japanese or Korean character, a
 * little more than one for an emoji. English prose comes out within about 20 %; code has more tokens than this, up to a
 * half. Never 0 for text that is not empty, and never less for a longer text that begins the same.
 *
 * Prompts are long, so nothing here looks at characters: characters outside ASCII take more bytes than UTF-16 units, and the
 * difference makes up for the letters that share a token.
 */
export function estimateTokens(text: string): number {
  const bytes = Buffer.byteLength(text);
  return Math.ceil(bytes / 4 + (bytes - text.length) / 8);
}

/** Estimated tokens of messages, with a little for what each carries around its text. */
export function tokensOfMessages(messages: PromptMessage[]): number {
  let tokens = 0;
  for (const message of messages) {
    tokens += MESSAGE_TOKENS + estimateTokens(message.content);
    if (message.role === "user" && message.parts)
      tokens += IMAGE_TOKENS * message.parts.filter(({ type }) => type === "image").length;
    if (message.role === "tool") tokens += IMAGE_TOKENS * (message.images?.length ?? 0);
    if (message.role !== "assistant") continue;
    if (message.kept) tokens += estimateTokens(JSON.stringify(message.kept));
    for (const call of message.tool_calls ?? [])
      tokens += CALL_TOKENS + estimateTokens(call.name) + estimateTokens(call.arguments);
  }
  return tokens;
}

const knownTools = new WeakMap<object, number>();

/** A tool's schema is the same object in every prompt: it is counted once. */
export function tokensOfTools(tools: PromptTool[]): number {
  return tools.reduce((sum, tool) => {
    const known = knownTools.get(tool.parameters) ?? estimateTokens(JSON.stringify(tool));
    knownTools.set(tool.parameters, known);
    return sum + known;
  }, 0);
}
