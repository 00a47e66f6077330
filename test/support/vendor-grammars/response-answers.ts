// The documented shapes of OpenAI's responses, whole and streamed (https://platform.openai.com/docs/api-reference/responses/object,
// …/responses-streaming). Written from its reference and the types of its SDK, apart from the code that renders.
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { type Frame, jsonOf, shaped } from "./frames.ts";
import { type Faults, type Fields, fieldsOf, listOf } from "./shared.ts";

const count = z.int().min(0);
const part = z.strictObject({
  type: z.literal("output_text"),
  text: z.string(),
  annotations: z.array(z.object({ type: z.string() })),
  logprobs: z.array(z.unknown()).optional(),
});
const status = z.enum(["in_progress", "completed", "incomplete"]);
const item = z.discriminatedUnion("type", [
  z.strictObject({
    ...{
      type: z.literal("message"),
      id: z.string().startsWith("msg_"),
      role: z.literal("assistant"),
      status,
    },
    content: z.array(part),
    phase: z.string().nullish(),
  }),
  z.strictObject({
    ...{ type: z.literal("function_call"), id: z.string().startsWith("fc_"), status },
    ...{ call_id: z.string().startsWith("call_"), name: z.string().min(1), arguments: z.string() },
  }),
  z.strictObject({
    ...{ type: z.literal("function_call_output"), id: z.string().startsWith("fco_"), status },
    ...{ call_id: z.string().startsWith("call_"), output: z.string() },
  }),
]);
const response = z.object({
  id: z.string().startsWith("resp_"),
  object: z.literal("response"),
  created_at: z.int(),
  status: z.enum(["completed", "failed", "in_progress", "cancelled", "queued", "incomplete"]),
  error: z.strictObject({ code: z.string(), message: z.string() }).nullable(),
  incomplete_details: z.strictObject({ reason: z.enum(["max_output_tokens", "content_filter"]) }).nullable(),
  instructions: z.string().nullable(),
  metadata: z.record(z.string(), z.string()).nullable(),
  model: z.string(),
  output: z.array(item),
  parallel_tool_calls: z.boolean(),
  temperature: z.number().nullable(),
  tool_choice: z.union([z.string(), z.object({ type: z.string() })]),
  tools: z.array(z.object({ type: z.literal("function"), name: z.string() })),
  top_p: z.number().nullable(),
  previous_response_id: z.string().nullable(),
  reasoning: z.object({ effort: z.string().nullable(), summary: z.string().nullable() }),
  text: z.object({ format: z.object({ type: z.string() }) }),
  truncation: z.enum(["auto", "disabled"]),
  usage: z
    .strictObject({
      ...{ input_tokens: count, output_tokens: count, total_tokens: count },
      input_tokens_details: z.object({ cached_tokens: count }),
      output_tokens_details: z.object({ reasoning_tokens: count }),
    })
    .nullable(),
});

export function responseFaults(body: unknown): Faults {
  const faults: Faults = [];
  const it = shaped(response, body, "response", faults);
  if (!it) return faults;
  if ((it.status === "incomplete") !== (it.incomplete_details !== null)) faults.push("response: incomplete");
  if ((it.status === "failed") !== (it.error !== null)) faults.push("response: error");
  const isOver = it.status !== "in_progress" && it.status !== "queued";
  if (isOver !== (it.usage !== null)) faults.push("response: usage");
  return faults;
}

const place = { item_id: z.string(), output_index: count };
const inPart = { ...place, content_index: z.literal(0) };
const event = <T extends string, S extends z.ZodRawShape>(type: T, fields: S) =>
  z.strictObject({ type: z.literal(type), sequence_number: count, ...fields });
const body = { response: z.record(z.string(), z.unknown()) };
const events = z.discriminatedUnion("type", [
  event("response.created", body),
  event("response.in_progress", body),
  event("response.completed", body),
  event("response.incomplete", body),
  event("response.failed", body),
  event("response.output_item.added", { output_index: count, item }),
  event("response.output_item.done", { output_index: count, item }),
  event("response.content_part.added", { ...inPart, part }),
  event("response.content_part.done", { ...inPart, part }),
  event("response.output_text.delta", {
    ...inPart,
    delta: z.string().min(1),
    logprobs: z.array(z.unknown()),
  }),
  event("response.output_text.done", { ...inPart, text: z.string(), logprobs: z.array(z.unknown()) }),
  event("response.function_call_arguments.delta", { ...place, delta: z.string().min(1) }),
  event("response.function_call_arguments.done", {
    ...{ ...place, arguments: z.string() },
    name: z.string().optional(),
  }),
  event("error", { code: z.string().nullable(), message: z.string(), param: z.string().nullable() }),
]);
type Event = z.output<typeof events>;

const TEXT = [
  "response.content_part.added",
  "response.output_text.delta",
  "response.output_text.done",
  "response.content_part.done",
];
const CALL = ["response.function_call_arguments.delta", "response.function_call_arguments.done"];
/** What may stand between an item's beginning and its end, in this order, and how often: deltas any number of times, the others once. */
const WITHIN: Record<string, string[]> = { message: TEXT, function_call: CALL, function_call_output: [] };

export function responseStreamFaults(frames: Frame[]): Faults {
  const faults: Faults = [];
  const told = frames.map(({ event: name, data }, at) => {
    const value = shaped(events, jsonOf(data, `event ${at}`, faults), `event ${at}`, faults);
    if (value && name !== value.type) faults.push(`event ${at}: named ${name}`);
    if (value && value.sequence_number !== at) faults.push(`event ${at}: number ${value.sequence_number}`);
    return value;
  });
  if (told.some((one) => one === undefined)) return faults;
  const [created, begun, ...rest] = told as Event[];
  if (created?.type !== "response.created" || begun?.type !== "response.in_progress")
    faults.push("stream: does not begin with the response");
  const last = rest.at(-1);
  for (const one of [created, begun, last])
    if (one && "response" in one) faults.push(...responseFaults(one.response));
  const output = checkItems(rest.slice(0, -1), faults);
  if (last && "response" in last) {
    if (!isDeepStrictEqual(listOf(last.response.output), output))
      faults.push("stream: the output is another");
    if (`response.${last.response.status}` !== last.type) faults.push(`stream: ends as ${last.type}`);
  } else if (last?.type !== "error") faults.push(`stream: ends with ${last?.type}`);
  return faults;
}

/** Items one behind the other, each begun, told and ended. @returns them */
function checkItems(told: Event[], faults: Faults): Fields[] {
  const output: Fields[] = [];
  let within: Event[] | undefined;
  for (const one of told) {
    if (one.type === "response.output_item.added") {
      if (within) faults.push(`item ${output.length}: begun within another`);
      if (one.output_index !== output.length)
        faults.push(`item ${output.length}: begun as ${one.output_index}`);
      within = [];
    } else if (one.type === "response.output_item.done") {
      if (!within || one.output_index !== output.length)
        faults.push(`item ${output.length}: ended, not begun`);
      checkItem(fieldsOf(one.item), output.length, within ?? [], faults);
      output.push(one.item);
      within = undefined;
    } else if (within) within.push(one);
    else faults.push(`item ${output.length}: ${one.type} outside of items`);
  }
  return output;
}

function checkItem(ended: Fields, index: number, within: Event[], faults: Faults): void {
  const at = `item ${index}`;
  const order = WITHIN[String(ended.type)] ?? [];
  const steps = within.map(({ type }) => order.indexOf(type));
  if (steps.some((step, number) => step < (steps[number - 1] ?? 0))) faults.push(`${at}: out of order`);
  for (const type of order.filter((name) => !name.endsWith("delta")))
    if (within.filter((one) => one.type === type).length !== 1)
      faults.push(`${at}: ${type} is not there once`);
  for (const one of within) {
    const { item_id, output_index } = fieldsOf(one);
    if (item_id !== ended.id || output_index !== index) faults.push(`${at}: ${one.type} of another`);
  }
  const deltas = within.map((one) => ("delta" in one ? one.delta : "")).join("");
  const [spoken] = listOf(ended.content);
  const whole =
    ended.type === "message" ? spoken?.text : ended.type === "function_call" ? ended.arguments : "";
  if (deltas !== whole) faults.push(`${at}: its pieces are not the whole`);
  const done = within.find((one) => "text" in one || "arguments" in one);
  const said = fieldsOf(done);
  if (done && (said.text ?? said.arguments) !== whole) faults.push(`${at}: what is done is not the whole`);
}
