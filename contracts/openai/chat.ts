// The body of POST /v1/chat/completions (https://platform.openai.com/docs/api-reference/chat/create).
import { z } from "zod";
import {
  allowed,
  aside,
  cacheMarks,
  choice,
  detail,
  functionOf,
  harmless,
  jsonSchema,
  model,
  named,
  sampling,
  toolList,
  unsupported,
} from "./fields.ts";

const text = z.strictObject({ type: z.literal("text"), text: z.string(), ...cacheMarks });
const image = z.strictObject({
  type: z.literal("image_url"),
  image_url: z.strictObject({ url: z.string(), detail }),
  ...cacheMarks,
});
const texts = z.union([z.string(), z.array(text)]);
/** Who of several speaks: passed on to vendors that have a place for it. */
const name = z.string().min(1).max(200).nullish();

/**
 * Answers come back with what programs have noted down beside them (`annotations`, `index`, `provider_specific_fields` …): nothing of that
 * goes to a model, so whatever is not known of an answer is taken and left out.
 */
const answer = z.object({
  role: z.literal("assistant"),
  content: z
    .union([
      z.string(),
      z.array(
        z.discriminatedUnion("type", [
          z.object({ type: z.literal("text"), text: z.string() }),
          z.object({ type: z.literal("refusal"), refusal: z.string() }),
        ]),
      ),
    ])
    .nullish(),
  refusal: z.string().nullish(),
  tool_calls: z
    .array(
      z.object({
        id: z.string().min(1).max(200),
        type: z.literal("function").default("function"),
        function: z.object({ name: z.string().min(1).max(200), arguments: z.string() }),
        /** The signature of a thought, as Google's models want it back. */
        extra_content: z.record(z.string(), z.unknown()).nullish(),
      }),
    )
    .nullish(),
  /** Thoughts before calls, as DeepSeek's models want them back; the second name is OpenRouter's. */
  reasoning_content: z.string().nullish(),
  reasoning: z.string().nullish(),
  audio: unsupported(),
  function_call: unsupported(),
  name,
});
export type ChatAnswer = z.output<typeof answer>;

const message = z.discriminatedUnion("role", [
  z.strictObject({
    role: z.enum(["system", "developer"]),
    content: texts,
    /** They stand together at the beginning, as one text. */
    name: unsupported(),
  }),
  z.strictObject({
    role: z.literal("user"),
    content: z.union([z.string(), z.array(z.discriminatedUnion("type", [text, image]))]),
    name,
  }),
  answer,
  z.strictObject({
    role: z.literal("tool"),
    content: texts.nullish(),
    tool_call_id: z.string().min(1).max(200),
    name: z.string().nullish(),
  }),
]);
export type ChatMessage = z.output<typeof message>;

const oneFunction = z.strictObject({ type: z.literal("function"), function: named });

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
  tools: toolList(
    z.strictObject({
      type: z.literal("function"),
      function: functionOf,
      cache_control: cacheMarks.cache_control,
    }),
  ),
  tool_choice: z
    .union([
      choice,
      oneFunction,
      z.strictObject({
        type: z.literal("allowed_tools"),
        allowed_tools: z.strictObject(allowed(oneFunction)),
      }),
    ])
    .nullish(),
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
  functions: unsupported([]),
  function_call: unsupported(),
  web_search_options: unsupported(),
});
export type ChatCompletion = z.output<typeof chatCompletion>;
