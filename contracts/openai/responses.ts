// The body of POST /v1/responses (https://platform.openai.com/docs/api-reference/responses/create).
import { z } from "zod";
import {
  allowed,
  aside,
  cacheMarks,
  choice,
  detail,
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
  ...cacheMarks,
});
const refusal = z.strictObject({ type: z.literal("refusal"), refusal: z.string() });
const image = z.strictObject({
  type: z.literal("input_image"),
  image_url: z.string(),
  detail,
  file_id: unsupported(),
  ...cacheMarks,
});
/** Of what we have given, programs send back ids and states too. */
const given = { id: z.string().nullish(), status: z.string().nullish() };
const message = z.strictObject({
  type: z.literal("message").optional(),
  role: z.enum(["user", "system", "developer"]),
  content: z.union([z.string(), z.array(z.discriminatedUnion("type", [text, image]))]),
  ...given,
});
/** What programs have noted down beside an answer goes to no model: taken, and left out. */
const answer = z.object({
  type: z.literal("message").optional(),
  role: z.literal("assistant"),
  content: z.union([
    z.string(),
    z.array(z.discriminatedUnion("type", [z.object(text.shape), z.object(refusal.shape)])),
  ]),
});
const functionCall = z.strictObject({
  type: z.literal("function_call"),
  call_id: z.string().min(1).max(200),
  name: z.string().min(1).max(200),
  arguments: z.string(),
  ...given,
  async: unsupported(false),
  caller: unsupported({ type: "direct" }),
  namespace: unsupported(),
});
const functionCallOutput = z.strictObject({
  type: z.literal("function_call_output"),
  call_id: z.string().min(1).max(200),
  output: z.union([z.string(), z.array(z.discriminatedUnion("type", [text, image]))]),
  ...given,
  name: z.string().nullish(),
  caller: unsupported({ type: "direct" }),
  namespace: unsupported(),
});
/** Thoughts: none of ours are in items, and those of others cannot be read here. What belongs to calls of ours is put in again by itself. */
const reasoning = z.object({ type: z.literal("reasoning") });
const item = z.union([functionCall, functionCallOutput, reasoning, message, answer]);
export type ResponseInput = z.output<typeof item>;

const oneFunction = z.strictObject({ type: z.literal("function"), ...named.shape });

/** All of the vendor's but `message.output_text.logprobs`: they are of items that nothing here gives. */
const included = z.enum([
  "reasoning.encrypted_content",
  "file_search_call.results",
  "code_interpreter_call.outputs",
  "web_search_call.results",
  "web_search_call.action.sources",
  "message.input_image.image_url",
  "computer_call_output.output.image_url",
]);

export const responseRequest = z.strictObject({
  model,
  input: z.union([z.string(), z.array(item).min(1)]),
  instructions: z.string().nullish(),
  ...sampling,
  max_output_tokens: z.int().min(1).nullish(),
  tools: toolList(flatFunction),
  tool_choice: z
    .union([
      choice,
      oneFunction,
      z.strictObject({ type: z.literal("allowed_tools"), ...allowed(oneFunction) }),
    ])
    .nullish(),
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
      /** `auto` leaves it to the server, which has none to tell. */
      summary: unsupported("auto"),
      generate_summary: unsupported("auto"),
      context: unsupported("auto"),
      mode: unsupported("standard"),
    })
    .nullish(),
  previous_response_id: z.string().max(200).nullish(),
  conversation: z.union([z.string().max(200), z.strictObject({ id: z.string().max(200) })]).nullish(),
  store: z.boolean().nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.strictObject({ include_obfuscation: harmless }).nullish(),
  include: z.array(included).nullish(),
  ...aside,
  background: unsupported(false),
  /** With `auto` as without: what is too long for the model alone is refused and never shortened; the agent shortens by itself. */
  truncation: unsupported("disabled", "auto"),
  /** Of tools that a server runs itself, as only the agent does. */
  max_tool_calls: z.int().positive().nullish(),
  prompt: unsupported(),
  top_logprobs: unsupported(0),
  context_management: unsupported([]),
});
export type ResponseRequest = z.output<typeof responseRequest>;
