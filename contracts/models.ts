// What a model provider is to the agent: one interface over OpenAI-, Anthropic-style and the demo model.
import type { CacheControl, ModelParameters, ParameterName, PromptPart } from "./given.ts";

/** One message of the model's context, in our own words; each provider puts it into its wire format. */
export type PromptMessage =
  | { role: "system"; content: string; cache_control?: CacheControl }
  /** `parts`: where it is more than one text, all of it in order. `content` then has its texts, for who reads no more. */
  | { role: "user"; content: string; parts?: PromptPart[]; name?: string }
  | { role: "assistant"; content: string; tool_calls?: PromptToolCall[]; kept?: KeptState; name?: string }
  | ToolMessage;

/** The result of a call. `is_error`: whoever made the call says that it failed. */
export type ToolMessage = {
  role: "tool";
  wire_id: string;
  name: string;
  content: string;
  images?: PromptImage[];
  is_error?: boolean;
  cache_control?: CacheControl;
};

/** A picture that came with a tool's result or with a message; `data` is base64. A model that takes none gets a sentence instead. */
export type PromptImage = { media_type: string; data: string };

/** `wire_id`: the provider's id of the call, kept for the wire only; `arguments`: the JSON text as the model wrote it. */
export type PromptToolCall = { wire_id: string; name: string; arguments: string };

/**
 * What a provider wants back, untouched, with the calls it has asked for: signed thoughts, without which it refuses the results.
 * Only the model that gave it (`provider/model`) gets it; `value` is its own business.
 */
export type KeptState = { by: string; value: unknown };

/** A tool as it is offered to a model; `parameters` is JSON Schema. `strict`: the model is held to it, where its vendor can. */
export type PromptTool = {
  name: string;
  description: string;
  parameters: Record<string, unknown>;
  strict?: boolean;
  cache_control?: CacheControl;
};

/**
 * One question to a model. Its messages are what any dialect can render: results follow their calls, ids are ours or kept for the wire.
 */
export type ModelRequest = {
  /** The provider's own name of the model (`gpt-4o-mini`), without the provider. */
  model: string;
  messages: PromptMessage[];
  tools: PromptTool[];
  maxOutputTokens?: number;
  /** What the caller has said besides; only what the provider takes (`refuses`). */
  parameters?: ModelParameters;
  /**
   * The question is a program's own: it is asked as it is, or refused. Nothing of it is left out or told in other words because a server
   * has refused it.
   */
  isExact?: boolean;
  /** Aborts the request; its socket closes at once. */
  signal: AbortSignal;
  /** Only for providers' logs and our own: never a user's id. */
  runId: string;
};

/** What a provider sends while it answers. `text` and `reasoning` are never empty. */
export type ModelChunk =
  | { type: "text"; text: string }
  | { type: "reasoning"; text: string }
  /** A call is complete: `arguments` is the JSON text as it came, perhaps malformed. Sent in the model's order. */
  | { type: "tool_call"; wire_id: string; name: string; arguments: string }
  /** A thought is complete, in the vendor's own form: what it wants back with this answer later, signature and all. */
  | { type: "thought"; value: unknown }
  | { type: "usage"; input_tokens: number; output_tokens: number }
  /** At most once, before the end, of an answer with tool calls. */
  | { type: "kept"; state: KeptState }
  /** Always last. `length`: the answer or the arguments of its last call are cut off. `stop_sequence`: the text of the caller's that ended it, where the vendor says which. */
  | { type: "end"; reason: "stop" | "tool_calls" | "length"; stop_sequence?: string };

/**
 * Asks the model once: no retry, no fallback (the agent decides those). Every piece goes to `onChunk` as it comes,
 * synchronously; the promise ends after `end`. `onActivity` is called for each network read, text or not (the watchdog).
 * Throws an AppError: `model_rate_limited` (429), `model_unavailable` (5xx, refused, DNS), `model_rejected` (4xx: not worth a
 * retry), `model_interrupted` (the stream broke off), with `retryAfterMs` where the provider said it. The provider's
 * own words are never in the message, because they quote keys and prompts.
 */
export type Ask = (
  request: ModelRequest,
  onChunk: (chunk: ModelChunk) => void,
  onActivity: () => void,
) => Promise<void>;

/** A vendor, or a server that speaks its language, behind one interface. Holds no state of a conversation. */
export type ModelProvider = {
  /** `openai`, `anthropic`, `demo` …: the part of `provider/model` before the first slash. */
  name: string;
  /** Undefined when it can be used, else the reason in words a person can act on ("set OPENAI_API_KEY"). */
  unavailable?: string;
  /** Models to offer when `MODELS` names none; the first is the provider's default. */
  models: string[];
  /** The first of the parameters that it cannot take, or not with this value, and why (read behind the name); undefined where it takes all. */
  refuses(model: string, parameters: ModelParameters): RefusedParameter | undefined;
  ask: Ask;
  /** The input tokens of a question, as the vendor counts them; absent where it has no such service. Throws whatever keeps it from that. */
  count?(request: Omit<ModelRequest, "runId">): Promise<number>;
};

export type RefusedParameter = { name: ParameterName; why: string };

/** Proxies on the way to model servers, as addresses with their credentials. */
export type ProxySettings = {
  /** For `http://` addresses. */
  http?: string;
  /** For `https://` addresses. */
  https?: string;
  /** Hosts that are reached without one, as NO_PROXY writes them. */
  none?: string;
};

/** What the price list knows of a model; both limits in tokens. */
export type ModelPrice = {
  context_window: number;
  max_output_tokens: number;
  /** US dollars for a million tokens. */
  input_per_million: number;
  output_per_million: number;
};
