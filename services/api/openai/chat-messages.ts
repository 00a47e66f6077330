// The messages of a chat completion in our own words (contracts/given.ts).
import type { CacheControl, GivenMessage } from "../../../contracts/given.ts";
import type { ChatAnswer, ChatMessage } from "../../../contracts/openai/chat.ts";
import { picture } from "./parameters.ts";

/**
 * Results have the names of the calls that they answer.
 * @param model that is asked alone: what vendors want back of the thoughts in its history is its own
 */
export function messagesOf(messages: ChatMessage[], model: string | undefined): GivenMessage[] {
  const names = new Map<string, string>();
  return messages.map((message, place) => {
    if (message.role === "user") return { ...userMessage(message.content, place), ...speaker(message) };
    if (message.role === "assistant") {
      for (const { id, function: called } of message.tool_calls ?? []) names.set(id, called.name);
      return assistantMessage(message, model);
    }
    const content = message.content ?? "";
    const said = { content: joined(content), ...markOf(content) };
    if (message.role !== "tool") return { role: "system", ...said };
    const { tool_call_id } = message;
    return {
      ...{ role: "tool", wire_id: tool_call_id },
      name: names.get(tool_call_id) ?? message.name ?? "tool",
      ...said,
    };
  });
}

const speaker = ({ name }: { name?: string | null | undefined }) => (name ? { name } : {});

type Content = Extract<ChatMessage, { role: "user" }>["content"];

function userMessage(content: Content, place: number): Extract<GivenMessage, { role: "user" }> {
  if (typeof content === "string") return { role: "user", content };
  const [first, ...others] = content;
  if (!first) return { role: "user", content: "" };
  if (first.type === "text" && others.length === 0 && !first.cache_control)
    return { role: "user", content: first.text };
  const parts = content.map((part, index) => {
    const mark = part.cache_control ? { cache_control: part.cache_control } : {};
    if (part.type === "text") return { type: part.type, text: part.text, ...mark };
    const path = `messages.${place}.content.${index}.image_url.url`;
    return { ...picture(path, part.image_url.url, part.image_url.detail), ...mark };
  });
  return { role: "user", content: "", parts };
}

/** A call that we have handed out: what its vendor wants back with it is put in again by its id (services/agent/given/read-given.ts). */
const OURS = /^call_[0-9a-hjkmnp-tv-z]{26}_/;

function assistantMessage(answer: ChatAnswer, model: string | undefined): GivenMessage {
  const { content, refusal, tool_calls = [], reasoning, reasoning_content = reasoning } = answer;
  const calls = (tool_calls ?? []).map(({ id, function: { name, arguments: text } }) => ({
    ...{ wire_id: id, name, arguments: text },
  }));
  const extras = (tool_calls ?? []).map(({ extra_content }) => (extra_content ? { extra_content } : {}));
  const kept = {
    ...(reasoning_content ? { reasoning_content } : {}),
    ...(extras.some((extra) => "extra_content" in extra) ? { extras } : {}),
  };
  const isKept = calls.some(({ wire_id }) => !OURS.test(wire_id)) && Object.keys(kept).length > 0;
  return {
    ...{ role: "assistant", content: joined(content ?? "") || (refusal ?? ""), ...speaker(answer) },
    ...(calls.length > 0 ? { tool_calls: calls } : {}),
    ...(model !== undefined && isKept ? { kept: { by: model, value: kept } } : {}),
  };
}

type Marked = { cache_control?: CacheControl | null | undefined };

/** The last mark of several parts that become one text. */
function markOf(content: string | Marked[]): { cache_control?: CacheControl } {
  if (typeof content === "string") return {};
  const mark = content.findLast(({ cache_control }) => cache_control)?.cache_control;
  return mark ? { cache_control: mark } : {};
}

type TextPart = { type: "text"; text: string } | { type: "refusal"; refusal: string };

const joined = (content: string | TextPart[]): string =>
  typeof content === "string"
    ? content
    : content.map((part) => (part.type === "text" ? part.text : part.refusal)).join("\n");
