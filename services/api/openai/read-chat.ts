// The body of a chat completion, as the run that it asks for.

import type { GivenMessage, ModelParameters } from "../../../contracts/given.ts";
import type { SessionId } from "../../../contracts/ids.ts";
import { type ChatCompletion, chatCompletion } from "../../../contracts/openai/chat.ts";
import { parse } from "../../../lib/broker/action.ts";
import type { Asked } from "../door-run.ts";
import { readModelId } from "../model-id.ts";
import { withoutNulls } from "../without-nulls.ts";
import { messagesOf } from "./chat-messages.ts";
import { newMessages, requireSound, textOfParts } from "./messages.ts";
import {
  type Allowed,
  type Names,
  OPAQUE,
  offered,
  ofTools,
  refuseToolsOfAgent,
  requireChoice,
  said,
  toolsOf,
} from "./parameters.ts";

export type AskedCompletion = Asked & {
  body: ChatCompletion;
  names: Names;
};

/** @param session a real one, whose history then stands before what is new. @throws invalid_request */
export function readChat(params: Record<string, unknown>, session: SessionId | undefined): AskedCompletion {
  const body = parse(chatCompletion, withoutNulls(params, OPAQUE));
  const { mode, model } = readModelId(body.model);
  const all = messagesOf(body.messages, mode === "model" ? model : undefined);
  const messages = session ? newMessages(all) : all;
  const parameters = parametersOf(body, messages);
  const tools = offered(
    toolsOf(
      (body.tools ?? []).map(({ cache_control, function: tool }) => ({ ...tool, cache_control })),
      (index) => `tools.${index}.function.name`,
    ),
    allowedOf(body),
  );
  if (mode === "agent") refuseToolsOfAgent(body.model, tools, parameters.tool_choice);
  else requireChoice(parameters, tools);
  requireSound(messages, { mode, isContinued: session !== undefined, place: (index) => `messages.${index}` });
  const last = messages.findLast(({ role }) => role === "user");
  return {
    body,
    names: {
      max_output_tokens: body.max_completion_tokens ? "max_completion_tokens" : "max_tokens",
      speakers: `messages.${body.messages.findIndex(({ name, role }) => name && role !== "tool")}.name`,
    },
    given: {
      ...{
        source: "openai",
        mode,
        messages,
        parameters: ofTools(mode, parameters, tools),
        keeps: false,
      },
      before: session ? "session" : "nothing",
      ...(tools.length > 0 ? { tools } : {}),
    },
    words: last && textOfParts(last),
    model,
    session,
  };
}

/** Undefined where every tool may be called. */
function allowedOf({ tool_choice }: ChatCompletion): Allowed | undefined {
  if (typeof tool_choice !== "object" || tool_choice?.type !== "allowed_tools") return undefined;
  const { mode, tools } = tool_choice.allowed_tools;
  return { mode, names: tools.map((tool) => tool.function.name) };
}

function choiceOf(body: ChatCompletion): ModelParameters["tool_choice"] {
  const { tool_choice } = body;
  if (typeof tool_choice === "object" && tool_choice?.type === "function") return tool_choice.function;
  return allowedOf(body)?.mode ?? (tool_choice as "auto" | "none" | "required" | undefined);
}

function parametersOf(body: ChatCompletion, messages: GivenMessage[]): ModelParameters {
  const { temperature, top_p, frequency_penalty, presence_penalty, logit_bias, seed } = body;
  const { stop, response_format, parallel_tool_calls, reasoning_effort, verbosity } = body;
  return said({
    ...{ temperature, top_p, frequency_penalty, presence_penalty, logit_bias, seed },
    ...{ parallel_tool_calls, reasoning_effort, verbosity },
    max_output_tokens: body.max_completion_tokens ?? body.max_tokens,
    stop: typeof stop === "string" ? [stop] : stop?.length ? stop : undefined,
    tool_choice: choiceOf(body),
    response_format: response_format?.type === "text" ? undefined : response_format,
    speakers: messages.some((message) => message.role !== "tool" && "name" in message) ? true : undefined,
  }) as ModelParameters;
}
