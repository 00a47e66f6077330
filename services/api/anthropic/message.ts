// An answer as Anthropic's API writes it: the message, its blocks, the events of a stream that tell it piece by piece
// (https://platform.claude.com/docs/en/build-with-claude/streaming). Types and what makes them; message-events.ts says what comes when.

export type Block =
  | { type: "text"; text: string; citations: null }
  | { type: "thinking"; thinking: string; signature: string }
  | { type: "redacted_thinking"; data: string }
  | { type: "tool_use"; id: string; name: string; input: unknown; caller: { type: "direct" } };

export type StopReason = "end_turn" | "max_tokens" | "stop_sequence" | "tool_use" | "refusal";

/** How it ended. `stop_sequence`: the one of the caller's that the model came to. */
export type Stop = {
  stop_reason: StopReason | null;
  stop_sequence: string | null;
  stop_details: { type: "refusal"; category: null; explanation: string } | null;
};
export const NOT_YET: Stop = { stop_reason: null, stop_sequence: null, stop_details: null };

export const END_TURN: Stop = { ...NOT_YET, stop_reason: "end_turn" };

/** Input that a vendor's cache had is in `input_tokens` too: what is counted here is what is charged here. */
export type Usage = { input_tokens: number; output_tokens: number };
type WireUsage = Usage & Record<string, unknown>;

export type Message = Stop & {
  id: string;
  type: "message";
  role: "assistant";
  model: string;
  content: Block[];
  container: null;
  diagnostics: null;
  usage: WireUsage;
};

type Delta =
  | { type: "text_delta"; text: string }
  | { type: "thinking_delta"; thinking: string }
  | { type: "signature_delta"; signature: string }
  | { type: "input_json_delta"; partial_json: string };

export type StreamEvent =
  | { type: "message_start"; message: Message }
  | { type: "content_block_start"; index: number; content_block: Block }
  | { type: "content_block_delta"; index: number; delta: Delta }
  | { type: "content_block_stop"; index: number }
  | { type: "message_delta"; delta: Stop & { container: null }; usage: WireUsage }
  | { type: "message_stop" }
  | { type: "ping" }
  | { type: "error"; error: { type: string; message: string }; request_id: string };

/** A message of which nothing has been said yet. */
export function emptyMessage(id: string, model: string, usage: Usage): Message {
  return {
    ...{ id, type: "message", role: "assistant", model, content: [], ...NOT_YET },
    ...{ container: null, diagnostics: null, usage: wireUsage(usage) },
  };
}

/** With what has no place here, as Anthropic's clients want it: nothing of it, not unknown. */
export function wireUsage({ input_tokens, output_tokens }: Usage): WireUsage {
  return {
    ...{ input_tokens, output_tokens, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 },
    ...{ cache_creation: null, inference_geo: null, output_tokens_details: null },
    ...{ server_tool_use: null, service_tier: "standard", speed: null },
  };
}

export function frameOf(event: StreamEvent): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

/** Takes the events of a stream and has the message that they make, for who wants it whole. */
export class WholeMessage {
  #message: Message | undefined;
  /** Arguments of the call that is being told. */
  #json = "";

  event(event: StreamEvent): void {
    if (event.type === "message_start") this.#message = structuredClone(event.message);
    const content = this.#message?.content ?? [];
    switch (event.type) {
      case "content_block_start":
        content.push({ ...event.content_block });
        this.#json = "";
        return;
      case "content_block_delta":
        this.#add(content.at(-1), event.delta);
        return;
      case "message_delta":
        Object.assign(this.#message ?? {}, event.delta, { usage: event.usage });
        return;
      default:
    }
  }

  /** What was told from this block on is void. */
  takeBack(index: number): void {
    if (this.#message) this.#message.content.length = index;
  }

  get message(): Message | undefined {
    return this.#message;
  }

  #add(block: Block | undefined, delta: Delta): void {
    if (block?.type === "text" && delta.type === "text_delta") block.text += delta.text;
    else if (block?.type === "thinking" && delta.type === "thinking_delta") block.thinking += delta.thinking;
    else if (block?.type === "thinking" && delta.type === "signature_delta")
      block.signature = delta.signature;
    else if (block?.type === "tool_use" && delta.type === "input_json_delta") {
      this.#json += delta.partial_json;
      block.input = inputOf(this.#json);
    }
  }
}

/** A call whose arguments are no object must not look like one without arguments; Anthropic names the wrapper so. */
function inputOf(json: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(json === "" ? "{}" : json);
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
  } catch {
    // Said below.
  }
  return { INVALID_JSON: json };
}
