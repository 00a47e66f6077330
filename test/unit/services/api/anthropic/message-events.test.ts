// The events of a stream, in the order and the words of https://platform.claude.com/docs/en/build-with-claude/streaming.
import { describe, expect, test } from "@jest/globals";
import type { Run } from "../../../../../contracts/agent.ts";
import type { RunEvent } from "../../../../../contracts/run-events.ts";
import { type StreamEvent, WholeMessage } from "../../../../../services/api/anthropic/message.ts";
import { failureOf, MessageEvents } from "../../../../../services/api/anthropic/message-events.ts";

const ALONE = { id: "msg_1", model: "anthropic/claude", inputTokens: 7, isAlone: true };

function events(options: { telling?: Partial<typeof ALONE> } = {}) {
  const told: StreamEvent[] = [];
  const message = new MessageEvents({ event: (event) => told.push(event) }, { ...ALONE, ...options.telling });
  return { told, message };
}

const content = (text: string, step = 1): RunEvent => ({ event: "content", data: { step, text } });
const reasoning = (text: string, step = 1): RunEvent => ({ event: "reasoning", data: { step, text } });
const thought = (value: unknown, step = 1): RunEvent => ({ event: "thought", data: { step, value } });
const reset = (step = 1): RunEvent => ({ event: "reset", data: { step, reason: "resumed" } });

function ended(run: Partial<Run> = {}, handed_back: unknown[] = []): Run {
  return {
    id: "run_1",
    status: "completed",
    finish_reason: "stop",
    steps: [{ number: 1, handed_back }],
    usage: { input_tokens: 11, output_tokens: 5, cost_usd: 0, estimated: false },
    ...run,
  } as unknown as Run;
}

/** Each event on a line: `start 0 text`, `delta 0 text_delta Hello`, … */
function lines(told: StreamEvent[]): string[] {
  return told.map((event) => {
    switch (event.type) {
      case "content_block_start":
        return `start ${event.index} ${event.content_block.type}`;
      case "content_block_delta": {
        const [type, value] = Object.values(event.delta);
        return `delta ${event.index} ${type} ${value}`;
      }
      case "content_block_stop":
        return `stop ${event.index}`;
      case "message_delta":
        return `message_delta ${event.delta.stop_reason} ${event.usage.input_tokens} ${event.usage.output_tokens}`;
      default:
        return event.type;
    }
  });
}

test("a text: start, one block, its pieces, its end, how the message ended", () => {
  const { told, message } = events();
  for (const event of [content("Hello"), content("!")]) expect(message.take(event)).toBeUndefined();
  expect(message.end(ended())).toBeUndefined();
  expect(lines(told)).toEqual([
    "message_start",
    "start 0 text",
    "delta 0 text_delta Hello",
    "delta 0 text_delta !",
    "stop 0",
    "message_delta end_turn 11 5",
    "message_stop",
  ]);
  expect(told[0]).toEqual({
    type: "message_start",
    message: {
      ...{ id: "msg_1", type: "message", role: "assistant", model: "anthropic/claude", content: [] },
      ...{ stop_reason: null, stop_sequence: null, stop_details: null, container: null, diagnostics: null },
      usage: expect.objectContaining({
        ...{ input_tokens: 7, output_tokens: 0 },
        ...{ cache_creation_input_tokens: 0, cache_read_input_tokens: 0 },
      }),
    },
  });
});

test("thoughts with their signatures, sealed ones, text between them, calls by their numbers", () => {
  const { told, message } = events();
  for (const event of [
    reasoning("let me "),
    reasoning("look"),
    thought({ type: "thinking", thinking: "let me look", signature: "SIGNED==" }),
    thought({ type: "redacted_thinking", data: "SEALED" }),
    content("I look."),
    reasoning("again"),
    thought({ type: "thinking", thinking: "again", signature: "SIGNED2" }),
  ])
    message.take(event);
  message.end(
    ended({ finish_reason: "tool_calls" }, [
      { call_id: "call_a", name: "look", arguments: '{"at":"x"}' },
      { call_id: "call_b", name: "look", arguments: "{}" },
    ]),
  );
  expect(lines(told)).toEqual([
    "message_start",
    "start 0 thinking",
    "delta 0 thinking_delta let me ",
    "delta 0 thinking_delta look",
    "delta 0 signature_delta SIGNED==",
    "stop 0",
    "start 1 redacted_thinking",
    "stop 1",
    "start 2 text",
    "delta 2 text_delta I look.",
    "stop 2",
    "start 3 thinking",
    "delta 3 thinking_delta again",
    "delta 3 signature_delta SIGNED2",
    "stop 3",
    "start 4 tool_use",
    'delta 4 input_json_delta {"at":"x"}',
    "stop 4",
    "start 5 tool_use",
    "delta 5 input_json_delta {}",
    "stop 5",
    "message_delta tool_use 11 5",
    "message_stop",
  ]);
  expect(told).toContainEqual({
    type: "content_block_start",
    index: 1,
    content_block: { type: "redacted_thinking", data: "SEALED" },
  });
  expect(told).toContainEqual({
    type: "content_block_start",
    index: 4,
    content_block: { type: "tool_use", id: "call_a", name: "look", input: {}, caller: { type: "direct" } },
  });
});

test("a thought without words (its display is omitted) has its signature all the same", () => {
  const { told, message } = events();
  message.take(thought({ type: "thinking", thinking: "", signature: "S" }));
  expect(lines(told)).toEqual(["message_start", "start 0 thinking", "delta 0 signature_delta S", "stop 0"]);
});

test("the agent's text shows, a block for each step; its thoughts and calls do not", () => {
  const { told, message } = events({ telling: { isAlone: false } });
  for (const event of [reasoning("hm"), content("I look."), content("Done.", 2)]) message.take(event);
  message.end(ended());
  expect(lines(told).filter((line) => line.startsWith("start") || line.startsWith("delta"))).toEqual([
    "start 0 text",
    "delta 0 text_delta I look.",
    "start 1 text",
    "delta 1 text_delta Done.",
  ]);
});

describe("a step that is told anew", () => {
  test("goes on behind what is out where it is the same", () => {
    const { told, message } = events();
    for (const event of [content("Hel"), content("lo"), reset(), content("Hello, wor"), content("ld")])
      expect(message.take(event)).toBeUndefined();
    expect(message.end(ended())).toBeUndefined();
    expect(lines(told)).toContain("delta 0 text_delta , wor");
    expect(lines(told)).toContain("delta 0 text_delta ld");
  });

  test.each([
    ["says something else", [content("Goodbye")]],
    ["thinks again", [reasoning("hm")]],
  ])("cannot go on where it %s", (_what, anew) => {
    const { message } = events();
    message.take(content("Hello"));
    message.take(reset());
    expect(anew.map((event) => message.take(event))).toEqual([
      expect.objectContaining({ code: "model_interrupted" }),
    ]);
  });

  test("cannot end before it has said again what is out", () => {
    const { told, message } = events();
    for (const event of [content("Hello, world"), reset(), content("Hello")]) message.take(event);
    expect(message.end(ended())).toMatchObject({ code: "model_interrupted" });
    expect(lines(told)).not.toContain("message_stop");
  });

  test("is nothing to a message of which nothing is out", () => {
    const { told, message } = events();
    for (const event of [reset(), content("Hello")]) expect(message.take(event)).toBeUndefined();
    expect(lines(told)).toEqual(["message_start", "start 0 text", "delta 0 text_delta Hello"]);
  });

  test("takes the place of the first telling in a message that is given whole", () => {
    const whole = new WholeMessage();
    const message = new MessageEvents(whole, ALONE);
    for (const event of [content("Hello"), reset(), reasoning("hm"), content("Goodbye")])
      expect(message.take(event)).toBeUndefined();
    message.end(ended());
    expect(whole.message?.content).toEqual([
      { type: "thinking", thinking: "hm", signature: "" },
      { type: "text", text: "Goodbye", citations: null },
    ]);
  });
});

describe("a message that is given whole", () => {
  const wholeOf = (json: string) => {
    const whole = new WholeMessage();
    const message = new MessageEvents(whole, ALONE);
    message.end(
      ended({ finish_reason: "tool_calls" }, [{ call_id: "call_a", name: "look", arguments: json }]),
    );
    return whole.message;
  };

  test("has its calls with their arguments as values", () => {
    expect(wholeOf('{"at":{"x":1}}')).toMatchObject({
      stop_reason: "tool_use",
      content: [{ type: "tool_use", id: "call_a", name: "look", input: { at: { x: 1 } } }],
    });
    expect(wholeOf("")?.content[0]).toMatchObject({ input: {} });
  });

  test.each(["{cut", '"text"', "[1]", "null"])(
    "says of arguments that are no object what they are: %s",
    (json) => {
      expect(wholeOf(json)?.content[0]).toMatchObject({ input: { INVALID_JSON: json } });
    },
  );
});

test.each([
  ["stop", "end_turn"],
  ["tool_calls", "tool_use"],
  ["length", "max_tokens"],
  ["budget", "max_tokens"],
  ["max_steps", "max_tokens"],
])("a run that ended with %s has the stop reason %s", (finish_reason, stop_reason) => {
  const { told, message } = events();
  message.end(ended({ finish_reason: finish_reason as "stop" }));
  expect(told.at(-2)).toMatchObject({ type: "message_delta", delta: { stop_reason } });
});

test("an answer that its vendor's filter withheld is a refusal, any other failure an error", () => {
  const error = { code: "model_filtered", message: "withheld", retryable: false };
  const filtered = ended({ status: "failed", finish_reason: "error", error });
  expect(failureOf(filtered)).toBeUndefined();
  const { told, message } = events();
  message.end(filtered);
  expect(told.at(-2)).toMatchObject({
    delta: { stop_reason: "refusal", stop_details: { type: "refusal", explanation: "withheld" } },
  });
  const broken = ended({ status: "failed", error: { ...error, code: "model_timeout" } });
  expect(failureOf(broken)).toEqual({ code: "model_timeout", message: "withheld" });
  expect(failureOf(ended({ status: "cancelled" }))).toMatchObject({ code: "conflict" });
});
