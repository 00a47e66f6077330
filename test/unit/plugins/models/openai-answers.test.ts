import { describe, expect, test } from "@jest/globals";
import { openaiEar } from "./openai-ear.ts";
import { DONE, data, delta } from "./openai-frames.ts";

const { hear, requests } = openaiEar();

describe("what servers answer", () => {
  test("reasoning, text, parallel calls, usage and the end come in their order", async () => {
    const said = await hear({
      reasoning: ["think ", "hard"],
      text: ["I ", "look"],
      toolCalls: [
        { name: "a", arguments: { path: "x" } },
        { name: "b", arguments: "{}" },
      ],
      usage: { input: 7, output: 9 },
    });
    expect(said).toMatchObject({
      reasoning: "think hard",
      text: "I look",
      calls: [
        { wire_id: "call_0", name: "a", arguments: '{"path":"x"}' },
        { wire_id: "call_1", name: "b", arguments: "{}" },
      ],
      usage: { input_tokens: 7, output_tokens: 9 },
      end: "tool_calls",
      error: undefined,
    });
    expect(said.chunks.map((chunk) => chunk.type)).toEqual([
      "reasoning",
      "reasoning",
      "text",
      "text",
      "tool_call",
      "tool_call",
      "kept",
      "usage",
      "end",
    ]);
    expect(said.activity).toBeGreaterThan(0);
  });

  const whole = '{"a":1}';
  const euro = Buffer.from(`${delta({ content: "10 €" })}${delta({}, "stop")}`);
  const split = euro.indexOf(0xe2) + 1;
  const cases: [string, { raw: (string | Buffer)[]; contentType?: string }, Record<string, unknown>][] = [
    [
      "usage left out",
      { raw: [delta({ content: "hi" }), delta({}, "stop"), DONE] },
      { text: "hi", end: "stop", usage: undefined },
    ],
    [
      "usage in every chunk: the last counts",
      {
        raw: [
          data({
            choices: [{ delta: { content: "hi" } }],
            usage: { prompt_tokens: 3, completion_tokens: 1 },
          }),
          data({
            choices: [{ delta: {}, finish_reason: "stop" }],
            usage: { prompt_tokens: 3, completion_tokens: 2 },
          }),
          DONE,
        ],
      },
      { text: "hi", usage: { input_tokens: 3, output_tokens: 2 } },
    ],
    ["finish_reason never", { raw: [delta({ content: "hi" }), DONE] }, { text: "hi", end: "stop" }],
    [
      "finish_reason late, after an empty choice list",
      { raw: [delta({ content: "hi" }), data({ choices: [] }), delta({}, "length"), DONE] },
      { text: "hi", end: "length" },
    ],
    ["[DONE] never", { raw: [delta({ content: "hi" }), delta({}, "stop")] }, { text: "hi", end: "stop" }],
    [
      "the last line without a line end",
      { raw: [delta({ content: "hi" }), "data: [DONE]"] },
      { text: "hi", end: "stop" },
    ],
    [
      "CRLF",
      { raw: [(delta({ content: "a" }) + delta({ content: "b" }, "stop") + DONE).replaceAll("\n", "\r\n")] },
      { text: "ab" },
    ],
    [
      "CRLF split between CR and LF",
      { raw: [`data: {"choices":[{"delta":{"content":"a"}}]}\r`, "\n\r", "\n", delta({}, "stop"), DONE] },
      { text: "a" },
    ],
    [
      "comments, ids, event names and no space after the colon",
      {
        raw: [
          ": OPENROUTER PROCESSING\n\n",
          ":\n\n",
          'event: message\nid: 7\ndata:{"choices":[{"delta":{"content":"a"}}]}\n\n',
          `: more\n${delta({}, "stop")}`,
          DONE,
        ],
      },
      { text: "a", end: "stop" },
    ],
    [
      "a character split over chunks",
      { raw: [euro.subarray(0, split), euro.subarray(split, split + 1), euro.subarray(split + 1), DONE] },
      { text: "10 €" },
    ],
    [
      "an event split anywhere",
      { raw: [...`${delta({ content: "abc" })}${DONE}`].map((character) => character) },
      { text: "abc" },
    ],
    [
      "many events in one chunk",
      { raw: [`${delta({ content: "a" })}${delta({ content: "b" })}${delta({ content: "c" })}${DONE}`] },
      { text: "abc" },
    ],
    [
      "null and empty deltas",
      {
        raw: [
          delta({ role: "assistant", content: null }),
          delta({ content: "" }),
          delta({ content: "x" }),
          DONE,
        ],
      },
      { text: "x" },
    ],
    [
      "reasoning under its other name",
      { raw: [delta({ reasoning: "r1", content: "" }), delta({ content: "t" }), DONE] },
      { reasoning: "r1", text: "t" },
    ],
    [
      "reasoning under both names at once is not doubled",
      { raw: [delta({ reasoning: "r", reasoning_content: "r" }), delta({ content: "t" }), DONE] },
      { reasoning: "r" },
    ],
    [
      "content as a list of parts",
      {
        raw: [
          delta({
            content: [
              { type: "text", text: "a" },
              { type: "text", text: "b" },
            ],
          }),
          DONE,
        ],
      },
      { text: "ab" },
    ],
    [
      "the wrong content type",
      { raw: [delta({ content: "a" }), DONE], contentType: "application/json" },
      { text: "a" },
    ],
    [
      "the whole answer in the last chunk, as `message`",
      { raw: [data({ choices: [{ message: { content: "all" }, finish_reason: "stop" }] }), DONE] },
      { text: "all", end: "stop" },
    ],
  ];
  test.each(cases)("%s", async (_name, turn, expected) => {
    const said = await hear(turn);
    expect(said.error).toBeUndefined();
    expect(said).toMatchObject(expected);
    expect(said.chunks.at(-1)?.type).toBe("end");
    expect(said.chunks.filter((chunk) => chunk.type === "text" && chunk.text === "")).toEqual([]);
  });

  test("plain JSON instead of a stream, with calls, reasoning and usage", async () => {
    const said = await hear({
      whole: true,
      text: "hi",
      reasoning: "r",
      toolCalls: [{ name: "t", arguments: { a: 1 } }],
      usage: { input: 4, output: 5 },
    });
    expect(said).toMatchObject({
      text: "hi",
      reasoning: "r",
      calls: [{ wire_id: "call_0", name: "t", arguments: whole }],
      usage: { input_tokens: 4, output_tokens: 5 },
      end: "tool_calls",
    });
  });

  test("a server that never ends the response after [DONE] does not keep us waiting", async () => {
    const garbage = await hear({
      text: ["a", "b"],
      finish: "stop",
      fault: { type: "garbage", after: 1, text: DONE },
    });
    expect(garbage.text).toBe("a");
    const never = new Promise<never>(() => undefined);
    const said = await hear({ raw: [delta({ content: "x" }), DONE], rawGate: never });
    expect(said).toMatchObject({ text: "x", end: "stop" });
    const request = requests().at(-1);
    await request?.gone;
    expect(request?.closed).toBe(true);
  });
});
