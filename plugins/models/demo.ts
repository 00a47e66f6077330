// The model `demo/demo`: a rule-based stand-in for those who have no model key yet. It streams and really calls tools, and says
// in every answer that it is a demo.
import { setTimeout as sleep } from "node:timers/promises";
import type { ModelChunk, ModelProvider, ModelRequest, PromptMessage } from "../../contracts/models.ts";
import { type Intent, intentsOf } from "./demo/intents.ts";
import { tellResult } from "./demo/tell-result.ts";
import { estimateTokens } from "./estimate-tokens.ts";
import { abortError } from "./exchange.ts";

/** `delayMs`: pause before each word, so that streaming is seen; 15 unless set. A whole answer takes at most two seconds. */
export type DemoSettings = { delayMs?: number };

const USUAL_DELAY_MS = 15;
const LONGEST_MS = 2_000;
const NAME = "I am the demo model";

const HELP = `${NAME} of MacJarvis: fixed rules, no intelligence. I show how streaming and real tool calls look. Try one of these:
- how full is the disk?
- how much memory is there?
- which processes are running?
- list files in ~/Documents
- read notes.txt
- run uname -a
- write hello to notes.txt
For a real model stop the server, set OPENAI_API_KEY, ANTHROPIC_API_KEY or GEMINI_API_KEY (or OPENAI_BASE_URL for Ollama, vLLM and the like) and start it again.`;

type Answer = { text: string; calls: Intent[] };

export function demoProvider(settings: DemoSettings = {}): ModelProvider {
  return {
    name: "demo",
    models: ["demo"],
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
  if (last?.role === "tool") return { text: tellResults(messages), calls: [] };
  const wanted = intentsOf(last?.role === "user" ? last.content : "");
  if (wanted.length === 0) return { text: HELP, calls: [] };
  const offered = new Set(tools.map((tool) => tool.name));
  const missing = wanted.filter(({ tool }) => !offered.has(tool)).map(({ tool }) => tool);
  if (missing.length > 0)
    return {
      text: `${NAME}. For this I need ${missing.join(" and ")}, which is not offered in this run: connect a machine, or allow its tools.`,
      calls: [],
    };
  return { text: `${NAME}. I call ${wanted.map(({ tool }) => tool).join(" and ")}.`, calls: wanted };
}

/** The results since the last message that is none, in their order. */
function tellResults(messages: PromptMessage[]): string {
  const from = messages.findLastIndex((message) => message.role !== "tool") + 1;
  const told = messages
    .slice(from)
    .map((message) => (message.role === "tool" ? tellResult(message.name, message.content) : ""));
  return `${NAME}. ${told.join("\n\n")}`;
}

async function say(
  text: string,
  delayMs: number,
  signal: AbortSignal,
  onText: (text: string) => void,
): Promise<void> {
  const words = text.match(/\s*\S+/g) ?? [];
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
