// The response object and its items in the vendor's shapes (https://platform.openai.com/docs/api-reference/responses/object).
import type { Run } from "../../../contracts/agent.ts";
import { ID_PREFIXES } from "../../../contracts/ids.ts";
import type { Usage } from "../../../contracts/quota.ts";
import { responseId } from "./read-response.ts";
import { errorOfRun, refuse } from "./refuse.ts";

export type Item = Record<string, unknown> & { id: string; type: string };

/** What a run's request is shown with. */
export type Shown = { request: Record<string, unknown>; before: string | null };

type State = "in_progress" | "completed" | "incomplete" | "failed" | "cancelled" | "queued";

export function textPart(text: string) {
  return { type: "output_text", text, annotations: [], logprobs: [] };
}

/** @param status of an item that is being written nothing is there yet */
export function messageItem(
  id: string,
  text: string,
  status: "in_progress" | "completed" | "incomplete",
): Item {
  const content = status === "in_progress" ? [] : [textPart(text)];
  return { id, type: "message", status, role: "assistant", content };
}

type Called = { call_id: string; name: string; arguments: string };

export function callItem({ call_id, name, arguments: text }: Called, status = "completed"): Item {
  return { id: itemId("fc_", call_id), type: "function_call", status, call_id, name, arguments: text };
}

export function outputItem(call_id: string, output: unknown): Item {
  const text = typeof output === "string" ? output : JSON.stringify(output ?? null);
  const id = itemId("fco_", call_id);
  return { id, type: "function_call_output", status: "completed", call_id, output: text };
}

const itemId = (prefix: string, call_id: string) => prefix + call_id.slice(ID_PREFIXES.call.length);

/** Of the message of a step. */
export function messageId(run_id: string, step: number): string {
  return `msg_${run_id.slice(ID_PREFIXES.run.length)}_${String(step).padStart(3, "0")}`;
}

/** All that the run has said and done, in the order of its steps. */
export function itemsOf({ id, steps, status }: Run): Item[] {
  return steps.flatMap(({ number, content, tool_calls, handed_back = [], ...step }) => {
    const isWhole = step.status === "complete" || status === "completed";
    const said =
      content === ""
        ? []
        : [messageItem(messageId(id, number), content, isWhole ? "completed" : "incomplete")];
    const called = tool_calls.map(({ call_id, name, args }) =>
      callItem({ call_id, name, arguments: JSON.stringify(args ?? {}) }),
    );
    const answered = tool_calls.flatMap((call) =>
      call.ok === null ? [] : [outputItem(call.call_id, call.result)],
    );
    return [...said, ...called, ...answered, ...handed_back.map((call) => callItem(call))];
  });
}

/** How a run stands in the vendor's words. */
export function stateOf({ status, finish_reason, error }: Run): State {
  if (status === "completed")
    return finish_reason === "stop" || finish_reason === "tool_calls" ? "completed" : "incomplete";
  if (status === "failed") return error?.code === "model_filtered" ? "incomplete" : "failed";
  if (status === "cancelled" || status === "queued") return status;
  return "in_progress";
}

/** @param output what is shown of it; all that there is unless given. @param state as it is unless given */
export function responseObject(
  run: Run,
  { request, before }: Shown,
  output = itemsOf(run),
  state = stateOf(run),
) {
  const { metadata = {}, tools = [], tool_choice = "auto", parallel_tool_calls = true, ...said } = request;
  const filtered = run.error?.code === "model_filtered";
  const isOver = state !== "in_progress" && state !== "queued";
  const ended = run.ended_at ? Math.floor(Date.parse(run.ended_at) / 1_000) : null;
  return {
    id: responseId(run.id),
    object: "response",
    created_at: Math.floor(Date.parse(run.created_at) / 1_000),
    status: state,
    background: false,
    completed_at: state === "completed" ? ended : null,
    error: state === "failed" ? errorOf(run) : null,
    incomplete_details:
      state === "incomplete" && run.status !== "cancelled"
        ? { reason: filtered ? "content_filter" : "max_output_tokens" }
        : null,
    instructions: said.instructions ?? null,
    max_output_tokens: said.max_output_tokens ?? null,
    model: said.model ?? run.model,
    output,
    parallel_tool_calls,
    previous_response_id: before === null ? null : responseId(before),
    reasoning: { effort: (said.reasoning as { effort?: string } | undefined)?.effort ?? null, summary: null },
    store: said.store ?? true,
    temperature: said.temperature ?? null,
    text: said.text ?? { format: { type: "text" } },
    tool_choice,
    tools,
    top_p: said.top_p ?? null,
    truncation: "disabled",
    usage: isOver ? usageOf(run.usage) : null,
    metadata,
    ...(said.conversation ? { conversation: said.conversation } : {}),
  };
}

/** Those of the vendor's codes that fit; whatever else is a fault of the server. */
function errorOf({ error }: Run) {
  if (!error) return { code: "server_error", message: "The run failed." };
  const told = errorOfRun(error);
  const { status } = refuse({ type: told.type, detail: told.message, extras: told.data });
  const code = status === 429 ? "rate_limit_exceeded" : status === 400 ? "invalid_prompt" : "server_error";
  return { code, message: error.message };
}

function usageOf({ input_tokens, output_tokens }: Usage) {
  return {
    input_tokens,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: input_tokens + output_tokens,
  };
}
