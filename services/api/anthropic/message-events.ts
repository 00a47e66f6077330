// What happens in a run, told in the order and the words of Anthropic's streams: one message, its blocks by number, how it ended. Text shows;
// of the model alone its thoughts and the calls that are the caller's to make show too. Used by messages.ts.
import type { Run } from "../../../contracts/agent.ts";
import type { RunEvent } from "../../../contracts/run-events.ts";
import type { ErrorType } from "../../../lib/errors.ts";
import {
  type Block,
  emptyMessage,
  NOT_YET,
  type Stop,
  type StreamEvent,
  type Usage,
  wireUsage,
} from "./message.ts";
import { errorOf } from "./refusal.ts";

export type Sink = {
  event(event: StreamEvent): void;
  /** Takes back the blocks from this number on; absent where they are out already. */
  takeBack?(index: number): void;
};

/** Why an answer could not be given to its end. */
export type Failure = { code: ErrorType; message: string; reason?: string };

export type Telling = {
  /** Of the message: an id of its own. */
  id: string;
  model: string;
  /** As far as it is known before the model has said it. */
  inputTokens: number;
  /** One question to the model alone: its thoughts are told. */
  isAlone: boolean;
};

type Thought = { type?: unknown; thinking?: unknown; signature?: unknown; data?: unknown };

export class MessageEvents {
  readonly #sink: Sink;
  readonly #telling: Telling;
  #hasBegun = false;
  /** The block that is being told. */
  #open: "text" | "thinking" | undefined;
  /** Blocks that were begun. */
  #blocks = 0;
  #step = 0;
  /** The block at which the step began, and its text since then. */
  #stepAt = 0;
  #stepText = "";
  /** Of a step that is told anew: the text that is out already. */
  #again: string | undefined;

  constructor(sink: Sink, telling: Telling) {
    this.#sink = sink;
    this.#telling = telling;
  }

  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** The head of the message, once; whatever follows needs it. */
  begin(): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    const { id, model, inputTokens } = this.#telling;
    const message = emptyMessage(id, model, { input_tokens: inputTokens, output_tokens: 0 });
    this.#sink.event({ type: "message_start", message });
  }

  /** @returns what makes it impossible to go on: what is out already is void, and nobody can take it back */
  take(event: RunEvent): Failure | undefined {
    switch (event.event) {
      case "content":
        this.#enter(event.data.step);
        return this.#say(event.data.text);
      case "reasoning":
        if (!this.#telling.isAlone) return undefined;
        this.#enter(event.data.step);
        return this.#think(event.data.text);
      case "thought":
        if (!this.#telling.isAlone) return undefined;
        this.#enter(event.data.step);
        return this.#endThought(event.data.value as Thought);
      case "reset":
        if (event.data.step === this.#step) this.#reset();
        return undefined;
      default:
        return undefined;
    }
  }

  /** A sentence of ours behind what was said. */
  say(text: string): void {
    this.#close();
    this.#tell(text);
  }

  /** The end of an answer that has one. @returns what of it is void, as of `take` */
  end(run: Run): Failure | undefined {
    if (this.#again !== undefined && this.#again !== "") return beganAnew(run.id);
    const step = run.steps.at(-1);
    for (const { call_id, name, arguments: json } of step?.handed_back ?? []) this.#call(call_id, name, json);
    const { usage } = run;
    this.stop(stopOf(run), usage);
    return undefined;
  }

  stop(stop: Stop, usage: Usage): void {
    this.begin();
    this.#close();
    this.#sink.event({ type: "message_delta", delta: { ...stop, container: null }, usage: wireUsage(usage) });
    this.#sink.event({ type: "message_stop" });
  }

  #enter(step: number): void {
    if (step === this.#step) return;
    this.#close();
    this.#step = step;
    this.#stepAt = this.#blocks;
    this.#stepText = "";
    this.#again = undefined;
  }

  #say(text: string): Failure | undefined {
    const fresh = this.#fresh(text);
    if (fresh === undefined) return beganAnew();
    if (fresh !== "") this.#tell(fresh);
    return undefined;
  }

  /** What of a text is not out yet; undefined where something else is. */
  #fresh(text: string): string | undefined {
    const out = this.#again;
    if (out === undefined) return text;
    if (out.startsWith(text)) {
      this.#again = out.slice(text.length);
      return "";
    }
    if (!text.startsWith(out)) return undefined;
    this.#again = undefined;
    return text.slice(out.length);
  }

  #tell(text: string): void {
    this.#stepText += text;
    if (this.#open !== "text") this.#start("text", { type: "text", text: "", citations: null });
    this.#delta({ type: "text_delta", text });
  }

  #think(thinking: string): Failure | undefined {
    if (this.#again !== undefined) return beganAnew();
    if (this.#open !== "thinking") this.#start("thinking", { type: "thinking", thinking: "", signature: "" });
    this.#delta({ type: "thinking_delta", thinking });
    return undefined;
  }

  /** Signed or sealed as its vendor gave it. Of a thought in another vendor's form only the text is told. */
  #endThought({ type, signature, data }: Thought): Failure | undefined {
    if (this.#again !== undefined) return beganAnew();
    if (type === "redacted_thinking" && typeof data === "string") {
      this.#start(undefined, { type, data });
      this.#stopBlock();
    } else if (type === "thinking" && typeof signature === "string") {
      if (this.#open !== "thinking") this.#start("thinking", { type, thinking: "", signature: "" });
      this.#delta({ type: "signature_delta", signature });
      this.#close();
    }
    return undefined;
  }

  #call(id: string, name: string, json: string): void {
    this.#start(undefined, { type: "tool_use", id, name, input: {}, caller: { type: "direct" } });
    this.#delta({ type: "input_json_delta", partial_json: json });
    this.#stopBlock();
  }

  /** What was told of the step is void. Where it is out already, only the same again can be gone on with. */
  #reset(): void {
    if (this.#blocks === this.#stepAt) return;
    if (this.#sink.takeBack) {
      this.#close();
      this.#sink.takeBack(this.#stepAt);
      this.#blocks = this.#stepAt;
      this.#stepText = "";
    } else this.#again = this.#stepText;
  }

  #start(open: "text" | "thinking" | undefined, content_block: Block): void {
    this.begin();
    this.#close();
    this.#sink.event({ type: "content_block_start", index: this.#blocks, content_block });
    this.#blocks += 1;
    this.#open = open;
  }

  #delta(delta: Extract<StreamEvent, { type: "content_block_delta" }>["delta"]): void {
    this.#sink.event({ type: "content_block_delta", index: this.#blocks - 1, delta });
  }

  #close(): void {
    if (this.#open) this.#stopBlock();
  }

  #stopBlock(): void {
    this.#open = undefined;
    this.#sink.event({ type: "content_block_stop", index: this.#blocks - 1 });
  }
}

function beganAnew(run?: string): Failure {
  const where = run === undefined ? "" : ` It is whole in GET /api/v1/agent/runs/${run}.`;
  return {
    code: "model_interrupted",
    message: `The answer broke off and is given anew, and this protocol cannot take back what was sent.${where} Ask again.`,
  };
}

/** Why the run could not answer; undefined where there is an answer, a refused one too. */
export function failureOf({ status, error }: Run): Failure | undefined {
  if (status === "cancelled") return { code: "conflict", message: "The run was cancelled." };
  if (!error || error.code === "model_filtered") return undefined;
  const { code, message, reason } = error;
  return { code: code as ErrorType, message, ...(reason === undefined ? {} : { reason }) };
}

export function errorEvent({ code, message, reason }: Failure, request_id: string): StreamEvent {
  return { type: "error", error: errorOf(code, message, reason), request_id };
}

function stopOf({ finish_reason, error, steps }: Run): Stop {
  if (error)
    return {
      ...NOT_YET,
      stop_reason: "refusal",
      stop_details: { type: "refusal", category: null, explanation: error.message },
    };
  switch (finish_reason) {
    case "tool_calls":
      return { ...NOT_YET, stop_reason: "tool_use" };
    case "length":
    case "budget":
    case "max_steps":
      return { ...NOT_YET, stop_reason: "max_tokens" };
    default: {
      const stop_sequence = steps.at(-1)?.stop_sequence ?? null;
      return {
        ...NOT_YET,
        stop_reason: stop_sequence === null ? "end_turn" : "stop_sequence",
        stop_sequence,
      };
    }
  }
}
