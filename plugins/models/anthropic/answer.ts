// Reads an answer in the format of Anthropic's messages API, streamed or whole.
import type { ModelChunk } from "../../../contracts/models.ts";
import { type Failing, interrupted, reportedError } from "../wire/provider-error.ts";
import { type AnswerReader, parseJson } from "../wire/read-answer.ts";

type Usage = {
  input_tokens?: number | null;
  output_tokens?: number | null;
  cache_creation_input_tokens?: number | null;
  cache_read_input_tokens?: number | null;
};
type Block = { type?: string; text?: string; thinking?: string; id?: string; name?: string; input?: unknown };
type Message = { content?: Block[]; stop_reason?: string | null; usage?: Usage };
type Event = {
  type?: string;
  index?: number;
  message?: Message;
  content_block?: Block;
  delta?: {
    type?: string;
    text?: string;
    thinking?: string;
    partial_json?: string;
    stop_reason?: string | null;
  };
  usage?: Usage;
  error?: unknown;
};
type OpenCall = { wire_id: string; name: string; pieces: string; whole: unknown };

export class AnthropicAnswer implements AnswerReader {
  readonly #failing: Failing;
  readonly #onChunk: (chunk: ModelChunk) => void;
  readonly #open = new Map<number, OpenCall>();
  readonly #usage = { input: 0, output: 0, isKnown: false };
  #stop: string | undefined;
  #isEnded = false;
  #calls = 0;
  #hasSpoken = false;

  constructor(failing: Failing, onChunk: (chunk: ModelChunk) => void) {
    this.#failing = failing;
    this.#onChunk = onChunk;
  }

  onEvent(data: string): boolean {
    const event = parseJson(data, this.#failing) as Event | null;
    switch (event?.type) {
      case "content_block_delta":
        this.#readDelta(event);
        break;
      case "content_block_start":
        this.#startBlock(event.index ?? 0, event.content_block ?? {});
        break;
      case "content_block_stop":
        this.#endCall(event.index ?? 0);
        break;
      case "message_start":
        this.#readUsage(event.message?.usage);
        // Known this early, so that an answer that breaks off is charged with the true size of its question.
        this.#sendUsage();
        break;
      case "message_delta":
        this.#stop = event.delta?.stop_reason ?? this.#stop;
        this.#readUsage(event.usage);
        break;
      case "message_stop":
        this.#isEnded = true;
        break;
      case "error":
        throw this.#hasSpoken ? interrupted(this.#failing) : reportedError(this.#failing, event.error);
      default: // `ping`, and events the API may add.
    }
    return this.#isEnded;
  }

  onWhole(body: unknown): void {
    const { type, error, content, stop_reason, usage } = (body ?? {}) as Message & {
      type?: string;
      error?: unknown;
    };
    if (type === "error") throw reportedError(this.#failing, error);
    content?.forEach((block, index) => {
      this.#startBlock(index, block);
      this.#endCall(index);
    });
    this.#readUsage(usage);
    this.#stop = stop_reason ?? undefined;
    this.#isEnded = Array.isArray(content);
  }

  isComplete(): boolean {
    return this.#isEnded || this.#stop !== undefined;
  }

  conclude(): void {
    for (const index of [...this.#open.keys()]) this.#endCall(index);
    this.#sendUsage();
    this.#onChunk({ type: "end", reason: this.#reason() });
  }

  #startBlock(index: number, block: Block): void {
    if (block.type === "tool_use")
      this.#open.set(index, {
        wire_id: block.id ?? "",
        name: block.name ?? "",
        pieces: "",
        whole: block.input,
      });
    else if (block.type === "text") this.#say("text", block.text);
    else if (block.type === "thinking") this.#say("reasoning", block.thinking);
  }

  #readDelta({ index = 0, delta }: Event): void {
    if (delta?.type === "text_delta") this.#say("text", delta.text);
    else if (delta?.type === "thinking_delta") this.#say("reasoning", delta.thinking);
    else if (delta?.type === "input_json_delta") {
      const call = this.#open.get(index);
      if (call) call.pieces += delta.partial_json ?? "";
    }
  }

  #endCall(index: number): void {
    const call = this.#open.get(index);
    if (!call) return;
    this.#open.delete(index);
    this.#calls += 1;
    this.#hasSpoken = true;
    const { wire_id, name, pieces, whole } = call;
    this.#onChunk({
      type: "tool_call",
      wire_id,
      name,
      arguments: pieces === "" ? JSON.stringify(whole ?? {}) : pieces,
    });
  }

  #say(type: "text" | "reasoning", text: string | undefined): void {
    if (!text) return;
    this.#hasSpoken = true;
    this.#onChunk({ type, text });
  }

  /** All numbers are totals so far; those of the cache are input too. */
  #readUsage(usage: Usage | undefined): void {
    if (!usage) return;
    this.#usage.isKnown = true;
    const { input_tokens, output_tokens, cache_creation_input_tokens, cache_read_input_tokens } = usage;
    if (typeof input_tokens === "number")
      this.#usage.input = input_tokens + (cache_creation_input_tokens ?? 0) + (cache_read_input_tokens ?? 0);
    if (typeof output_tokens === "number") this.#usage.output = output_tokens;
  }

  #sendUsage(): void {
    const { input, output, isKnown } = this.#usage;
    if (isKnown) this.#onChunk({ type: "usage", input_tokens: input, output_tokens: output });
  }

  #reason(): "stop" | "tool_calls" | "length" {
    if (this.#stop === "max_tokens" || this.#stop === "model_context_window_exceeded") return "length";
    return this.#calls > 0 ? "tool_calls" : "stop";
  }
}
