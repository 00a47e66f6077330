// The body of POST /v1/chat/completions (https://platform.openai.com/docs/api-reference/chat/create).
import { z } from "zod";
import {
  aside,
  choice,
  functionOf,
  harmless,
  jsonSchema,
  model,
  named,
  sampling,
  toolList,
  unsupported,
} from "./fields.ts";

const text = z.strictObject({ type: z.literal("text"), text: z.string() });
const refusal = z.strictObject({ type: z.literal("refusal"), refusal: z.string() });
const image = z.strictObject({
  type: z.literal("image_url"),
  image_url: z.strictObject({ url: z.string(), detail: z.enum(["auto", "low", "high"]).nullish() }),
});
const texts = z.union([z.string(), z.array(text).min(1)]);
/** Nobody passes it on: the text is the place to say who speaks. */
const name = unsupported();

const toolCall = z.strictObject({
  id: z.string().min(1).max(200),
  type: z.literal("function"),
  function: z.strictObject({ name: z.string().min(1).max(200), arguments: z.string() }),
});
const message = z.discriminatedUnion("role", [
  z.strictObject({ role: z.enum(["system", "developer"]), content: texts, name }),
  z.strictObject({
    role: z.literal("user"),
    content: z.union([z.string(), z.array(z.discriminatedUnion("type", [text, image])).min(1)]),
    name,
  }),
  z.strictObject({
    role: z.literal("assistant"),
    content: z.union([z.string(), z.array(z.discriminatedUnion("type", [text, refusal])).min(1)]).nullish(),
    refusal: z.string().nullish(),
    tool_calls: z.array(toolCall).nullish(),
    /** What we have sent, programs send back. */
    annotations: harmless,
    audio: unsupported(),
    function_call: unsupported(),
    name,
  }),
  z.strictObject({
    role: z.literal("tool"),
    content: texts,
    tool_call_id: z.string().min(1).max(200),
    name: z.string().nullish(),
  }),
]);
export type ChatMessage = z.output<typeof message>;

export const chatCompletion = z.strictObject({
  model,
  messages: z.array(message).min(1),
  ...sampling,
  frequency_penalty: z.number().min(-2).max(2).nullish(),
  presence_penalty: z.number().min(-2).max(2).nullish(),
  logit_bias: z.record(z.string(), z.number()).nullish(),
  max_completion_tokens: z.int().positive().nullish(),
  max_tokens: z.int().positive().nullish(),
  stop: z.union([z.string(), z.array(z.string()).max(16)]).nullish(),
  seed: z.int().nullish(),
  tools: toolList(z.strictObject({ type: z.literal("function"), function: functionOf })),
  tool_choice: z.union([choice, z.strictObject({ type: z.literal("function"), function: named })]).nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  response_format: z
    .discriminatedUnion("type", [
      z.strictObject({ type: z.literal("text") }),
      z.strictObject({ type: z.literal("json_object") }),
      z.strictObject({ type: z.literal("json_schema"), json_schema: z.strictObject(jsonSchema) }),
    ])
    .nullish(),
  reasoning_effort: z.string().max(20).nullish(),
  verbosity: z.string().max(20).nullish(),
  stream: z.boolean().nullish(),
  stream_options: z
    .strictObject({ include_usage: z.boolean().nullish(), include_obfuscation: harmless })
    .nullish(),
  /** It is kept for 30 days, whatever is said. */
  store: harmless,
  ...aside,
  n: unsupported(1),
  logprobs: unsupported(false),
  top_logprobs: unsupported(0),
  audio: unsupported(),
  modalities: unsupported(["text"]),
  prediction: unsupported(),
  functions: unsupported(),
  function_call: unsupported(),
  web_search_options: unsupported(),
});
export type ChatCompletion = z.output<typeof chatCompletion>;
