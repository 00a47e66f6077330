// The documented shapes of answers in OpenAI's chat completions, whole and streamed (https://platform.openai.com/docs/api-reference/chat/object,
// …/streaming). Written from its reference and the types of its SDK, apart from the code that renders: a key that is not documented is a fault.
import { z } from "zod";
import { type Frame, jsonOf, shaped } from "./frames.ts";
import type { Faults } from "./shared.ts";

const count = z.int().min(0);
const usage = z
  .strictObject({
    ...{ prompt_tokens: count, completion_tokens: count, total_tokens: count },
    prompt_tokens_details: z.record(z.string(), count).optional(),
    completion_tokens_details: z.record(z.string(), count).optional(),
  })
  .refine((said) => said.prompt_tokens + said.completion_tokens === said.total_tokens, "is no sum");
const head = {
  id: z.string().startsWith("chatcmpl-"),
  created: z.int().min(1_000_000_000).max(9_999_999_999),
  model: z.string().min(1),
  service_tier: z.string().nullish(),
  system_fingerprint: z.string().nullish(),
};
const finish = z.enum(["stop", "length", "tool_calls", "content_filter"]);
const whole = z.strictObject({
  ...head,
  object: z.literal("chat.completion"),
  choices: z.tuple([
    z.strictObject({
      index: z.literal(0),
      message: z.strictObject({
        role: z.literal("assistant"),
        content: z.string().nullable(),
        refusal: z.string().nullable(),
        annotations: z.array(z.object({ type: z.string() })).optional(),
        tool_calls: z
          .array(
            z.strictObject({
              id: z.string().min(1).max(40),
              type: z.literal("function"),
              function: z.strictObject({ name: z.string().min(1), arguments: z.string() }),
            }),
          )
          .min(1)
          .optional(),
      }),
      logprobs: z.null(),
      finish_reason: finish,
    }),
  ]),
  usage,
});

export function completionFaults(body: unknown): Faults {
  const faults: Faults = [];
  const [choice] = shaped(whole, body, "completion", faults)?.choices ?? [];
  if (!choice) return faults;
  const { content, tool_calls } = choice.message;
  if (content === null && !tool_calls) faults.push("completion: neither words nor calls");
  if (choice.finish_reason === "tool_calls" && !tool_calls) faults.push("completion: calls are not there");
  return faults;
}

const chunk = z.strictObject({
  ...head,
  object: z.literal("chat.completion.chunk"),
  obfuscation: z.string().optional(),
  usage: usage.nullable().optional(),
  choices: z
    .array(
      z.strictObject({
        index: z.literal(0),
        delta: z.strictObject({
          role: z.literal("assistant").optional(),
          content: z.string().nullable().optional(),
          refusal: z.string().nullable().optional(),
          tool_calls: z
            .array(
              z.strictObject({
                index: count,
                id: z.string().min(1).max(40).optional(),
                type: z.literal("function").optional(),
                function: z.strictObject({ name: z.string().min(1).optional(), arguments: z.string() }),
              }),
            )
            .min(1)
            .optional(),
        }),
        logprobs: z.null().optional(),
        finish_reason: finish.nullable(),
      }),
    )
    .max(1),
});
type Chunk = z.output<typeof chunk>;

/** @param hasUsage asked for with `stream_options.include_usage` */
export function chunkFaults(frames: Frame[], hasUsage: boolean): Faults {
  const faults: Faults = [];
  if (frames.some(({ event }) => event !== undefined)) faults.push("stream: events have names");
  const data = frames.map((frame) => frame.data);
  if (data.indexOf("[DONE]") !== data.length - 1) faults.push("stream: [DONE] is not its one end");
  const chunks = data
    .filter((text) => text !== "[DONE]")
    .map((text, at) => shaped(chunk, jsonOf(text, `chunk ${at}`, faults), `chunk ${at}`, faults));
  if (chunks.some((one) => one === undefined)) return faults;
  const told = chunks as Chunk[];
  const heads = new Set(told.map(({ id, created, model }) => JSON.stringify([id, created, model])));
  if (heads.size > 1) faults.push("stream: chunks of several completions");
  checkUsage(told, hasUsage, faults);
  checkDeltas(
    told.flatMap(({ choices }) => choices),
    faults,
  );
  return faults;
}

/** Each says that it has none, and one more without choices, the last, has it. */
function checkUsage(chunks: Chunk[], hasUsage: boolean, faults: Faults): void {
  const empty = chunks.findIndex(({ choices }) => choices.length === 0);
  if (empty >= 0 !== hasUsage || (hasUsage && empty !== chunks.length - 1))
    faults.push(`usage: the chunk without choices is number ${empty}`);
  chunks.forEach((one, at) => {
    if (at === empty ? !one.usage : one.usage) faults.push(`usage: chunk ${at}`);
    if (!hasUsage && "usage" in one) faults.push(`usage: chunk ${at}, unasked`);
  });
}

/** The role first and once, calls by their numbers, one reason to stop, in a delta of its own, at the end. */
function checkDeltas(choices: Chunk["choices"], faults: Faults): void {
  const begun = new Set<number>();
  choices.forEach(({ delta, finish_reason }, at) => {
    if ((delta.role !== undefined) !== (at === 0)) faults.push(`choice ${at}: the role`);
    if ((finish_reason !== null) !== (at === choices.length - 1))
      faults.push(`choice ${at}: the reason to stop`);
    if (finish_reason !== null && Object.keys(delta).length > 0)
      faults.push(`choice ${at}: words at the end`);
    for (const { index, id, type, function: called } of delta.tool_calls ?? []) {
      const isFirst = !begun.has(index);
      if (isFirst && index !== begun.size) faults.push(`choice ${at}: call ${index} out of turn`);
      if (isFirst !== (id !== undefined && type !== undefined && called.name !== undefined))
        faults.push(`choice ${at}: who call ${index} is`);
      begun.add(index);
    }
  });
  if (choices.at(-1)?.finish_reason === "tool_calls" && begun.size === 0) faults.push("stream: no calls");
}

const refusal = z.strictObject({
  error: z.strictObject({
    message: z.string().min(1),
    type: z.string().min(1),
    param: z.string().nullable(),
    code: z.string().nullable(),
  }),
});

/** https://platform.openai.com/docs/guides/error-codes */
export function openaiErrorFaults(body: unknown): Faults {
  const faults: Faults = [];
  shaped(refusal, body, "error", faults);
  return faults;
}
