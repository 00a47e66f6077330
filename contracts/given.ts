// What a door gives a run besides our own chat's body: the caller's whole context, its tools, the parameters of its question. Each door
// puts its protocol's words into these; `agent.start` takes them.
import { z } from "zod";
import { runId } from "./ids.ts";

/** The doors whose sessions are marked, not listed unless asked for, and removed some time after their last use. */
export const source = z.enum(["openai", "anthropic", "mcp"]);
export type Source = z.infer<typeof source>;

/** Where a vendor's cache may end a part, as Anthropic writes it. A vendor without such marks does without: they change no answer. */
export const cacheControl = z.strictObject({
  type: z.literal("ephemeral"),
  ttl: z.enum(["5m", "1h"]).optional(),
});
export type CacheControl = z.infer<typeof cacheControl>;
const cached = { cache_control: cacheControl.optional() };

/** `detail`: how closely OpenAI's models look. A picture is `data` (base64), or an address that the vendor fetches itself. */
const image = z.union([
  z.strictObject({ media_type: z.string(), data: z.string() }),
  z.strictObject({ url: z.string() }),
]);
const part = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("text"), text: z.string(), ...cached }),
  z.strictObject({ type: z.literal("image"), image, detail: z.string().optional(), ...cached }),
]);
export type PromptPart = z.infer<typeof part>;
const askedCall = z.strictObject({ wire_id: z.string(), name: z.string(), arguments: z.string() });
const kept = z.strictObject({ by: z.string(), value: z.unknown() });

/**
 * A message of the context, in the words of contracts/models.ts. `name`: who of several speaks. `parts`: where a user's message is more than one text, all of it in
 * order; `content` is empty then. `kept`: what a vendor wants back as it was (signed thoughts); only the model that gave it gets it.
 */
export const givenMessage = z.discriminatedUnion("role", [
  z.strictObject({ role: z.literal("system"), content: z.string(), ...cached }),
  z.strictObject({
    role: z.literal("user"),
    content: z.string(),
    parts: z.array(part).optional(),
    name: z.string().optional(),
  }),
  z.strictObject({
    role: z.literal("assistant"),
    content: z.string(),
    name: z.string().optional(),
    tool_calls: z.array(askedCall).optional(),
    kept: kept.optional(),
  }),
  z.strictObject({
    role: z.literal("tool"),
    wire_id: z.string(),
    name: z.string(),
    content: z.string(),
    images: z.array(z.strictObject({ media_type: z.string(), data: z.string() })).optional(),
    is_error: z.boolean().optional(),
    ...cached,
  }),
]);
export type GivenMessage = z.infer<typeof givenMessage>;

/** A tool of the caller, offered to the model exactly so. `strict`: the vendor holds the model to the schema. */
const givenTool = z.strictObject({
  name: z.string(),
  description: z.string(),
  parameters: z.record(z.string(), z.unknown()),
  strict: z.boolean().optional(),
  ...cached,
});

/** Parameters of a question that change its answer. Each provider says which it takes; none is left out in silence. */
export const modelParameters = z.strictObject({
  max_output_tokens: z.int().positive().optional(),
  temperature: z.number().optional(),
  top_p: z.number().optional(),
  top_k: z.int().optional(),
  stop: z.array(z.string()).optional(),
  seed: z.int().optional(),
  frequency_penalty: z.number().optional(),
  presence_penalty: z.number().optional(),
  logit_bias: z.record(z.string(), z.number()).optional(),
  tool_choice: z
    .union([z.enum(["auto", "none", "required"]), z.strictObject({ name: z.string() })])
    .optional(),
  parallel_tool_calls: z.boolean().optional(),
  /** As OpenAI writes it: `json_object`, or `json_schema` with the schema. */
  response_format: z.record(z.string(), z.unknown()).optional(),
  reasoning_effort: z.string().optional(),
  verbosity: z.string().optional(),
  /** Messages have a `name`: for vendors that have a place for it. */
  speakers: z.literal(true).optional(),
  /** As Anthropic writes it. */
  thinking: z.record(z.string(), z.unknown()).optional(),
  /** What of the history the vendor leaves out, as Anthropic writes it. */
  context_management: z.record(z.string(), z.unknown()).optional(),
  /** Switches of Anthropic's (`anthropic-beta`) and its mark for the whole question: other vendors have nothing of the kind. */
  betas: z.array(z.string()).optional(),
  ...cached,
});
export type ModelParameters = z.infer<typeof modelParameters>;
export type ParameterName = keyof ModelParameters;
/** Those that another vendor's models need not take: without them the answer is the same. */
export const HINTS: ReadonlySet<ParameterName> = new Set(["betas", "cache_control"]);

/**
 * `mode`: `agent` has our tools and rules, `model` is one question to the model alone, whose calls are handed back. `before`: what stands
 * before `messages`: nothing, the session's own history, or all that another run of the caller was given and has answered. `source`:
 * marks the session that is made for it. `keeps`: the context is needed later (`before` of another run); else it goes with the run's end.
 * `request`: what the door wants to show of the request again.
 */
export const given = z.strictObject({
  source,
  mode: z.enum(["agent", "model"]),
  instructions: z.string().optional(),
  messages: z.array(givenMessage).min(1),
  before: z.union([z.enum(["nothing", "session"]), z.strictObject({ run: runId })]),
  tools: z.array(givenTool).optional(),
  parameters: modelParameters.default({}),
  keeps: z.boolean().default(false),
  request: z.record(z.string(), z.unknown()).optional(),
});
export type Given = z.infer<typeof given>;

/** Parameters of `agent.countTokens`. Of the agent only what is given is counted, not its own rules and tools. */
export const countTokensParams = given
  .pick({ mode: true, messages: true, tools: true, parameters: true })
  .extend({ model: z.string().min(1).max(200).optional() });
/** `estimated`: the model's vendor does not count, or did not answer. */
export type CountedTokens = { input_tokens: number; estimated: boolean };
