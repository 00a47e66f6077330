// The documented shapes of answers of Anthropic's messages API, whole and streamed (https://platform.claude.com/docs/en/api/messages,
// …/build-with-claude/streaming). Written from its documentation and the types of its SDK, apart from the code that renders.
import { z } from "zod";
import { type Frame, jsonOf, shaped } from "./frames.ts";
import { type Faults, type Fields, fieldsOf } from "./shared.ts";

const count = z.int().min(0);
/** Beside the two counts there may be what is known of a cache, of places and prices. */
const usage = z.object({ input_tokens: count, output_tokens: count });
const text = z.strictObject({ type: z.literal("text"), text: z.string(), citations: z.null().optional() });
const thinking = z.strictObject({ type: z.literal("thinking"), thinking: z.string(), signature: z.string() });
const redacted = z.strictObject({ type: z.literal("redacted_thinking"), data: z.string().min(1) });
const toolUse = z.strictObject({
  ...{ type: z.literal("tool_use"), id: z.string().min(1), name: z.string().min(1) },
  input: z.record(z.string(), z.unknown()),
  caller: z.strictObject({ type: z.literal("direct") }).optional(),
});
const block = z.discriminatedUnion("type", [text, thinking, redacted, toolUse]);
const stop = {
  stop_reason: z
    .enum(["end_turn", "max_tokens", "stop_sequence", "tool_use", "pause_turn", "refusal"])
    .nullable(),
  stop_sequence: z.string().nullable().optional(),
  stop_details: z
    .object({ type: z.literal("refusal") })
    .nullable()
    .optional(),
  container: z.null().optional(),
};
const message = z.strictObject({
  ...{ id: z.string().startsWith("msg_"), type: z.literal("message"), role: z.literal("assistant") },
  ...{ model: z.string().min(1), content: z.array(block), ...stop, usage },
  diagnostics: z.null().optional(),
});

export function messageFaults(body: unknown): Faults {
  const faults: Faults = [];
  const said = shaped(message, body, "message", faults);
  if (!said) return faults;
  if (said.stop_reason === null) faults.push("message: no reason to stop");
  const hasCalls = said.content.some(({ type }) => type === "tool_use");
  if (said.stop_reason === "tool_use" && !hasCalls) faults.push("message: calls are not there");
  if ((said.stop_reason === "stop_sequence") !== (typeof said.stop_sequence === "string"))
    faults.push("message: the text that it stopped at");
  return faults;
}

const at = { index: count };
const failure = z.strictObject({
  type: z.literal("error"),
  error: z.object({ type: z.string(), message: z.string().min(1) }),
  request_id: z.string().nullish(),
});
const events = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("message_start"), message }),
  z.strictObject({ type: z.literal("content_block_start"), ...at, content_block: block }),
  z.strictObject({
    type: z.literal("content_block_delta"),
    ...at,
    delta: z.discriminatedUnion("type", [
      z.strictObject({ type: z.literal("text_delta"), text: z.string() }),
      z.strictObject({ type: z.literal("thinking_delta"), thinking: z.string() }),
      z.strictObject({ type: z.literal("signature_delta"), signature: z.string() }),
      z.strictObject({ type: z.literal("input_json_delta"), partial_json: z.string() }),
    ]),
  }),
  z.strictObject({ type: z.literal("content_block_stop"), ...at }),
  z.strictObject({
    type: z.literal("message_delta"),
    delta: z.strictObject(stop),
    usage: z.object({ output_tokens: count }),
  }),
  z.strictObject({ type: z.literal("message_stop") }),
  z.strictObject({ type: z.literal("ping") }),
  failure,
]);
type Event = z.output<typeof events>;

const DELTAS: Record<string, string[]> = {
  text: ["text_delta"],
  thinking: ["thinking_delta", "signature_delta"],
  redacted_thinking: [],
  tool_use: ["input_json_delta"],
};

export function messageStreamFaults(frames: Frame[]): Faults {
  const faults: Faults = [];
  const told = frames.map(({ event, data }, number) => {
    const place = `event ${number}`;
    const value = shaped(events, jsonOf(data, place, faults), place, faults);
    if (value && value.type !== event) faults.push(`${place}: named ${event}`);
    return value;
  });
  if (told.some((one) => one === undefined)) return faults;
  const [start, ...rest] = (told as Event[]).filter(({ type }) => type !== "ping");
  if (start?.type !== "message_start") faults.push("stream: does not begin with the message");
  else if (start.message.content.length > 0 || start.message.stop_reason !== null)
    faults.push("stream: begins with what is said later");
  if (rest.at(-1)?.type === "error") return [...faults, ...blockFaults(rest.slice(0, -1), true)];
  const [delta, end] = rest.splice(-2);
  if (delta?.type !== "message_delta" || end?.type !== "message_stop") faults.push("stream: its end");
  else if (delta.delta.stop_reason === null) faults.push("stream: no reason to stop");
  return [...faults, ...blockFaults(rest, false)];
}

/** Blocks one behind the other by their numbers, each with its own kind of pieces. @param isCut the last need not end */
function blockFaults(told: Event[], isCut: boolean): Faults {
  const faults: Faults = [];
  let open: { block: Fields; json: string; isSigned: boolean } | undefined;
  let index = 0;
  for (const one of told) {
    const place = `block ${index}`;
    if (!("index" in one)) faults.push(`${place}: ${one.type} between blocks`);
    else if (one.index !== index) faults.push(`${place}: ${one.type} of block ${one.index}`);
    else if (one.type === "content_block_start") {
      if (open) faults.push(`${place}: begun twice`);
      open = { block: fieldsOf(one.content_block), json: "", isSigned: false };
      if (!isEmpty(open.block)) faults.push(`${place}: begins with what is said later`);
    } else if (!open) faults.push(`${place}: ${one.type} before its beginning`);
    else if (one.type === "content_block_delta") {
      const { type } = one.delta;
      if (!DELTAS[String(open.block.type)]?.includes(type)) faults.push(`${place}: ${type}`);
      if (open.isSigned) faults.push(`${place}: something behind its signature`);
      open.isSigned = type === "signature_delta";
      if (type === "input_json_delta") open.json += one.delta.partial_json;
    } else {
      if (open.json !== "" && typeof jsonOf(open.json, place, faults) !== "object")
        faults.push(`${place}: input`);
      open = undefined;
      index += 1;
    }
  }
  if (open && !isCut) faults.push(`block ${index}: has no end`);
  return faults;
}

function isEmpty({ type, text: said, thinking: thought, input }: Fields): boolean {
  if (type === "tool_use") return Object.keys(fieldsOf(input)).length === 0;
  return type === "redacted_thinking" || (said ?? thought) === "";
}

/** https://platform.claude.com/docs/en/api/errors */
export function anthropicErrorFaults(body: unknown): Faults {
  const faults: Faults = [];
  shaped(failure, body, "error", faults);
  return faults;
}
