// The model's context for the next step: system prompt, summary of what is too old, whole exchanges, the run so far.
import type { PromptMessage, PromptTool } from "../../../contracts/models.ts";
import type { Message } from "../../../contracts/sessions.ts";
import { estimateTokens } from "../../../plugins/models/estimate-tokens.ts";
import { callsOfStep } from "../engine/calls-of-step.ts";
import type { Turn } from "../engine/turn.ts";
import { askService } from "../rooms.ts";
import type { CallDocument, RunDocument } from "../run-document.ts";
import { type Exchange, exchangesOf } from "./exchanges.ts";
import { offeredTools } from "./offered-tools.ts";
import { resultText } from "./result-text.ts";
import { systemPrompt } from "./system-prompt.ts";

export type Prompt = {
  messages: PromptMessage[];
  tools: PromptTool[];
  /** Estimated tokens of all of it. */
  tokens: number;
  /** Exchanges that did not fit, oldest first: what a summary should cover. */
  dropped: Exchange[];
};

/** Tokens that stay free for the answer. */
const ANSWER_TOKENS = 4_096;
/** Characters of a result of the run's own steps: as much as fits of these. */
const RESULT_LENGTHS = [16_000, 4_000, 1_000, 250];
/** Characters of history read at most; a token is about four. */
const BYTES_PER_TOKEN = 4;

/** @param window tokens the model can take, question and answer together */
export async function buildPrompt(turn: Turn, window: number, summary: string | null): Promise<Prompt> {
  const { run } = turn;
  const { tools, nodes } = await offeredTools(turn);
  const system = systemPrompt({ nodes, hasTools: tools.length > 0, today: run.created_at.slice(0, 10) });
  const head = tokensOf([{ role: "system", content: system }]) + tokensOfTools(tools);
  const most = window - Math.min(ANSWER_TOKENS, Math.floor(window / 4)) - head;
  const now = await currentExchange(turn, most);
  const fixed = head + tokensOf(now);
  const room = Math.max(0, most - tokensOf(now));
  const history = await readHistory(turn, room);
  const { kept, dropped, tokens } = fit(history, room - (summary ? estimateTokens(summary) : 0));
  const first: PromptMessage = {
    role: "system",
    content: withSummary(system, dropped.length > 0 ? summary : null),
  };
  return {
    messages: [first, ...kept.flatMap((exchange) => exchange.messages), ...now],
    tools,
    tokens: fixed + tokens,
    dropped,
  };
}

function withSummary(system: string, summary: string | null): string {
  return summary ? `${system}\n\nSummary of the older part of this conversation:\n${summary}` : system;
}

/** Earlier exchanges of the session, without this run's own. */
async function readHistory(turn: Turn, room: number): Promise<Exchange[]> {
  const { rooms, run, caller } = turn;
  if (room === 0) return [];
  const { messages } = await askService(rooms, caller, "sessions.recent", {
    id: run.session_id,
    max_bytes: Math.max(1, Math.min(room * BYTES_PER_TOKEN * 2, 4_000_000)),
  });
  return exchangesOf(messages.filter((message: Message) => message.run_id !== run._id));
}

/** The newest exchanges that fit, whole; the rest is dropped. */
function fit(exchanges: Exchange[], room: number): { kept: Exchange[]; dropped: Exchange[]; tokens: number } {
  let tokens = 0;
  let from = exchanges.length;
  while (from > 0) {
    const next = tokensOf(exchanges[from - 1]?.messages ?? []);
    if (tokens + next > room) break;
    tokens += next;
    from -= 1;
  }
  return { kept: exchanges.slice(from), dropped: exchanges.slice(0, from), tokens };
}

/** This run's own exchange so far; its results are cut shorter and shorter until it fits. */
async function currentExchange(turn: Turn, most: number): Promise<PromptMessage[]> {
  const calls = new Map<number, CallDocument[]>();
  for (const step of turn.run.steps) calls.set(step.number, await callsOfStep(turn.rooms, step));
  let messages: PromptMessage[] = [];
  for (const longest of RESULT_LENGTHS) {
    messages = [{ role: "user", content: turn.run.text }, ...ownSteps(turn.run, calls, longest)];
    if (tokensOf(messages) <= most) break;
  }
  return messages;
}

/** The steps of the run with their results, in the model's order and with the provider's own call ids. */
function ownSteps(run: RunDocument, calls: Map<number, CallDocument[]>, longest: number): PromptMessage[] {
  return run.steps.flatMap((step): PromptMessage[] => [
    {
      role: "assistant",
      content: step.content,
      ...(step.calls.length > 0
        ? {
            tool_calls: step.calls.map((call) => ({
              wire_id: call.wire_id,
              name: call.name,
              arguments: call.arguments,
            })),
          }
        : {}),
    },
    ...(calls.get(step.number) ?? []).map(
      (call): PromptMessage => ({
        role: "tool",
        wire_id: call.wire_id,
        name: call.name,
        content: resultText(call.result, longest),
      }),
    ),
  ]);
}

const knownTools = new WeakMap<object, number>();

/** A tool's schema is the same object in every prompt: it is counted once. */
function tokensOfTools(tools: PromptTool[]): number {
  return tools.reduce((sum, tool) => {
    const known = knownTools.get(tool.parameters) ?? estimateTokens(JSON.stringify(tool));
    knownTools.set(tool.parameters, known);
    return sum + known;
  }, 0);
}

/** Estimated tokens of messages, with a little for what each carries around its text. */
function tokensOf(messages: PromptMessage[]): number {
  let tokens = 0;
  for (const message of messages) {
    tokens += 4 + estimateTokens(message.content);
    if (message.role === "assistant")
      for (const call of message.tool_calls ?? [])
        tokens += 8 + estimateTokens(call.name) + estimateTokens(call.arguments);
  }
  return tokens;
}
