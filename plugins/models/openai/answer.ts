// Reads an answer in OpenAI's chat completions format, streamed or whole, with all that compatible servers do differently.
import type { ModelChunk } from "../../../contracts/models.ts";
import { type Failing, interrupted, reportedError } from "../wire/provider-error.ts";
import { type AnswerReader, parseJson } from "../wire/read-answer.ts";
import { type CallPiece, ToolCalls } from "./tool-calls.ts";

type Delta = {
  content?: string | null | { text?: string }[];
  reasoning_content?: string | null;
  reasoning?: string | null;
  refusal?: string | null;
  tool_calls?: CallPiece[] | null;
};
type Choice = { delta?: Delta | null; message?: Delta | null; finish_reason?: string | null };
type Usage = {
  prompt_tokens?: number;
  completion_tokens?: number;
  input_tokens?: number;
  output_tokens?: number;
};
/** A chunk of a stream, or the whole answer of a server that does not stream. */
type Body = { choices?: (Choice | undefined)[]; usage?: Usage | null; error?: unknown };

export class OpenAiAnswer implements AnswerReader {
  readonly #failing: Failing;
  readonly #onChunk: (chunk: ModelChunk) => void;
  readonly #calls = new ToolCalls();
  #finish: string | undefined;
  #usage: Usage | undefined;
  #isDone = false;
  #hasSpoken = false;

  constructor(failing: Failing, onChunk: (chunk: ModelChunk) => void) {
    this.#failing = failing;
    this.#onChunk = onChunk;
  }

  onEvent(data: string): boolean {
    if (data === "[DONE]") {
      this.#isDone = true;
      return true;
    }
    this.#read(parseJson(data, this.#failing) as Body);
    return false;
  }

  onWhole(body: unknown): void {
    // Some servers wrap an error into a list.
    this.#read((Array.isArray(body) ? body[0] : body) as Body);
    this.#isDone = this.#finish !== undefined || this.#hasSpoken || this.#calls.size > 0;
  }

  isComplete(): boolean {
    return this.#isDone || this.#finish !== undefined;
  }

  conclude(): void {
    for (const call of this.#calls.all()) this.#onChunk({ type: "tool_call", ...call });
    const { prompt_tokens, completion_tokens, input_tokens, output_tokens } = this.#usage ?? {};
    const input = prompt_tokens ?? input_tokens;
    const output = completion_tokens ?? output_tokens;
    if (isCount(input) && isCount(output))
      this.#onChunk({ type: "usage", input_tokens: input, output_tokens: output });
    this.#onChunk({ type: "end", reason: this.#reason() });
  }

  #read(body: Body | null): void {
    if (typeof body !== "object" || body === null) throw interrupted(this.#failing);
    if (body.error) throw this.#failure(body.error);
    if (body.usage) this.#usage = body.usage;
    const choice = body.choices?.[0];
    if (!choice) return;
    const delta = choice.delta ?? (this.#hasSpoken ? undefined : choice.message);
    if (delta) this.#readDelta(delta);
    if (!choice.finish_reason) return;
    if (choice.finish_reason === "error") throw this.#failure(undefined);
    this.#finish = choice.finish_reason;
  }

  #readDelta(delta: Delta): void {
    const { content } = delta;
    const reasoning = delta.reasoning_content || delta.reasoning;
    if (typeof reasoning === "string" && reasoning !== "") this.#say({ type: "reasoning", text: reasoning });
    if (typeof content === "string") {
      if (content !== "") this.#say({ type: "text", text: content });
    } else if (Array.isArray(content)) {
      const text = content.map((part) => part.text ?? "").join("");
      if (text !== "") this.#say({ type: "text", text });
    }
    if (delta.refusal) this.#say({ type: "text", text: delta.refusal });
    if (!delta.tool_calls) return;
    for (const piece of delta.tool_calls) this.#calls.add(piece);
  }

  #say(chunk: ModelChunk): void {
    this.#hasSpoken = true;
    this.#onChunk(chunk);
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

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}
