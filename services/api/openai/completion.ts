// Chat completions in the vendor's shapes, whole and in chunks (https://platform.openai.com/docs/api-reference/chat/object, …/streaming).
import type { Run } from "../../../contracts/agent.ts";
import type { Usage } from "../../../contracts/quota.ts";

export type Finish = "stop" | "length" | "tool_calls" | "content_filter";

/** Of a run: the same in all that is told of it. */
export type Head = { id: string; created: number; model: string };

/** @param model as the caller has named it */
export function headOf(run_id: string, createdAtMs: number, model: string): Head {
  return { id: run_id.replace(/^run_/, "chatcmpl-"), created: Math.floor(createdAtMs / 1_000), model };
}

/** Limits of any kind end an answer like the limit of its length. */
export function finishOf({ finish_reason }: Pick<Run, "finish_reason">): Finish {
  if (finish_reason === "stop" || finish_reason === "tool_calls") return finish_reason;
  return "length";
}

export function usageOf({ input_tokens, output_tokens }: Usage) {
  return {
    prompt_tokens: input_tokens,
    completion_tokens: output_tokens,
    total_tokens: input_tokens + output_tokens,
  };
}

export type HandedBack = { call_id: string; name: string; arguments: string };

/** The calls that are the caller's to make. */
export function callsOf({ steps }: Run): HandedBack[] {
  return steps.flatMap(({ handed_back = [] }) => handed_back);
}

/** Between the texts of two steps. */
export const GAP = "\n\n";

/** All that was said, as a stream tells it. */
export function textOf({ steps }: Run): string {
  return steps
    .map(({ content }) => content)
    .filter((content) => content !== "")
    .join(GAP);
}

/** @param content `null` beside calls where nothing was said */
export function completion(
  head: Head,
  { content, calls, finish, usage }: { content: string; calls: HandedBack[]; finish: Finish; usage: Usage },
) {
  return {
    ...{ id: head.id, object: "chat.completion", created: head.created, model: head.model },
    choices: [
      {
        index: 0,
        message: {
          role: "assistant",
          content: content === "" && calls.length > 0 ? null : content,
          refusal: null,
          annotations: [],
          ...(calls.length > 0
            ? {
                tool_calls: calls.map(({ call_id, ...called }) => ({
                  id: call_id,
                  type: "function",
                  function: called,
                })),
              }
            : {}),
        },
        logprobs: null,
        finish_reason: finish,
      },
    ],
    usage: usageOf(usage),
  };
}

/** Chunks as frames. @param hasUsage each says that its usage is null, and one more with the usage comes at the end */
export class Chunks {
  readonly #head: Head;
  readonly #hasUsage: boolean;

  constructor(head: Head, hasUsage: boolean) {
    this.#head = head;
    this.#hasUsage = hasUsage;
  }

  role(): string {
    return this.#delta({ role: "assistant", content: "", refusal: null });
  }

  text(content: string): string {
    return this.#delta({ content });
  }

  /** Each call by its number: who it is, then its arguments. */
  calls(calls: HandedBack[]): string {
    return calls
      .map(({ call_id, name, arguments: text }, index) => {
        const begun = { index, id: call_id, type: "function", function: { name, arguments: "" } };
        const rest =
          text === "" ? "" : this.#delta({ tool_calls: [{ index, function: { arguments: text } }] });
        return this.#delta({ tool_calls: [begun] }) + rest;
      })
      .join("");
  }

  /** The end, with the usage where it was asked for. */
  end(finish: Finish, usage: Usage): string {
    const last = this.#hasUsage ? this.#frame([], usageOf(usage)) : "";
    return `${this.#delta({}, finish)}${last}data: [DONE]\n\n`;
  }

  #delta(delta: object, finish_reason: Finish | null = null): string {
    return this.#frame([{ index: 0, delta, logprobs: null, finish_reason }], null);
  }

  #frame(choices: object[], usage: object | null): string {
    const { id, created, model } = this.#head;
    const chunk = { id, object: "chat.completion.chunk", created, model, choices };
    return `data: ${JSON.stringify(this.#hasUsage ? { ...chunk, usage } : chunk)}\n\n`;
  }
}
