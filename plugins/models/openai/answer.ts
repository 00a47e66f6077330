// Reads an answer in OpenAI's chat completions format, streamed or whole, with all that compatible servers do differently.
import type { ModelChunk } from "../../../contracts/models.ts";
import { fieldsIn, listIn, textIn, tokensIn } from "../wire/loose.ts";
import { type Failing, interrupted, nameOf, reportedError, withheld } from "../wire/provider-error.ts";
import { type AnswerReader, parseJson } from "../wire/read-answer.ts";
import { keptOf } from "./kept.ts";
import { ToolCalls } from "./tool-calls.ts";

type Fields = Record<string, unknown>;

export class OpenAiAnswer implements AnswerReader {
  readonly #failing: Failing;
  readonly #onChunk: (chunk: ModelChunk) => void;
  readonly #calls: ToolCalls;
  /** What came as `reasoning_content`: DeepSeek's name, whose servers want it back. */
  #reasoning = "";
  #finish = "";
  #usage: Fields = {};
  #isDone = false;
  #hasSpoken = false;

  constructor(failing: Failing, onChunk: (chunk: ModelChunk) => void) {
    this.#failing = failing;
    this.#onChunk = onChunk;
    this.#calls = new ToolCalls(failing);
  }

  onEvent(data: string): boolean {
    if (data === "[DONE]") {
      this.#isDone = true;
      return true;
    }
    this.#read(parseJson(data, this.#failing));
    return false;
  }

  onWhole(body: unknown): void {
    // Some servers wrap an error into a list.
    this.#read(Array.isArray(body) ? body[0] : body);
    this.#isDone = this.#finish !== "" || this.#hasSpoken || this.#calls.size > 0;
  }

  isComplete(): boolean {
    return this.#isDone || this.#finish !== "";
  }

  conclude(): void {
    if (this.#finish === "content_filter" && !this.#hasSpoken && this.#calls.size === 0)
      throw withheld(this.#failing);
    for (const { extra: _extra, ...call } of this.#calls.all()) this.#onChunk({ type: "tool_call", ...call });
    this.#sendKept();
    const { prompt_tokens, completion_tokens, input_tokens, output_tokens } = this.#usage;
    const input = tokensIn(prompt_tokens ?? input_tokens);
    const output = tokensIn(completion_tokens ?? output_tokens);
    if (input !== undefined && output !== undefined)
      this.#onChunk({ type: "usage", input_tokens: input, output_tokens: output });
    this.#onChunk({ type: "end", reason: this.#reason() });
  }

  /** Some servers refuse results of calls that come without the thoughts behind them (openai/kept.ts). */
  #sendKept(): void {
    const extras = this.#calls.all().map(({ extra }) => extra ?? null);
    const value = keptOf({ reasoning_content: this.#reasoning, extras });
    if (extras.length > 0 && value)
      this.#onChunk({ type: "kept", state: { by: nameOf(this.#failing), value } });
  }

  #read(value: unknown): void {
    if (typeof value !== "object" || value === null) throw interrupted(this.#failing);
    const body = value as Fields;
    if (body.error) throw this.#failure(body.error);
    if (body.usage) this.#usage = fieldsIn(body.usage);
    const choice = fieldsIn(listIn(body.choices)[0]);
    const delta = choice.delta ?? (this.#hasSpoken ? undefined : choice.message);
    if (delta) this.#readDelta(fieldsIn(delta));
    const finish = textIn(choice.finish_reason);
    if (finish === "error") throw this.#failure(undefined);
    if (finish !== "") this.#finish = finish;
  }

  #readDelta(delta: Fields): void {
    this.#reasoning += textIn(delta.reasoning_content);
    this.#say("reasoning", textIn(delta.reasoning_content) || textIn(delta.reasoning));
    if (typeof delta.content === "string") this.#say("text", delta.content);
    else if (Array.isArray(delta.content)) this.#readParts(delta.content);
    if (delta.refusal) this.#say("text", textIn(delta.refusal));
    if (delta.tool_calls) for (const piece of listIn(delta.tool_calls)) this.#calls.add(piece);
    // The form of 2023, which some servers still speak: one call, without a number and an id.
    if (delta.function_call) this.#calls.add({ index: 0, function: delta.function_call });
  }

  /** Content as a list: pieces of text, and Mistral's pieces of thinking. */
  #readParts(parts: unknown[]): void {
    for (const part of parts) {
      if (typeof part === "string") this.#say("text", part);
      const { text, thinking } = fieldsIn(part);
      this.#say("text", textIn(text));
      for (const thought of listIn(thinking)) this.#say("reasoning", textIn(fieldsIn(thought).text));
    }
  }

  #say(type: "text" | "reasoning", text: string): void {
    if (text === "") return;
    this.#hasSpoken = true;
    this.#onChunk({ type, text });
  }

  /** An error inside the stream is the provider's state before the first token and a broken answer after it. */
  #failure(error: unknown): Error {
    return this.#hasSpoken || error === undefined
      ? interrupted(this.#failing)
      : reportedError(this.#failing, error);
  }

  #reason(): "stop" | "tool_calls" | "length" {
    if (this.#finish === "length") return "length";
    return this.#calls.size > 0 ? "tool_calls" : "stop";
  }
}
