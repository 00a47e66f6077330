// A question to a model and how it ended, as the rooms of the agent tell it one another: `model/` asks, `loop/` has it asked.
import type { ModelHealth } from "../../contracts/answers/models.ts";
import type { ModelParameters } from "../../contracts/given.ts";
import type { KeptState, PromptMessage, PromptTool } from "../../contracts/models.ts";
import type { AppError } from "../../lib/errors.ts";

export type ModelUsage = {
  input_tokens: number;
  output_tokens: number;
  /** The provider did not say all of it. */
  estimated: boolean;
};

export type AskOptions = {
  /** `provider/model` of the run. */
  model: string;
  messages: PromptMessage[];
  tools: PromptTool[];
  maxOutputTokens?: number;
  /** Of the caller's question; a fallback that does not take them is not asked. */
  parameters?: ModelParameters;
  /** Asked as it is or not at all (contracts/models.ts); an answer without a word is one. */
  isExact?: boolean;
  runId: string;
  /** Aborting it ends the question at once, also while waiting for the next attempt. */
  signal: AbortSignal;
  /** Monotonic milliseconds (`performance.now()`) after which no further attempt is worth beginning. */
  deadlineAt: number;
  /** Called synchronously for each piece, never with an empty one. */
  onText: (text: string) => void;
  onReasoning: (text: string) => void;
  /** A thought is whole, in the vendor's own form. */
  onThought?: (value: unknown) => void;
  /** Told before the question is asked again, so that nobody waits without knowing for what. */
  onRetry?: (retry: Retry) => void;
};

export type Retry = {
  /** Of the question that comes now, from 1; and how many there will be of its model at most. */
  attempt: number;
  of: number;
  /** Why, in words for a person. */
  reason: string;
  /** Milliseconds until it is asked. */
  wait_ms: number;
  /** Thoughts were told already, of an answer without a word: they come anew. */
  isVoid: boolean;
};

export type Said = {
  /** `provider/model` that really answered. */
  model: string;
  text: string;
  reasoning: string;
  /** Whole calls in the model's order; their arguments perhaps malformed. */
  toolCalls: { wire_id: string; name: string; arguments: string }[];
  usage: ModelUsage;
  kept?: KeptState;
  /** The text of the caller's that ended it, where the vendor says which. */
  stopSequence?: string;
  /** In their order, as the vendor gave them. */
  thoughts?: unknown[];
};

/**
 * `interrupted`: it broke off after the first token, what came is to be kept as incomplete. `failed`: nothing came, from no
 * model. `cancelled`: the signal was aborted; what came until then.
 */
export type Asked =
  | ({ type: "answered"; finish: "stop" | "tool_calls" | "length" } & Said)
  | ({ type: "interrupted"; error: AppError } & Said)
  | { type: "failed"; error: AppError }
  | ({ type: "cancelled" } & Said);

export type ModelAsker = {
  ask(options: AskOptions): Promise<Asked>;
  /** What it has learned of the models that were asked since the process started. */
  health(): ModelHealth[];
};
