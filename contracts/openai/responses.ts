// The body of POST /v1/responses (https://platform.openai.com/docs/api-reference/responses/create).
import { z } from "zod";
import {
  aside,
  choice,
  flatFunction,
  harmless,
  jsonSchema,
  model,
  named,
  sampling,
  toolList,
  unsupported,
} from "./fields.ts";

const text = z.strictObject({
  type: z.enum(["input_text", "output_text", "text"]),
  text: z.string(),
  annotations: harmless,
  logprobs: harmless,
});
const refusal = z.strictObject({ type: z.literal("refusal"), refusal: z.string() });
const image = z.strictObject({
  type: z.literal("input_image"),
  image_url: z.string(),
  detail: z.enum(["auto", "low", "high"]).nullish(),
  file_id: unsupported(),
});
/** Of what we have given, programs send back ids and states too. */
const given = { id: z.string().nullish(), status: z.string().nullish() };
const message = z.strictObject({
  type: z.literal("message").optional(),
  role: z.enum(["user", "assistant", "system", "developer"]),
  content: z.union([z.string(), z.array(z.discriminatedUnion("type", [text, refusal, image])).min(1)]),
  ...given,
  phase: harmless,
});
const functionCall = z.strictObject({
  type: z.literal("function_call"),
  call_id: z.string().min(1).max(200),
  name: z.string().min(1).max(200),
  arguments: z.string(),
  ...given,
});
const functionCallOutput = z.strictObject({
  type: z.literal("function_call_output"),
  call_id: z.string().min(1).max(200),
  output: z.union([z.string(), z.array(text).min(1)]),
  ...given,
});
const item = z.union([functionCall, functionCallOutput, message]);
export type ResponseInput = z.output<typeof item>;

export const responseRequest = z.strictObject({
  model,
  input: z.union([z.string(), z.array(item).min(1)]),
  instructions: z.string().nullish(),
  ...sampling,
  max_output_tokens: z.int().min(1).nullish(),
  tools: toolList(flatFunction),
  tool_choice: z.union([choice, z.strictObject({ type: z.literal("function"), ...named.shape })]).nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  text: z
    .strictObject({
      format: z
        .discriminatedUnion("type", [
          z.strictObject({ type: z.literal("text") }),
          z.strictObject({ type: z.literal("json_object") }),
          z.strictObject({ type: z.literal("json_schema"), ...jsonSchema }),
        ])
        .nullish(),
      verbosity: z.string().max(20).nullish(),
    })
    .nullish(),
  reasoning: z
    .strictObject({
      effort: z.string().max(20).nullish(),
      summary: unsupported(),
      generate_summary: unsupported(),
    })
    .nullish(),
  previous_response_id: z.string().max(200).nullish(),
  conversation: z.union([z.string().max(200), z.strictObject({ id: z.string().max(200) })]).nullish(),
  store: z.boolean().nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.strictObject({ include_obfuscation: harmless }).nullish(),
  /** Encrypted thoughts come with items of thoughts, of which there are none. */
  include: unsupported([], ["reasoning.encrypted_content"]),
  ...aside,
  background: unsupported(false),
  truncation: unsupported("disabled"),
  max_tool_calls: unsupported(),
  prompt: unsupported(),
  top_logprobs: unsupported(0),
  context_management: unsupported(),
});
export type ResponseRequest = z.output<typeof responseRequest>;
