// The body of a response's request, as the run that it asks for.
import type { ModelParameters } from "../../../contracts/given.ts";
import { ID_PREFIXES, type RunId, type SessionId } from "../../../contracts/ids.ts";
import {
  type ResponseInput,
  type ResponseRequest,
  responseRequest,
} from "../../../contracts/openai/responses.ts";
import { parse } from "../../../lib/broker/action.ts";
import type { Asked } from "../door-run.ts";
import { readModelId } from "../model-id.ts";
import { withoutNulls } from "../without-nulls.ts";
import { messagesOf } from "./input-items.ts";
import { requireSound, textOfParts } from "./messages.ts";
import {
  type Allowed,
  type Names,
  OPAQUE,
  offered,
  ofTools,
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
  const body = parse(responseRequest, withoutNulls(params, OPAQUE));
  const { mode, model } = readModelId(body.model);
  const session = sessionOf(body, header);
  const parameters = parametersOf(body);
  const tools = offered(
    toolsOf(body.tools ?? [], (index) => `tools.${index}.name`),
    allowedOf(body),
  );
  if (mode === "agent") refuseToolsOfAgent(body.model, tools, parameters.tool_choice);
  else requireChoice(parameters, tools);
  if (mode === "agent" && body.max_tool_calls)
    throw refused("max_tool_calls", "is not supported for the agent: leave it out");
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
      ...{
        source: "openai",
        mode,
        messages,
        parameters: ofTools(mode, parameters, tools),
        before,
        keeps: body.store !== false,
      },
      ...(body.instructions ? { instructions: body.instructions } : {}),
      ...(tools.length > 0 ? { tools } : {}),
      request: shownRequest(body),
    },
    words: last && textOfParts(last),
    model,
    session,
  };
}

/** Undefined where every tool may be called. */
function allowedOf({ tool_choice }: ResponseRequest): Allowed | undefined {
  if (typeof tool_choice !== "object" || tool_choice?.type !== "allowed_tools") return undefined;
  return { mode: tool_choice.mode, names: tool_choice.tools.map(({ name }) => name) };
}

function choiceOf(body: ResponseRequest): ModelParameters["tool_choice"] {
  const { tool_choice } = body;
  if (typeof tool_choice === "object" && tool_choice?.type === "function") return { name: tool_choice.name };
  return allowedOf(body)?.mode ?? (tool_choice as "auto" | "none" | "required" | undefined);
}

function parametersOf(body: ResponseRequest): ModelParameters {
  const { temperature, top_p, max_output_tokens, parallel_tool_calls, text, reasoning } = body;
  return said({
    ...{ temperature, top_p, max_output_tokens, parallel_tool_calls },
    tool_choice: choiceOf(body),
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
