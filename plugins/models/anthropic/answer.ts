// Reads an answer in the format of Anthropic's messages API, streamed or whole.
import type { ModelChunk } from "../../../contracts/models.ts";
import { readArguments } from "../wire/arguments.ts";
import { endingOf, faultOfEnd } from "../wire/ending.ts";
import { fieldsIn, jsonOf, listIn, textIn, tokensIn } from "../wire/json.ts";
import { type Failing, interrupted, nameOf, reportedError, wrongAddress } from "../wire/provider-error.ts";
import { type AnswerReader, parseJson } from "../wire/read-answer.ts";
import { Speech } from "../wire/speech.ts";

type Fields = Record<string, unknown>;
/** Far beyond what a model asks for in one step; a server that sends more is broken or hostile. */
const MOST_CALLS = 256;

type ToolCallChunk = Extract<ModelChunk, { type: "tool_call" }>;
type OpenCall = { wire_id: string; name: string; pieces: string; whole: unknown };

export class AnthropicAnswer implements AnswerReader {
  readonly #failing: Failing;
  readonly #onChunk: (chunk: ModelChunk) => void;
  readonly #speech: Speech;
  readonly #open = new Map<number, OpenCall>();
  readonly #usage = { input: 0, output: 0, isKnown: false };
  /** Blocks of thinking in their order, as the API wants them back. */
  readonly #thoughts = new Map<number, Fields>();
  #stop = "";
  /** The caller's text that ended the answer. */
  #sequence: string | undefined;
  #isEnded = false;
  /** Blocks that have begun. */
  #begun = 0;
  readonly #calls: Omit<ToolCallChunk, "type">[] = [];

  constructor(failing: Failing, onChunk: (chunk: ModelChunk) => void) {
    this.#failing = failing;
    this.#onChunk = onChunk;
    this.#speech = new Speech(onChunk, false);
  }

  onEvent(data: string, isError: boolean): boolean {
    // Gateways that know OpenAI's language end answers in any language with it.
    if (data.trim() === "[DONE]") return this.isComplete();
    const event = fieldsIn(parseJson(data, this.#failing));
    if (isError || event.error) throw this.#failure(event.error ?? event);
    switch (event.type) {
      case "content_block_delta":
        this.#readDelta(this.#numberOf(event.index), fieldsIn(event.delta));
        break;
      case "content_block_start":
        this.#begun += 1;
        this.#startBlock(this.#numberOf(event.index), fieldsIn(event.content_block));
        break;
      case "content_block_stop":
        this.#endCall(this.#numberOf(event.index));
        break;
      case "message_start":
        this.#readUsage(fieldsIn(event.message).usage);
        // Known this early, so that an answer that breaks off is charged with the true size of its question.
        this.#sendUsage();
        break;
      case "message_delta":
        this.#readStop(fieldsIn(event.delta));
        this.#readUsage(event.usage);
        break;
      case "message_stop":
        this.#isEnded = true;
        break;
      case "error":
        throw this.#failure(event);
      default: // `ping`, and events the API may add.
    }
    return this.#isEnded;
  }

  #failure(error: unknown): Error {
    return this.#speech.hasBegun ? interrupted(this.#failing) : reportedError(this.#failing, error);
  }

  onWhole(body: unknown): void {
    const { type, error, content, usage, ...rest } = fieldsIn(body);
    if (type === "error" || error) throw reportedError(this.#failing, error);
    if (!Array.isArray(content)) throw wrongAddress(this.#failing);
    listIn(content).forEach((block, index) => {
      this.#startBlock(index, fieldsIn(block));
      this.#endCall(index);
    });
    this.#readUsage(usage);
    this.#readStop(rest);
    this.#isEnded = true;
  }

  #readStop({ stop_reason, stop_sequence }: Fields): void {
    this.#stop = textIn(stop_reason) || this.#stop;
    if (typeof stop_sequence === "string") this.#sequence = stop_sequence;
  }

  isComplete(): boolean {
    return this.#isEnded || this.#stop !== "";
  }

  conclude(): void {
    this.#speech.end();
    for (const index of [...this.#open.keys()]) this.#endCall(index);
    const calls = this.#calls;
    // What came of an answer is charged, however it ended.
    this.#sendUsage();
    const { hasBegun, hasText } = this.#speech;
    const fault = faultOfEnd(this.#failing, this.#stop, { hasBegun, hasText, hasCalls: calls.length > 0 });
    if (fault) throw fault;
    for (const call of calls) this.#onChunk({ type: "tool_call", ...call });
    const value = [...this.#thoughts.values()].filter(isSigned);
    if (calls.length > 0 && value.length > 0)
      this.#onChunk({ type: "kept", state: { by: nameOf(this.#failing), value } });
    const isCut = endingOf(this.#stop) === "length";
    this.#onChunk({
      type: "end",
      reason: isCut ? "length" : calls.length > 0 ? "tool_calls" : "stop",
      ...(this.#sequence === undefined ? {} : { stop_sequence: this.#sequence }),
    });
  }

  /** A block without a number is the last that began. */
  #numberOf(index: unknown): number {
    return typeof index === "number" ? index : this.#begun - 1;
  }

  #startBlock(index: number, { type, id, name, input, text, thinking, signature, data }: Fields): void {
    if (type === "tool_use")
      this.#open.set(index, { wire_id: textIn(id), name: textIn(name), pieces: "", whole: input });
    else if (type === "text") this.#speech.say("text", textIn(text));
    else if (type === "thinking") {
      this.#thoughts.set(index, { type, thinking: textIn(thinking), signature: textIn(signature) });
      this.#speech.say("reasoning", textIn(thinking));
    } else if (type === "redacted_thinking") this.#thoughts.set(index, { type, data: textIn(data) });
  }

  #readDelta(index: number, { type, text, thinking, partial_json, signature }: Fields): void {
    const thought = this.#thoughts.get(index);
    if (type === "text_delta") this.#speech.say("text", textIn(text));
    else if (type === "thinking_delta") {
      if (thought) thought.thinking = textIn(thought.thinking) + textIn(thinking);
      this.#speech.say("reasoning", textIn(thinking));
    } else if (type === "signature_delta" && thought)
      thought.signature = textIn(thought.signature) + textIn(signature);
    else if (type === "input_json_delta") {
      const call = this.#open.get(index);
      if (call) call.pieces += textIn(partial_json);
    }
  }

  /** A block has ended. */
  #endCall(index: number): void {
    const thought = this.#thoughts.get(index);
    if (thought && isSigned(thought)) this.#onChunk({ type: "thought", value: thought });
    const call = this.#open.get(index);
    if (!call) return;
    this.#open.delete(index);
    if (this.#calls.length === MOST_CALLS) throw interrupted(this.#failing);
    const { wire_id, name, pieces, whole } = call;
    // Some servers give the arguments whole, and an empty object piece by piece.
    const isInPieces = pieces.trim() !== "" && pieces.trim() !== "{}";
    const text = isInPieces ? pieces : jsonOf(whole ?? {});
    this.#calls.push({ wire_id, name, arguments: readArguments(text) });
  }

  /** All numbers are totals so far; those of the cache are input too. */
  #readUsage(value: unknown): void {
    const usage = fieldsIn(value);
    const input = tokensIn(usage.input_tokens);
    const output = tokensIn(usage.output_tokens);
    if (input !== undefined)
      this.#usage.input =
        input +
        (tokensIn(usage.cache_creation_input_tokens) ?? 0) +
        (tokensIn(usage.cache_read_input_tokens) ?? 0);
    if (output !== undefined) this.#usage.output = output;
    if (input !== undefined || output !== undefined) this.#usage.isKnown = true;
  }

  #sendUsage(): void {
    const { input, output, isKnown } = this.#usage;
    if (isKnown) this.#onChunk({ type: "usage", input_tokens: input, output_tokens: output });
  }
}

/** A thought without its signature would be refused. */
function isSigned({ type, signature }: Fields): boolean {
  return type === "redacted_thinking" || signature !== "";
}
