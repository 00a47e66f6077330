// The body of a response's request, as the run that it asks for.
import type { GivenMessage, ModelParameters, PromptPart } from "../../../contracts/given.ts";
import { ID_PREFIXES, type RunId, type SessionId } from "../../../contracts/ids.ts";
import {
  type ResponseInput,
  type ResponseRequest,
  responseRequest,
} from "../../../contracts/openai/responses.ts";
import { parse } from "../../../lib/broker/action.ts";
import type { Asked } from "../door-run.ts";
import { readModelId } from "../model-id.ts";
import { requireSound, textOfParts } from "./messages.ts";
import {
  type Names,
  picture,
  refused,
  refuseToolsOfAgent,
  requireChoice,
  said,
  toolsOf,
} from "./parameters.ts";

export type AskedResponse = Asked & { body: ResponseRequest; names: Names };

const RESPONSE = "resp_";
const CONVERSATION = "conv_";

export const responseId = (run: string): string => RESPONSE + run.slice(ID_PREFIXES.run.length);
export const runIdOf = (id: string): RunId =>
  (id.startsWith(RESPONSE) ? ID_PREFIXES.run + id.slice(RESPONSE.length) : id) as RunId;

/** A conversation is a session of ours, by its own id or in OpenAI's form. */
function sessionOf(body: ResponseRequest, header: SessionId | undefined): SessionId | undefined {
  const { conversation } = body;
  const id = typeof conversation === "string" ? conversation : conversation?.id;
  if (id === undefined) return header;
  if (body.previous_response_id)
    throw refused("conversation", "cannot go with previous_response_id: say one of them");
  return (
    id.startsWith(CONVERSATION) ? ID_PREFIXES.session + id.slice(CONVERSATION.length) : id
  ) as SessionId;
}

/** @param header a session that the request names besides its body. @throws invalid_request */
export function readResponse(params: Record<string, unknown>, header: SessionId | undefined): AskedResponse {
  const body = parse(responseRequest, params);
  const { mode, model } = readModelId(body.model);
  const session = sessionOf(body, header);
  const parameters = parametersOf(body);
  const tools = toolsOf(body.tools ?? [], (index) => `tools.${index}.name`);
  if (mode === "agent") refuseToolsOfAgent(body.model, tools, parameters.tool_choice);
  else requireChoice(parameters, tools);
  const items: ResponseInput[] =
    typeof body.input === "string" ? [{ role: "user", content: body.input }] : body.input;
  const { messages, places } = messagesOf(items);
  const earlier = body.previous_response_id ? { run: runIdOf(body.previous_response_id) } : undefined;
  const before = earlier ?? (session ? "session" : "nothing");
  const place = (index: number) => (typeof body.input === "string" ? "input" : `input.${places[index] ?? 0}`);
  requireSound(messages, { mode, isContinued: before !== "nothing", place });
  const last = messages.findLast(({ role }) => role === "user");
  return {
    body,
    names: {
      response_format: "text.format",
      verbosity: "text.verbosity",
      reasoning_effort: "reasoning.effort",
      messages: "input",
    },
    given: {
      ...{ source: "openai", mode, messages, parameters, before, keeps: body.store !== false },
      ...(body.instructions ? { instructions: body.instructions } : {}),
      ...(tools.length > 0 ? { tools } : {}),
      request: shownRequest(body),
    },
    words: last && textOfParts(last),
    model,
    session,
  };
}

function parametersOf(body: ResponseRequest): ModelParameters {
  const { temperature, top_p, max_output_tokens, parallel_tool_calls, tool_choice, text, reasoning } = body;
  return said({
    ...{ temperature, top_p, max_output_tokens, parallel_tool_calls },
    tool_choice: typeof tool_choice === "object" && tool_choice ? { name: tool_choice.name } : tool_choice,
    response_format: formatOf(text?.format),
    reasoning_effort: reasoning?.effort,
    verbosity: text?.verbosity,
  }) as ModelParameters;
}

/** As chat completions, and so vendors, write it. */
function formatOf(
  format: NonNullable<ResponseRequest["text"]>["format"],
): Record<string, unknown> | undefined {
  if (!format || format.type === "text") return undefined;
  if (format.type === "json_object") return { type: format.type };
  const { type, ...json_schema } = format;
  return { type, json_schema: said(json_schema) };
}

/** What an answer repeats of the request. */
function shownRequest(body: ResponseRequest): Record<string, unknown> {
  const { model, instructions, temperature, top_p, max_output_tokens, tools, tool_choice } = body;
  const { parallel_tool_calls, text, reasoning, metadata, store, conversation } = body;
  return said({
    ...{ model, instructions, temperature, top_p, max_output_tokens, tools, tool_choice },
    ...{ parallel_tool_calls, text, reasoning, metadata, store },
    conversation: typeof conversation === "string" ? { id: conversation } : conversation,
  });
}

/** Calls that stand behind one another, and behind a text of the assistant, are of one answer. @returns besides, where each message begins */
function messagesOf(items: ResponseInput[]): { messages: GivenMessage[]; places: number[] } {
  const messages: GivenMessage[] = [];
  const places: number[] = [];
  const names = new Map<string, string>();
  const add = (message: GivenMessage, place: number) => {
    messages.push(message);
    places.push(place);
  };
  items.forEach((item, place) => {
    if (item.type === "function_call") {
      const call = { wire_id: item.call_id, name: item.name, arguments: item.arguments };
      names.set(item.call_id, item.name);
      const last = messages.at(-1);
      if (last?.role === "assistant") last.tool_calls = [...(last.tool_calls ?? []), call];
      else add({ role: "assistant", content: "", tool_calls: [call] }, place);
    } else if (item.type === "function_call_output") {
      const { call_id, output } = item;
      const content = typeof output === "string" ? output : output.map(({ text }) => text).join("\n");
      add({ role: "tool", wire_id: call_id, name: names.get(call_id) ?? "tool", content }, place);
    } else add(spoken(item, place), place);
  });
  return { messages, places };
}

type Spoken = Exclude<ResponseInput, { type: "function_call" | "function_call_output" }>;

function spoken({ role, content }: Spoken, place: number): GivenMessage {
  const ours = role === "developer" ? "system" : role;
  if (typeof content === "string") return { role: ours, content };
  const parts = content.map((part, index): PromptPart => {
    if (part.type === "input_image")
      return picture(`input.${place}.content.${index}.image_url`, part.image_url, part.detail);
    return { type: "text", text: part.type === "refusal" ? part.refusal : part.text };
  });
  if (parts.some(({ type }) => type === "image")) {
    if (ours !== "user")
      throw refused(`input.${place}.content`, "may have pictures in the user's messages only");
    return { role: ours, content: "", parts };
  }
  return { role: ours, content: parts.map((part) => (part.type === "text" ? part.text : "")).join("\n") };
}
