// A program's own question, as it came: its messages by turns, each block in its place, thoughts signed as they were, marks for the cache where
// they stood. What does not fit the model its server refuses. Used by request.ts.
import type { PromptPart } from "../../../contracts/given.ts";
import type { ModelRequest, PromptImage, PromptMessage, ToolMessage } from "../../../contracts/models.ts";
import { argumentsForWire } from "../wire/arguments.ts";
import { listIn, wireJson } from "../wire/json.ts";
import { wireParameters } from "./parameters.ts";

type Block = { type: string; [field: string]: unknown };
type Turn = { role: "user" | "assistant"; content: Block[] };
type AssistantMessage = Extract<PromptMessage, { role: "assistant" }>;

type Question = Pick<ModelRequest, "model" | "messages" | "tools" | "parameters">;

/** @param thinker `provider/model`: whose thoughts go back. @param limit tokens of the answer */
export function exactBody(request: Question, thinker: string, limit: number): string {
  return wireJson({ ...exactQuestion(request, thinker), max_tokens: limit, stream: true });
}

/** All but what says how it is answered. */
export function exactQuestion(
  { model, messages, tools, parameters }: Question,
  thinker: string,
): Record<string, unknown> {
  const system = messages.filter((message) => message.role === "system");
  const [only, ...others] = system;
  return {
    model,
    ...(only === undefined
      ? {}
      : { system: others.length === 0 && !only.cache_control ? only.content : system.map(textOf) }),
    messages: turnsOf(messages, thinker),
    ...(tools.length === 0
      ? {}
      : {
          tools: tools.map(({ parameters: input_schema, description, ...tool }) => ({
            ...tool,
            ...(description === "" ? {} : { description }),
            input_schema,
          })),
        }),
    ...(parameters ? wireParameters(parameters, tools.length > 0) : {}),
  };
}

/** Words and results that stand behind one another are one turn. */
function turnsOf(messages: PromptMessage[], thinker: string): Turn[] {
  const turns: Turn[] = [];
  const say = (role: Turn["role"], content: Block[]) => {
    const last = turns.at(-1);
    if (last?.role === role) last.content.push(...content);
    else if (content.length > 0) turns.push({ role, content });
  };
  for (const message of messages) {
    if (message.role === "assistant") say("assistant", assistantBlocks(message, thinker));
    else if (message.role === "tool") say("user", [resultBlock(message)]);
    else if (message.role === "user")
      say("user", message.parts ? message.parts.map(partBlock) : [{ type: "text", text: message.content }]);
  }
  return turns;
}

function textOf({ content, ...mark }: { content: string; cache_control?: unknown }): Block {
  const { cache_control } = mark;
  return { type: "text", text: content, ...(cache_control === undefined ? {} : { cache_control }) };
}

function partBlock(part: PromptPart): Block {
  if (part.type === "text") return part;
  const { image, cache_control } = part;
  const source = "url" in image ? { type: "url", ...image } : { type: "base64", ...image };
  return { type: "image", source, ...(cache_control === undefined ? {} : { cache_control }) };
}

function resultBlock({ wire_id, content, images = [], is_error, cache_control }: ToolMessage): Block {
  const text = content === "" ? [] : [{ type: "text", text: content }];
  return {
    type: "tool_result",
    tool_use_id: wire_id,
    content: images.length > 0 ? [...text, ...images.map(pictureBlock)] : content,
    ...(is_error === undefined ? {} : { is_error }),
    ...(cache_control === undefined ? {} : { cache_control }),
  };
}

const pictureBlock = (image: PromptImage): Block => ({ type: "image", source: { type: "base64", ...image } });

/**
 * What was kept for this model is either its thoughts, which open the turn, or all that it said, block by block, each call by its number
 * (`{type: "call", index}`).
 */
function assistantBlocks({ content, tool_calls = [], kept }: AssistantMessage, thinker: string): Block[] {
  const calls = tool_calls.map(
    ({ wire_id, name, arguments: text }): Block => ({
      ...{ type: "tool_use", id: wire_id, name },
      input: argumentsForWire(text),
    }),
  );
  const said = [...(content === "" ? [] : [{ type: "text", text: content }]), ...calls];
  const own = kept?.by === thinker ? (listIn(kept.value) as Block[]) : [];
  if (own.every(({ type }) => type === "thinking" || type === "redacted_thinking")) return [...own, ...said];
  return own.flatMap((block): Block[] => {
    if (block.type !== "call") return [block];
    const { type: _type, index, ...mark } = block;
    const call = calls[Number(index)];
    return call ? [{ ...call, ...mark }] : [];
  });
}
