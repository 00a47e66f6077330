// What OpenAI demands of a history, and which of its messages are new where a session has the others.
import type { Given, GivenMessage } from "../../../contracts/given.ts";
import { refused } from "./parameters.ts";

/** The texts of a message. */
export function textOfParts(message: GivenMessage): string {
  if (message.role !== "user" || !message.parts) return message.content;
  return message.parts.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("\n");
}

/** What stands behind the last answer, and the rules, which programs send with each request. */
export function newMessages(all: GivenMessage[]): GivenMessage[] {
  const last = all.findLastIndex(({ role }) => role === "assistant");
  const rules = all.slice(0, last + 1).filter(({ role }) => role === "system");
  return [...rules, ...all.slice(last + 1)];
}

type History = {
  mode: Given["mode"];
  /** Something stands before it: its first results may answer calls of that. */
  isContinued: boolean;
  /** Where the caller has a message, by its place here. */
  place(index: number): string;
};

/**
 * Each result answers a call of the last answer, and each call has its result before anything else is said.
 * @throws invalid_request with the place of what does not fit
 */
export function requireSound(messages: GivenMessage[], { mode, isContinued, place }: History): void {
  let open: Set<string> | "any" = isContinued ? "any" : new Set();
  let asked = -1;
  messages.forEach((message, index) => {
    if (message.role === "tool") {
      if (open === "any") return;
      if (!open.delete(message.wire_id))
        throw refused(
          place(index),
          "answers no call: messages with role 'tool' must be a response to a preceding message with 'tool_calls'",
        );
      return;
    }
    if (message.role === "system" && open === "any") return;
    if (open !== "any" && open.size > 0) throw unanswered(place(asked), open);
    open = new Set(message.role === "assistant" ? message.tool_calls?.map(({ wire_id }) => wire_id) : []);
    asked = index;
  });
  if (open !== "any" && (open as Set<string>).size > 0) throw unanswered(place(asked), open);
  const last = messages.at(-1);
  if (!last || (isContinued && messages.every(({ role }) => role === "system")))
    throw refused(place(Math.max(0, messages.length - 1)), "must have something new behind it");
  if (mode === "agent" && last.role !== "user")
    throw refused(place(messages.length - 1), "must be the user's: the agent works on the last message");
}

function unanswered(path: string, open: Set<string>) {
  return refused(
    path,
    `has calls without results (${[...open].join(", ").slice(0, 300)}): 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'`,
  );
}
