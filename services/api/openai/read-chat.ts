// The body of a chat completion, as the run that it asks for.

import type { GivenMessage, ModelParameters } from "../../../contracts/given.ts";
import type { SessionId } from "../../../contracts/ids.ts";
import { type ChatCompletion, type ChatMessage, chatCompletion } from "../../../contracts/openai/chat.ts";
import { parse } from "../../../lib/broker/action.ts";
import type { Asked } from "../door-run.ts";
import { readModelId } from "../model-id.ts";
import { newMessages, requireSound, textOfParts } from "./messages.ts";
import { type Names, picture, refuseToolsOfAgent, requireChoice, said, toolsOf } from "./parameters.ts";

export type AskedCompletion = Asked & {
  body: ChatCompletion;
  names: Names;
};

/** @param session a real one, whose history then stands before what is new. @throws invalid_request */
export function readChat(params: Record<string, unknown>, session: SessionId | undefined): AskedCompletion {
  const body = parse(chatCompletion, params);
  const { mode, model } = readModelId(body.model);
  const parameters = parametersOf(body);
  const tools = toolsOf(
    (body.tools ?? []).map((tool) => tool.function),
    (index) => `tools.${index}.function.name`,
  );
  if (mode === "agent") refuseToolsOfAgent(body.model, tools, parameters.tool_choice);
  else requireChoice(parameters, tools);
  const all = messagesOf(body.messages);
  const messages = session ? newMessages(all) : all;
  requireSound(messages, { mode, isContinued: session !== undefined, place: (index) => `messages.${index}` });
  const last = messages.findLast(({ role }) => role === "user");
  return {
    body,
    names: {
      max_output_tokens: body.max_completion_tokens ? "max_completion_tokens" : "max_tokens",
    },
    given: {
      ...{ source: "openai", mode, messages, parameters, keeps: false },
      before: session ? "session" : "nothing",
      ...(tools.length > 0 ? { tools } : {}),
    },
    words: last && textOfParts(last),
    model,
    session,
  };
}

function parametersOf(body: ChatCompletion): ModelParameters {
  const { temperature, top_p, frequency_penalty, presence_penalty, logit_bias, seed } = body;
  const { stop, tool_choice, response_format, parallel_tool_calls, reasoning_effort, verbosity } = body;
  return said({
    ...{ temperature, top_p, frequency_penalty, presence_penalty, logit_bias, seed },
    ...{ parallel_tool_calls, reasoning_effort, verbosity },
    max_output_tokens: body.max_completion_tokens ?? body.max_tokens,
    stop: typeof stop === "string" ? [stop] : stop,
    tool_choice: typeof tool_choice === "object" ? tool_choice?.function : tool_choice,
    response_format: response_format?.type === "text" ? undefined : response_format,
  }) as ModelParameters;
}

/** Results have the names of the calls that they answer. */
function messagesOf(messages: ChatMessage[]): GivenMessage[] {
  const names = new Map<string, string>();
  return messages.map((message, place) => givenMessage(message, place, names));
}

/** @param names of the calls so far, by their ids */
function givenMessage(message: ChatMessage, place: number, names: Map<string, string>): GivenMessage {
  switch (message.role) {
    case "system":
    case "developer":
      return { role: "system", content: joined(message.content) };
    case "user":
      return userMessage(message.content, place);
    case "assistant": {
      const calls = (message.tool_calls ?? []).map(({ id, function: { name, arguments: text } }) => {
        names.set(id, name);
        return { wire_id: id, name, arguments: text };
      });
      const content = joined(message.content ?? "") || (message.refusal ?? "");
      return { role: "assistant", content, ...(calls.length > 0 ? { tool_calls: calls } : {}) };
    }
    case "tool": {
      const { tool_call_id, content } = message;
      const name = names.get(tool_call_id) ?? message.name ?? "tool";
      return { role: "tool", wire_id: tool_call_id, name, content: joined(content) };
    }
  }
}

type Content = Extract<ChatMessage, { role: "user" }>["content"];

function userMessage(content: Content, place: number): GivenMessage {
  if (typeof content === "string") return { role: "user", content };
  const [first] = content;
  if (content.length === 1 && first?.type === "text") return { role: "user", content: first.text };
  const parts = content.map((part, index) =>
    part.type === "text"
      ? part
      : picture(
          `messages.${place}.content.${index}.image_url.url`,
          part.image_url.url,
          part.image_url.detail,
        ),
  );
  return { role: "user", content: "", parts };
}

type TextPart = { type: "text"; text: string } | { type: "refusal"; refusal: string };

const joined = (content: string | TextPart[]): string =>
  typeof content === "string"
    ? content
    : content.map((part) => (part.type === "text" ? part.text : part.refusal)).join("\n");
