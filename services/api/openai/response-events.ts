// The events of a response, in the vendor's order, each with its number (https://platform.openai.com/docs/api-reference/responses-streaming).
import type { RunEvent } from "../../../contracts/run-events.ts";
import { callItem, type Item, messageId, messageItem, outputItem, textPart } from "./response.ts";

type Open = { item: Item; index: number; step: number; text: string };

export class ResponseEvents {
  readonly #run: string;
  #number = 0;
  /** The message that is being written. */
  #open: Open | undefined;
  readonly output: Item[] = [];

  constructor(run: string) {
    this.#run = run;
  }

  /** Something of the step was told that cannot be unsaid. */
  hasTold(step: number): boolean {
    return this.#open?.step === step;
  }

  begun(response: object): string {
    return this.frame("response.created", { response }) + this.frame("response.in_progress", { response });
  }

  /** What an event of the run is here; empty for what this protocol does not tell. */
  tell({ event, data }: RunEvent): string {
    switch (event) {
      case "content":
        return this.say(data.step, data.text);
      case "usage":
        return this.closeMessage();
      case "tool_start": {
        const { call_id, name, args } = data;
        return this.closeMessage() + this.call({ call_id, name, arguments: JSON.stringify(args ?? {}) });
      }
      case "tool_result":
        return this.#item(outputItem(data.call_id, data.result));
      default:
        return "";
    }
  }

  say(step: number, delta: string): string {
    const gone = this.#open && this.#open.step !== step ? this.closeMessage() : "";
    const begun = this.#open ? "" : this.#begin(step);
    const open = this.#open as unknown as Open;
    open.text += delta;
    return (
      gone + begun + this.frame("response.output_text.delta", { ...this.#part(open), delta, logprobs: [] })
    );
  }

  closeMessage(): string {
    const open = this.#open;
    if (!open) return "";
    this.#open = undefined;
    const item = messageItem(open.item.id, open.text, "completed");
    this.output[open.index] = item;
    return (
      this.frame("response.output_text.done", { ...this.#part(open), text: open.text, logprobs: [] }) +
      this.frame("response.content_part.done", { ...this.#part(open), part: textPart(open.text) }) +
      this.frame("response.output_item.done", { output_index: open.index, item })
    );
  }

  call(called: { call_id: string; name: string; arguments: string }): string {
    const item = callItem(called);
    const output_index = this.output.length;
    this.output.push(item);
    const place = { item_id: item.id, output_index };
    const begun = { ...callItem({ ...called, arguments: "" }, "in_progress") };
    return (
      this.frame("response.output_item.added", { output_index, item: begun }) +
      (called.arguments === ""
        ? ""
        : this.frame("response.function_call_arguments.delta", { ...place, delta: called.arguments })) +
      this.frame("response.function_call_arguments.done", {
        ...place,
        name: called.name,
        arguments: called.arguments,
      }) +
      this.frame("response.output_item.done", { output_index, item })
    );
  }

  /** @param type the last event */
  frame(type: string, fields: object): string {
    const event = { type, sequence_number: this.#number, ...fields };
    this.#number += 1;
    return `event: ${type}\ndata: ${JSON.stringify(event)}\n\n`;
  }

  #item(item: Item): string {
    const output_index = this.output.length;
    this.output.push(item);
    return (
      this.frame("response.output_item.added", { output_index, item }) +
      this.frame("response.output_item.done", { output_index, item })
    );
  }

  #begin(step: number): string {
    const item = messageItem(messageId(this.#run, step), "", "in_progress");
    const index = this.output.length;
    this.output.push(item);
    const open: Open = { item, index, step, text: "" };
    this.#open = open;
    return (
      this.frame("response.output_item.added", { output_index: index, item }) +
      this.frame("response.content_part.added", { ...this.#part(open), part: textPart("") })
    );
  }

  #part({ item, index }: Open) {
    return { item_id: item.id, output_index: index, content_index: 0 };
  }
}
