// The input items of a response's request in our own words (contracts/given.ts).
import type { GivenMessage, PromptPart } from "../../../contracts/given.ts";
import type { ToolMessage } from "../../../contracts/models.ts";
import type { ResponseInput } from "../../../contracts/openai/responses.ts";
import { picture, refused } from "./parameters.ts";

/**
 * Calls that stand behind one another, and behind a text of the assistant, are of one answer. Thoughts are left out.
 * @returns besides, where each message begins
 */
export function messagesOf(items: ResponseInput[]): { messages: GivenMessage[]; places: number[] } {
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
      const name = names.get(item.call_id) ?? item.name ?? "tool";
      add({ role: "tool", wire_id: item.call_id, name, ...resultOf(item.output, place) }, place);
    } else if (item.type !== "reasoning") add(spoken(item, place), place);
  });
  return { messages, places };
}

type Output = Extract<ResponseInput, { type: "function_call_output" }>["output"];

/** Pictures of tools are data: whoever writes a result must not choose addresses that a vendor fetches. */
function resultOf(output: Output, place: number): Pick<ToolMessage, "content" | "images"> {
  if (typeof output === "string") return { content: output };
  const images = output.flatMap((part, index) => {
    if (part.type !== "input_image") return [];
    const path = `input.${place}.output.${index}.image_url`;
    const { image } = picture(path, part.image_url, undefined);
    if ("url" in image) throw refused(path, "must be a data URL in a result: send the picture's bytes");
    return [image];
  });
  const texts = output.flatMap((part) => (part.type === "input_image" ? [] : [part.text]));
  return { content: texts.join("\n"), ...(images.length > 0 ? { images } : {}) };
}

type Spoken = Extract<ResponseInput, { role: string }>;

function spoken({ role, content }: Spoken, place: number): GivenMessage {
  const ours = role === "developer" ? "system" : role;
  if (typeof content === "string") return { role: ours, content };
  const parts = content.map((part, index): PromptPart => {
    if (part.type === "refusal") return { type: "text", text: part.refusal };
    const mark = part.cache_control ? { cache_control: part.cache_control } : {};
    if (part.type !== "input_image") return { type: "text", text: part.text, ...mark };
    const path = `input.${place}.content.${index}.image_url`;
    return { ...picture(path, part.image_url, part.detail), ...mark };
  });
  const hasPictures = parts.some(({ type }) => type === "image");
  if (hasPictures && ours !== "user")
    throw refused(`input.${place}.content`, "may have pictures in the user's messages only");
  if (ours === "user" && (hasPictures || parts.some(({ cache_control }) => cache_control)))
    return { role: ours, content: "", parts };
  return { role: ours, content: parts.map((part) => (part.type === "text" ? part.text : "")).join("\n") };
}
