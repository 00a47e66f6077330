// A request of Anthropic's messages API in our own words (contracts/given.ts). Nothing of it is lost on the way to a model of Anthropic's:
// thoughts keep their signatures and their places, marks for the cache theirs.
import type {
  AnthropicMessage,
  AnthropicTool,
  AssistantBlock,
  CountTokensBody,
  MessagesBody,
  ToolResultBlock,
  UserBlock,
} from "../../../contracts/anthropic.ts";
import type { Given, GivenMessage, ModelParameters, PromptPart } from "../../../contracts/given.ts";
import { AppError } from "../../../lib/errors.ts";

/** The caller's own data in a request, where a `null` is a value. */
export const OPAQUE: ReadonlySet<string> = new Set(["input", "input_schema", "schema"]);

type Question = MessagesBody | CountTokensBody;
type Calls = Map<string, string>;

type How = {
  /** `provider/model` that is asked alone: the thoughts in its history are its own. The agent is told none. */
  model: string | undefined;
  /** A session's history stands before it: its first results may answer calls of that. */
  isContinued?: boolean;
};

/** The system's words, then the messages. @throws invalid_request with the place of what does not fit */
export function messagesOf({ system, messages }: Question, { model, isContinued }: How): GivenMessage[] {
  const said: GivenMessage[] = [];
  let open: Calls | "any" = isContinued ? "any" : new Map();
  messages.forEach((message, index) => {
    const place = `messages.${index}`;
    if (message.role === "user") said.push(...userMessages(message, open, place));
    else {
      if (open !== "any" && open.size > 0) throw unanswered(open, place);
      said.push(...assistantMessages(message, model));
    }
    open = message.role === "assistant" ? callsOf(message, place) : new Map();
  });
  if (open !== "any" && (open as Calls).size > 0) throw unanswered(open, `messages.${messages.length}`);
  return [...systemMessages(system), ...said];
}

function systemMessages(system: Question["system"]): GivenMessage[] {
  if (system === undefined) return [];
  if (typeof system === "string") return system === "" ? [] : [{ role: "system", content: system }];
  return system.map(({ text, cache_control }) => ({
    role: "system",
    content: text,
    ...cacheOf(cache_control),
  }));
}

type UserMessage = Extract<AnthropicMessage, { role: "user" }>;
type AssistantMessage = Extract<AnthropicMessage, { role: "assistant" }>;

/** Results come first, as the API demands, each of a call of the message before. */
function userMessages({ content }: UserMessage, open: Calls | "any", place: string): GivenMessage[] {
  if (typeof content === "string") {
    if (open !== "any" && open.size > 0) throw unanswered(open, place);
    return [{ role: "user", content }];
  }
  if (content.length === 0) throw fault(`${place}.content`, "is empty");
  const results = content.filter((block) => block.type === "tool_result");
  const others = content.filter((block) => block.type !== "tool_result");
  const late = content.findIndex((block, at) => block.type === "tool_result" && at >= results.length);
  if (late >= 0)
    throw fault(`${place}.content.${late}`, "results of tools come before everything else of a message");
  const answered = results.map((block, at) => toolMessage(block, open, `${place}.content.${at}`));
  if (open !== "any" && open.size > 0) throw unanswered(open, place);
  return [...answered, ...(others.length > 0 ? [userMessage(others)] : [])];
}

function toolMessage(block: ToolResultBlock, open: Calls | "any", place: string): GivenMessage {
  const { tool_use_id, content = "", is_error, cache_control } = block;
  const name = open === "any" ? "tool" : open.get(tool_use_id);
  if (name === undefined)
    throw fault(
      `${place}.tool_use_id`,
      `"${tool_use_id}" is no call of the message before, or has its result already`,
    );
  if (open !== "any") open.delete(tool_use_id);
  const blocks = typeof content === "string" ? [{ type: "text" as const, text: content }] : content;
  const images = blocks.flatMap((part) =>
    part.type === "image" ? [{ media_type: part.source.media_type, data: part.source.data }] : [],
  );
  return {
    role: "tool",
    wire_id: tool_use_id,
    name,
    content: blocks.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("\n"),
    ...(images.length > 0 ? { images } : {}),
    ...(is_error ? { is_error } : {}),
    ...cacheOf(cache_control),
  };
}

/** One text without a mark is a message's content; anything else its parts. */
function userMessage(blocks: Exclude<UserBlock, ToolResultBlock>[]): GivenMessage {
  const [first, ...others] = blocks;
  if (first?.type === "text" && others.length === 0 && !first.cache_control)
    return { role: "user", content: first.text };
  return { role: "user", content: "", parts: blocks.map(partOf) };
}

function partOf(block: Exclude<UserBlock, ToolResultBlock>): PromptPart {
  const cache = cacheOf(block.cache_control);
  if (block.type === "text") return { type: "text", text: block.text, ...cache };
  const { source } = block;
  const image =
    source.type === "url" ? { url: source.url } : { media_type: source.media_type, data: source.data };
  return { type: "image", image, ...cache };
}

function assistantMessages({ content }: AssistantMessage, model: string | undefined): GivenMessage[] {
  if (typeof content === "string") return [{ role: "assistant", content }];
  const texts = content.flatMap((block) => (block.type === "text" ? [block.text] : []));
  const calls = content.flatMap((block) => (block.type === "tool_use" ? [block] : []));
  // An answer of nothing at all, which has no blocks.
  if (content.length === 0) return [{ role: "assistant", content: "" }];
  const value = model === undefined ? undefined : layoutOf(content);
  return [
    {
      role: "assistant",
      content: texts.join(""),
      ...(calls.length > 0
        ? {
            tool_calls: calls.map(({ id, name, input }) => ({
              wire_id: id,
              name,
              arguments: JSON.stringify(input),
            })),
          }
        : {}),
      ...(model !== undefined && value ? { kept: { by: model, value } } : {}),
    },
  ];
}

/**
 * The blocks in their order, calls by their number: where there is more to them than a text and calls behind it. Thoughts without a signature
 * are none that their vendor would take back (another vendor's, told by this door).
 */
function layoutOf(content: AssistantBlock[]): unknown[] | undefined {
  let calls = 0;
  const layout = content.flatMap((block): unknown[] => {
    if (block.type === "thinking" && block.signature === "") return [];
    if (block.type !== "tool_use") return [block];
    calls += 1;
    return [{ type: "call", index: calls - 1, ...cacheOf(block.cache_control) }];
  });
  const isPlain = content.every(
    (block, at) => (block.type === "tool_use" || (block.type === "text" && at === 0)) && !block.cache_control,
  );
  return isPlain ? undefined : layout;
}

function callsOf({ content }: AssistantMessage, place: string): Calls {
  const calls: Calls = new Map();
  if (typeof content === "string") return calls;
  content.forEach((block, at) => {
    if (block.type !== "tool_use") return;
    if (calls.has(block.id)) throw fault(`${place}.content.${at}.id`, `"${block.id}" is there twice`);
    calls.set(block.id, block.name);
  });
  return calls;
}

function unanswered(open: Calls, place: string): AppError {
  return fault(
    place,
    `must begin with a tool_result for each tool_use before it; missing: ${[...open.keys()].slice(0, 5).join(", ")}`,
  );
}

export function toolsOf(tools: AnthropicTool[]): NonNullable<Given["tools"]> {
  return tools.map(({ name, description = "", input_schema, strict, cache_control }) => ({
    ...{ name, description, parameters: input_schema },
    ...(strict ? { strict } : {}),
    ...cacheOf(cache_control),
  }));
}

/** @param betas that Anthropic is asked with */
export function parametersOf(body: Partial<MessagesBody>, betas: string[]): ModelParameters {
  const { temperature, top_p, top_k, stop_sequences, thinking, output_config, cache_control } = body;
  const { effort, format } = output_config ?? {};
  const { context_management } = body;
  return {
    ...(body.max_tokens === undefined ? {} : { max_output_tokens: body.max_tokens }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(top_p === undefined ? {} : { top_p }),
    ...(top_k === undefined ? {} : { top_k }),
    ...(stop_sequences?.length ? { stop: stop_sequences } : {}),
    ...choiceOf(body.tools?.length ? body.tool_choice : undefined),
    ...(thinking ? { thinking } : {}),
    ...(context_management?.edits?.length ? { context_management } : {}),
    ...(effort ? { reasoning_effort: effort } : {}),
    ...(format
      ? { response_format: { type: "json_schema", json_schema: { name: "answer", schema: format.schema } } }
      : {}),
    ...cacheOf(cache_control),
    ...(betas.length > 0 ? { betas } : {}),
  };
}

function choiceOf(choice: MessagesBody["tool_choice"]): ModelParameters {
  if (!choice) return {};
  const parallel =
    choice.type !== "none" && choice.disable_parallel_tool_use ? { parallel_tool_calls: false } : {};
  switch (choice.type) {
    case "auto":
    case "none":
      return { tool_choice: choice.type, ...parallel };
    case "any":
      return { tool_choice: "required", ...parallel };
    case "tool":
      return { tool_choice: { name: choice.name }, ...parallel };
  }
}

function cacheOf(mark: { type: "ephemeral"; ttl?: "5m" | "1h" | undefined } | null | undefined) {
  if (!mark) return {};
  return { cache_control: { type: mark.type, ...(mark.ttl ? { ttl: mark.ttl } : {}) } };
}

export function fault(path: string, message: string): AppError {
  return new AppError("invalid_request", `"${path}" ${message}.`, { errors: [{ path, message }] });
}
