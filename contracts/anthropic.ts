// Requests in the words of Anthropic's messages API (https://platform.claude.com/docs/en/api/messages), as the door `/anthropic/v1` takes them. What
// the door does not know it refuses by name: nothing that changes an answer is left out in silence.
import { z } from "zod";
import { cacheControl } from "./given.ts";

/** Says which of a union's kinds there are. */
const kinds = (what: string, names: string[]) => ({
  error: ({ input }: { input?: unknown }) => {
    const type = (input as { type?: unknown } | null | undefined)?.type;
    return `${what} of type ${JSON.stringify(type) ?? "(none)"} are not taken here, only ${names.map((name) => `"${name}"`).join(", ")}`;
  },
});
const notHere = (why: string) => ({ error: `is not taken here: ${why}` });

/** Marks for a vendor's cache change what a question costs, never its answer: what else is in one is left out. */
const cached = { cache_control: z.object(cacheControl.shape).nullish() };
const nothing = (why: string) => z.union([z.null(), z.tuple([])], notHere(why)).optional();

const text = z.strictObject({
  type: z.literal("text"),
  text: z.string(),
  ...cached,
  citations: nothing("send the cited text as text"),
});

const MEDIA_TYPES = ["image/jpeg", "image/png", "image/gif", "image/webp"] as const;
const imageData = z.strictObject({
  type: z.literal("base64"),
  media_type: z.enum(MEDIA_TYPES),
  data: z
    .string()
    .min(1)
    .regex(/^[A-Za-z0-9+/]+={0,2}$/, "must be base64"),
});
const imageAddress = z.strictObject({
  type: z.literal("url"),
  url: z.url({ protocol: /^https?$/ }).max(4_000),
});
const image = z.strictObject({
  type: z.literal("image"),
  source: z.discriminatedUnion("type", [imageData, imageAddress], kinds("sources", ["base64", "url"])),
  ...cached,
});
/** Pictures of tools are data: whoever writes a result must not choose addresses that a vendor fetches. */
const resultImage = z.strictObject({
  type: z.literal("image"),
  source: z.discriminatedUnion("type", [imageData], kinds("sources of a result", ["base64"])),
  ...cached,
});
const resultBlock = z.discriminatedUnion(
  "type",
  [text, resultImage],
  kinds("blocks of a result", ["text", "image"]),
);
const toolResult = z.strictObject({
  type: z.literal("tool_result"),
  tool_use_id: z.string().min(1).max(200),
  content: z.union([z.string(), z.array(resultBlock)]).optional(),
  is_error: z.boolean().nullish(),
  ...cached,
});
const userBlock = z.discriminatedUnion(
  "type",
  [text, image, toolResult],
  kinds("blocks of the user", ["text", "image", "tool_result"]),
);

/** Both kinds of thinking go back to the model as they came from it, letter by letter. */
const thinking = z.strictObject({
  type: z.literal("thinking"),
  thinking: z.string(),
  signature: z.string().default(""),
});
const redactedThinking = z.strictObject({ type: z.literal("redacted_thinking"), data: z.string() });
const toolUse = z.strictObject({
  type: z.literal("tool_use"),
  id: z.string().min(1).max(200),
  name: z.string().min(1).max(200),
  input: z.record(z.string(), z.unknown()),
  caller: z.strictObject({ type: z.literal("direct") }).nullish(),
  ...cached,
});
const assistantBlock = z.discriminatedUnion(
  "type",
  [text, thinking, redactedThinking, toolUse],
  kinds("blocks of the assistant", ["text", "thinking", "redacted_thinking", "tool_use"]),
);

const message = z.discriminatedUnion(
  "role",
  [
    z.strictObject({ role: z.literal("user"), content: z.union([z.string(), z.array(userBlock)]) }),
    z.strictObject({ role: z.literal("assistant"), content: z.union([z.string(), z.array(assistantBlock)]) }),
  ],
  { error: 'must have the role "user" or "assistant"; what the system says belongs into "system"' },
);
export type AnthropicMessage = z.infer<typeof message>;
export type UserBlock = z.infer<typeof userBlock>;
export type AssistantBlock = z.infer<typeof assistantBlock>;
export type ToolResultBlock = z.infer<typeof toolResult>;

const tool = z.strictObject({
  type: z
    .literal(
      "custom",
      notHere("only tools of the caller's own (\"custom\") are; Anthropic's tools run at Anthropic"),
    )
    .nullish(),
  name: z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/, "must be 1 to 64 letters, digits, _ and -"),
  description: z.string().optional(),
  input_schema: z.looseObject({ type: z.literal("object") }),
  strict: z.boolean().nullish(),
  ...cached,
  /** How its arguments are cut into pieces: the answer is the same. */
  eager_input_streaming: z.boolean().nullish(),
  defer_loading: z.literal(false, notHere("send only the tools that are meant")).nullish(),
  allowed_callers: z.array(z.literal("direct")).nullish(),
  input_examples: nothing("put examples into the description"),
});
export type AnthropicTool = z.infer<typeof tool>;

const oneAtATime = { disable_parallel_tool_use: z.boolean().optional() };
const toolChoice = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("auto"), ...oneAtATime }),
  z.strictObject({ type: z.literal("any"), ...oneAtATime }),
  z.strictObject({ type: z.literal("tool"), name: z.string().min(1), ...oneAtATime }),
  z.strictObject({ type: z.literal("none") }),
]);

const display = { display: z.enum(["summarized", "omitted"]).nullish() };
const thinkingConfig = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("enabled"), budget_tokens: z.int().min(1_024), ...display }),
  z.strictObject({ type: z.literal("adaptive"), ...display }),
  z.strictObject({ type: z.literal("between_tools") }),
  z.strictObject({ type: z.literal("disabled") }),
]);

const outputConfig = z.strictObject({
  effort: z.enum(["low", "medium", "high", "xhigh", "max"]).nullish(),
  format: z
    .strictObject({ type: z.literal("json_schema"), schema: z.record(z.string(), z.unknown()) })
    .nullish(),
});

/** What Anthropic leaves out of a history before the model reads it. An edit that puts something else in its place is not taken. */
const contextEdit = z.looseObject({
  type: z.enum(
    ["clear_tool_uses_20250919", "clear_thinking_20251015"],
    notHere("only edits that clear results of tools or thoughts are"),
  ),
});

const question = {
  model: z.string().min(1).max(200),
  messages: z.array(message).min(1).max(100_000),
  system: z.union([z.string(), z.array(text)]).optional(),
  tools: z.array(tool).max(500).optional(),
  tool_choice: toolChoice.optional(),
  thinking: thinkingConfig.optional(),
  output_config: outputConfig.optional(),
  ...cached,
  speed: z.literal("standard", notHere("every answer has the usual speed")).nullish(),
  mcp_servers: nothing("tools of MCP servers are the administrator's to set up"),
  context_management: z.strictObject({ edits: z.array(contextEdit).max(10).optional() }).nullish(),
};

/** Body of `POST /anthropic/v1/messages`. */
export const messagesBody = z.strictObject({
  ...question,
  max_tokens: z.int().min(1),
  stream: z.boolean().optional(),
  stop_sequences: z.array(z.string().min(1)).max(100).optional(),
  temperature: z.number().min(0).max(1).optional(),
  top_p: z.number().min(0).max(1).optional(),
  top_k: z.int().min(0).optional(),
  /** Who asks, for Anthropic's own look at misuse: it is not passed on. */
  metadata: z.strictObject({ user_id: z.string().max(512).nullish() }).optional(),
  thread: z.null().optional(),
  service_tier: z.literal("auto", notHere("the server's own account decides that")).optional(),
});
export type MessagesBody = z.infer<typeof messagesBody>;

/** Body of `POST /anthropic/v1/messages/count_tokens`. */
export const countTokensBody = z.strictObject(question);
export type CountTokensBody = z.infer<typeof countTokensBody>;

/** Query of `GET /anthropic/v1/models`: a page behind or before one of its ids. */
export const modelsQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(1_000).default(20),
  after_id: z.string().max(300).optional(),
  before_id: z.string().max(300).optional(),
  /** What the SDK's beta surface adds to the same question. */
  beta: z.literal("true").optional(),
});
