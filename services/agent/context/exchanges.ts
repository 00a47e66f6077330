// The history in whole exchanges: a user message with everything that answered it. Nothing is ever cut between a tool call
// and its result (G15).

import type { PromptMessage } from "../../../contracts/models.ts";
import type { Message } from "../../../contracts/sessions.ts";
import { cutMiddle } from "./result-text.ts";

export type Exchange = { firstId: string; lastId: string; messages: PromptMessage[] };

/** Characters of one old tool result in the context; the newest exchange's results are longer. */
const OLD_RESULT = 2_000;

/** @param messages of a session, oldest first; whatever stands before the first user message is left out */
export function exchangesOf(messages: Message[]): Exchange[] {
  const exchanges: Exchange[] = [];
  for (const message of messages) {
    const current = exchanges.at(-1);
    if (message.role === "user") exchanges.push(begin(message));
    else if (current) extend(current, message);
  }
  return exchanges.map(complete);
}

function begin(message: Message): Exchange {
  return { firstId: message.id, lastId: message.id, messages: [{ role: "user", content: message.content }] };
}

function extend(exchange: Exchange, message: Message): void {
  exchange.lastId = message.id;
  if (message.role === "tool") {
    const { call_id, name = "tool" } = message;
    if (call_id)
      exchange.messages.push({
        role: "tool",
        wire_id: call_id,
        name,
        content: cutMiddle(message.content, OLD_RESULT),
      });
    return;
  }
  const calls = message.tool_calls ?? [];
  exchange.messages.push({
    role: "assistant",
    content: message.status === "incomplete" ? `${message.content} [interrupted]` : message.content,
    ...(calls.length > 0
      ? {
          tool_calls: calls.map((call) => ({
            wire_id: call.call_id,
            name: call.name,
            arguments: JSON.stringify(call.args),
          })),
        }
      : {}),
  });
}

/** Providers refuse a call without its result: a call that has none (its run was cut short) is given one. */
function complete(exchange: Exchange): Exchange {
  const answered = new Set(
    exchange.messages.flatMap((message) => (message.role === "tool" ? [message.wire_id] : [])),
  );
  const messages = exchange.messages.flatMap((message): PromptMessage[] => {
    if (message.role !== "assistant" || !message.tool_calls) return [message];
    const missing = message.tool_calls.filter((call) => !answered.has(call.wire_id));
    const results = missing.map(
      (call): PromptMessage => ({
        role: "tool",
        wire_id: call.wire_id,
        name: call.name,
        content: '{"ok":false}',
      }),
    );
    return [message, ...results];
  });
  return { ...exchange, messages };
}
