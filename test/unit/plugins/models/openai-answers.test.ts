import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { describe, expect, test } from "@jest/globals";
import { openaiProvider } from "../../../../plugins/models/openai.ts";
import { ask } from "./ask-provider.ts";
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
      "a byte order mark before the stream",
      { raw: [`\ufeff${delta({ content: "a" })}`, delta({ content: "b" }, "stop"), DONE] },
      { text: "ab" },
    ],
    [
      "a byte order mark before plain JSON",
      {
        raw: [`\ufeff${JSON.stringify({ choices: [{ message: { content: "a" }, finish_reason: "stop" }] })}`],
      },
      { text: "a" },
    ],
    [
      "no empty line between the events",
      { raw: [(delta({ content: "a" }) + delta({ content: "b" }, "stop") + DONE).replaceAll("\n\n", "\n")] },
      { text: "ab" },
    ],
    [
      "JSON by lines, without a sign of events",
      { raw: [(delta({ content: "a" }) + delta({ content: "b" }, "stop")).replaceAll("data: ", "")] },
      { text: "ab", end: "stop" },
    ],
    [
      "a tab as it is within a string of the event's JSON",
      { raw: ['data: {"choices":[{"delta":{"content":"a\tb"}}]}\n\n', delta({}, "stop"), DONE] },
      { text: "a\tb" },
    ],
    [
      "plain JSON over several lines, with a tab as it is",
      { raw: ['{\n "choices": [\n  {"message": {"content": "a\tb"}, "finish_reason": "stop"}\n ]\n}\n'] },
      { text: "a\tb", end: "stop" },
    ],
    [
      "an event over several lines",
      { raw: [`data: {"choices":\ndata: [{"delta":{"content":"a"}}]}\n\n`, delta({}, "stop"), DONE] },
      { text: "a" },
    ],
    [
      "remarks of all kinds as data",
      {
        raw: [
          "data: : KEEP-ALIVE COMMENT\n\n",
          "data: : keep-alive!\n\n",
          "data: still working on it…\n\n",
          "data: [heartbeat]\n\n",
          "data: <ping/>\n\n",
          "data: {}\n\n",
          "event: ping\ndata: {}\n\n",
          delta({ content: "a" }, "stop"),
          DONE,
        ],
      },
      { text: "a", end: "stop" },
    ],
    [
      "the word null as finish_reason, until there is one",
      { raw: [delta({ content: "a" }, "null"), delta({ content: "b" }, "None"), delta({}, "length"), DONE] },
      { text: "ab", end: "length" },
    ],
    [
      "the word null as finish_reason, and never another",
      { raw: [delta({ content: "a" }, "null"), DONE] },
      { text: "a", end: "stop" },
    ],
    [
      "a second answer that nobody asked for",
      {
        raw: [
          data({ choices: [{ index: 0, delta: { content: "A" } }] }),
          data({ choices: [{ index: 1, delta: { content: "B" } }] }),
          data({
            choices: [
              { index: 1, delta: { content: "b" }, finish_reason: "length" },
              { index: 0, delta: { content: "a" }, finish_reason: "stop" },
            ],
          }),
          DONE,
        ],
      },
      { text: "Aa", end: "stop" },
    ],
    [
      "the pieces, and all of it once more as `message`",
      {
        raw: [
          delta({ content: "all" }),
          data({ choices: [{ message: { content: "all" }, finish_reason: "stop" }] }),
          DONE,
        ],
      },
      { text: "all" },
    ],
    [
      "the words in which the model refuses",
      {
        raw: [
          delta({ content: null, refusal: "I can't " }),
          delta({ refusal: "help." }),
          delta({}, "stop"),
          DONE,
        ],
      },
      { text: "I can't help.", end: "stop" },
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

  test.each([
    ["streamed", `${data({ id: "1", choices: null })}${DONE}`],
    ["in plain JSON", JSON.stringify({ id: "1", object: "chat.completion", choices: null })],
    ["an empty list", JSON.stringify({ object: "chat.completion", choices: [] })],
    ["none at all", JSON.stringify({ object: "chat.completion", usage: {} })],
  ])(
    "an answer without choices, %s, is an empty one, which may be asked for again; the address is right",
    async (_what, raw) => {
      expect((await hear({ raw: [raw] })).error?.type).toBe("model_empty");
    },
  );

  test("a server that makes noise for ever behind a whole answer does not keep us waiting", async () => {
    const leave = new AbortController();
    async function* noise() {
      yield delta({ content: "x" }, "stop");
      while (!leave.signal.aborted) {
        await new Promise((resolve) => setTimeout(resolve, 100));
        yield ": keep-alive\n\n";
      }
    }
    const server = createServer((_request, response) => void Readable.from(noise()).pipe(response));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    try {
      const said = await ask(openaiProvider({ baseUrl: `http://127.0.0.1:${port}/v1` }));
      expect(said).toMatchObject({ text: "x", end: "stop", error: undefined });
    } finally {
      leave.abort();
      server.closeAllConnections();
      server.close();
    }
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
