// The model's context for the next step: system prompt, summary of what is too old, whole exchanges, the run so far (G15).
// Pure: data in, prompt out.
import type { PromptMessage, PromptTool } from "../../../contracts/models.ts";
import { estimateTokens, tokensOfMessages, tokensOfTools } from "../../../plugins/models/estimate-tokens.ts";
import type { CallDocument, RunDocument, Summary } from "../run-document.ts";
import type { Exchange, History } from "./exchanges.ts";
import { fitHistory } from "./fit-history.ts";
import { ownExchange } from "./own-exchange.ts";
import { type Offered, systemPrompt, withSummary } from "./system-prompt.ts";

export type Prompt = {
  /** The first is the system prompt. */
  messages: PromptMessage[];
  tools: PromptTool[];
  /** Estimated tokens of all of it. */
  tokens: number;
  /** Estimated tokens of what cannot be left out: rules, tools, the user's message. */
  least: number;
  /** The system prompt without a summary. */
  system: string;
  /** Exchanges that neither fit nor are in the summary yet, oldest first. */
  dropped: Exchange[];
};

/** Tokens that stay free for the answer. */
const ANSWER_TOKENS = 4_096;

export type PromptData = {
  run: RunDocument;
  /** All of the run. */
  calls: CallDocument[];
  offered: Offered;
  history: History;
  summary: Summary | null;
  /** Tokens the model can take, question and answer together. */
  window: number;
};

export function buildPrompt({ run, calls, offered, history, summary, window }: PromptData): Prompt {
  const { tools, nodes } = offered;
  const system = systemPrompt({ nodes, hasTools: tools.length > 0, today: run.created_at.slice(0, 10) });
  const head = tokensOfMessages([{ role: "system", content: system }]) + tokensOfTools(tools);
  const most = window - Math.min(ANSWER_TOKENS, Math.floor(window / 4)) - head;
  const own = ownExchange(run, calls, most);
  const ownTokens = tokensOfMessages(own);
  const fitted = fitHistory(history, summary, Math.max(0, most - ownTokens));
  const content = fitted.isSummarised && summary ? withSummary(system, summary.text) : system;
  return {
    messages: [{ role: "system", content }, ...fitted.kept.flatMap((exchange) => exchange.messages), ...own],
    tools,
    tokens: head + ownTokens + fitted.tokens,
    least: head + tokensOfMessages(own.slice(0, 1)),
    system,
    dropped: fitted.dropped,
  };
}

/** The prompt with a newer summary of what it had to drop. */
export function summarised(prompt: Prompt, summary: string): Prompt {
  const [, ...others] = prompt.messages;
  return {
    ...prompt,
    messages: [{ role: "system", content: withSummary(prompt.system, summary) }, ...others],
    tokens: prompt.tokens + estimateTokens(summary),
  };
}
