// Reads an answer in OpenAI's chat completions format, streamed or whole, with all that compatible servers do differently.
import type { ModelChunk } from "../../../contracts/models.ts";
import { readArguments } from "../wire/arguments.ts";
import { endingOf, faultOfEnd } from "../wire/ending.ts";
import { fieldsIn, listIn, textIn } from "../wire/json.ts";
import {
  type Failing,
  interrupted,
  nameOf,
  reportedError,
  withheld,
  wrongAddress,
} from "../wire/provider-error.ts";
import { type AnswerReader, parseJson } from "../wire/read-answer.ts";
import { Speech } from "../wire/speech.ts";
import { errorIn, keptOf, ReasoningDetails, readUsage, ToolCalls, type Usage } from "./answer-parts.ts";

type Fields = Record<string, unknown>;

/** No reason to end: some servers write "nothing" as a word, in each piece. */
const NOT_YET = /^\s*(|null|none|undefined|nil)\s*$/i;

export class OpenAiAnswer implements AnswerReader {
  readonly #failing: Failing;
  readonly #onChunk: (chunk: ModelChunk) => void;
  readonly #speech: Speech;
  readonly #calls: ToolCalls;
  /** What came as `reasoning_content`: DeepSeek's name, whose servers want it back. */
  #reasoning = "";
  readonly #details = new ReasoningDetails();
  #finish = "";
  /** The number of the choice that is read. */
  #choice: number | undefined;
  #usage: Usage | undefined;
  #isDone = false;
  /** Something of an answer's shape has come. */
  #hasChoices = false;

  constructor(failing: Failing, onChunk: (chunk: ModelChunk) => void) {
    this.#failing = failing;
    this.#onChunk = onChunk;
    this.#speech = new Speech(onChunk, true);
    this.#calls = new ToolCalls(failing);
  }

  onEvent(data: string, isError: boolean): boolean {
    if (data.trim() === "[DONE]") {
      this.#isDone = true;
      return true;
    }
    const value = parseJson(data, this.#failing);
    if (isError) throw this.#failure(fieldsIn(value).error ?? value);
    this.#read(value);
    return false;
  }

  onWhole(body: unknown): void {
    // Some servers wrap an error into a list.
    const value: unknown = Array.isArray(body) ? body[0] : body;
    this.#read(value);
    // GitHub's Copilot has text in one choice and calls in another; several answers were not asked for.
    for (const choice of listIn(fieldsIn(value).choices).slice(1))
      this.#calls.add(listIn(fieldsIn(fieldsIn(choice).message).tool_calls), true);
    if (!this.#hasChoices) throw wrongAddress(this.#failing);
    this.#isDone = true;
  }

  isComplete(): boolean {
    return this.#isDone || this.#finish !== "";
  }

  conclude(): void {
    this.#speech.end();
    const calls = this.#calls.all();
    const { hasBegun, hasText } = this.#speech;
    const fault = faultOfEnd(this.#failing, this.#finish, { hasBegun, hasText, hasCalls: calls.length > 0 });
    if (fault) {
      // What came of an answer is charged.
      this.#sendUsage();
      throw fault;
    }
    for (const { wire_id, name, arguments: text } of calls)
      this.#onChunk({ type: "tool_call", wire_id, name, arguments: readArguments(text) });
    this.#sendKept();
    this.#sendUsage();
    const isCut = endingOf(this.#finish) === "length";
    this.#onChunk({ type: "end", reason: isCut ? "length" : calls.length > 0 ? "tool_calls" : "stop" });
  }

  #sendUsage(): void {
    if (this.#usage) this.#onChunk({ type: "usage", ...this.#usage });
  }

  /** Some servers refuse results of calls that come without the thoughts behind them (`Kept`). */
  #sendKept(): void {
    const extras = this.#calls.all().map(({ extra }) => extra ?? null);
    const value = keptOf({
      reasoning_content: this.#reasoning,
      reasoning_details: this.#details.all(),
      extras,
    });
    if (extras.length > 0 && value)
      this.#onChunk({ type: "kept", state: { by: nameOf(this.#failing), value } });
  }

  #read(value: unknown): void {
    if (typeof value !== "object" || value === null) throw interrupted(this.#failing);
    const body = value as Fields;
    const error = errorIn(body);
    if (error !== undefined) throw this.#failure(error);
    // Some gateways have no choices to give when the server behind them has failed.
    this.#hasChoices ||= "choices" in body || textIn(body.object).startsWith("chat.completion");
    const choice = this.#choiceIn(listIn(body.choices));
    // Groq and Moonshot have places of their own for it.
    this.#usage = readUsage(body.usage ?? choice.usage ?? fieldsIn(body.x_groq).usage) ?? this.#usage;
    if (fieldsIn(body.prompt_feedback ?? body.promptFeedback).block_reason ?? choice.content_filter_blocked)
      throw withheld(this.#failing, this.#speech.hasText);
    // A message behind pieces says all of them once more.
    const isRepeated = this.#speech.hasBegun || this.#calls.size > 0;
    if (choice.delta) this.#readDelta(fieldsIn(choice.delta), false);
    else if (choice.message && !isRepeated) this.#readDelta(fieldsIn(choice.message), true);
    const finish = textIn(choice.finish_reason);
    if (finish === "error") throw this.#failure(choice.error);
    if (!NOT_YET.test(finish)) this.#finish = finish;
  }

  /** Of several answers, which nobody asked for, the one that began. */
  #choiceIn(choices: unknown[]): Fields {
    const all = choices.map(fieldsIn);
    const numbered = all.find(({ index }) => typeof index === "number");
    if (typeof numbered?.index === "number") this.#choice ??= numbered.index;
    return all.find(({ index }) => typeof index !== "number" || index === this.#choice) ?? {};
  }

  #readDelta(delta: Fields, isWhole: boolean): void {
    this.#reasoning += textIn(delta.reasoning_content);
    this.#details.add(delta.reasoning_details);
    this.#speech.say("reasoning", textIn(delta.reasoning_content) || textIn(delta.reasoning));
    if (typeof delta.content === "string") this.#speech.say("text", delta.content);
    else if (Array.isArray(delta.content)) this.#readParts(delta.content);
    if (delta.refusal) this.#speech.say("text", textIn(delta.refusal));
    if (delta.tool_calls) this.#calls.add(listIn(delta.tool_calls), isWhole);
    // The form of 2023, which some servers still speak: one call, without a number and an id.
    if (delta.function_call) this.#calls.add([{ index: 0, function: delta.function_call }]);
  }

  /** Content as a list: pieces of text, and Mistral's pieces of thinking. */
  #readParts(parts: unknown[]): void {
    for (const part of parts) {
      if (typeof part === "string") this.#speech.say("text", part);
      const { text, thinking } = fieldsIn(part);
      this.#speech.say("text", textIn(text));
      for (const thought of listIn(thinking)) this.#speech.say("reasoning", textIn(fieldsIn(thought).text));
    }
  }

  /** An error inside the stream is the provider's state before the first token and a broken answer after it. */
  #failure(error: unknown): Error {
    return this.#speech.hasBegun || error === undefined
      ? interrupted(this.#failing)
      : reportedError(this.#failing, error);
  }
}
