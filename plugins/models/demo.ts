// The model `demo/demo`: a rule-based stand-in for those who have no model key yet. It streams and really calls tools, and says
// in every answer that it is a demo. It understands English and Chinese, and answers in the language it was asked in.
import { setTimeout as sleep } from "node:timers/promises";
import type { ParameterName } from "../../contracts/given.ts";
import type { ModelChunk, ModelProvider, ModelRequest, PromptMessage } from "../../contracts/models.ts";
import { type Intent, understand } from "./demo/intents.ts";
import { tellResult } from "./demo/tell-result.ts";
import { WORDS, type Words } from "./demo/words.ts";
import { abortError } from "./exchange.ts";
import { estimateTokens } from "./prices.ts";
import { refusedBy } from "./wire/parameters.ts";

/** `delayMs`: pause before each word, so that streaming is seen; 15 unless set. A whole answer takes at most two seconds. */
export type DemoSettings = { delayMs?: number };

/** It says the same whatever is asked of its sampling; its answers are far shorter than any limit. */
const TAKEN: ReadonlySet<ParameterName> = new Set([
  ...(["max_output_tokens", "temperature", "top_p", "top_k", "seed"] as const),
  ...(["frequency_penalty", "presence_penalty", "parallel_tool_calls"] as const),
]);

const USUAL_DELAY_MS = 15;
const LONGEST_MS = 2_000;
type Answer = { text: string; calls: Intent[] };

/** The stand-in that is always there: rules over the words of the last message, English or Chinese. Opens nothing, never fails. */
export function demoProvider(settings: DemoSettings = {}): ModelProvider {
  return {
    name: "demo",
    models: ["demo"],
    refuses: (_model, parameters) => refusedBy({ vendor: "demo", names: TAKEN }, parameters),
    async ask(request: ModelRequest, onChunk: (chunk: ModelChunk) => void, onActivity: () => void) {
      const answer = answerTo(request);
      await say(answer.text, settings.delayMs ?? USUAL_DELAY_MS, request.signal, (text) => {
        onActivity();
        onChunk({ type: "text", text });
      });
      answer.calls.forEach(({ tool, args }, index) => {
        const wire_id = `demo_${request.messages.length}_${index}`;
        onChunk({ type: "tool_call", wire_id, name: tool, arguments: JSON.stringify(args) });
      });
      onChunk({ type: "usage", ...usageOf(request, answer) });
      onChunk({ type: "end", reason: answer.calls.length > 0 ? "tool_calls" : "stop" });
    },
  };
}

function answerTo({ messages, tools }: ModelRequest): Answer {
  const last = messages.at(-1);
  const asked = messages.findLast(({ role }) => role === "user");
  const { intents, language } = understand(asked?.content ?? "");
  const words = WORDS[language];
  if (last?.role === "tool") return { text: tellResults(messages, words), calls: [] };
  if (last?.role !== "user" || intents.length === 0) return { text: words.help(words.name), calls: [] };
  const offered = new Set(tools.map((tool) => tool.name));
  const wanted = intents.map(({ tool }) => tool);
  const missing = wanted.filter((tool) => !offered.has(tool));
  if (missing.length > 0) return { text: words.missing(words.name, missing), calls: [] };
  return { text: words.calls(words.name, wanted), calls: intents };
}

/** The results since the last message that is none, in their order. */
function tellResults(messages: PromptMessage[], words: Words): string {
  const from = messages.findLastIndex((message) => message.role !== "tool") + 1;
  const told = messages
    .slice(from)
    .map((message) => (message.role === "tool" ? tellResult(message.name, message.content, words) : ""));
  return words.tells(words.name, told.join("\n\n"));
}

async function say(
  text: string,
  delayMs: number,
  signal: AbortSignal,
  onText: (text: string) => void,
): Promise<void> {
  // Chinese has no spaces: a word has one or two characters often enough.
  const words = text.match(/\s*(?:\p{Script=Han}{1,2}|[^\s\p{Script=Han}]+)/gu) ?? [];
  const pause = Math.min(delayMs, LONGEST_MS / words.length);
  for (const word of words) {
    if (signal.aborted) throw abortError();
    if (pause > 0) await sleep(pause, undefined, { signal });
    onText(word);
  }
}

function usageOf(request: ModelRequest, answer: Answer): { input_tokens: number; output_tokens: number } {
  let input_tokens = estimateTokens(JSON.stringify(request.tools));
  for (const message of request.messages) input_tokens += estimateTokens(message.content);
  return { input_tokens, output_tokens: estimateTokens(answer.text + JSON.stringify(answer.calls)) };
}
