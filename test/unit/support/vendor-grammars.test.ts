// The grammars by which the doors' answers are judged (test/support/vendor-grammars), themselves: what vendors send is sound to them, and each way of
// being wrong is a fault.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { chunkFaults } from "../../support/vendor-grammars/chat-answers.ts";
import { type Frame, framesOf } from "../../support/vendor-grammars/frames.ts";
import { messageStreamFaults } from "../../support/vendor-grammars/message-answers.ts";
import { responseStreamFaults } from "../../support/vendor-grammars/response-answers.ts";

const recorded = (name: string, folder = "vendors"): Frame[] =>
  framesOf(readFileSync(join(import.meta.dirname, `../../fixtures/${folder}/${name}.sse`), "utf8"));
const chat = (frames: Frame[]) => chunkFaults(frames, true);
const WORDS = chunkOfWords();

/** The recording's usage chunk leaves out when and which model. */
function chunkOfWords(): Frame[] {
  return recorded("openai-text").map(({ event, data }) => ({
    event,
    data: data
      .replace(
        '"chat.completion.chunk","choices":[]',
        '"chat.completion.chunk","created":1764288000,"model":"m","choices":[]',
      )
      .replace("gpt-4o-mini-2024-07-18", "m"),
  }));
}

type Case = [what: string, faultsOf: (frames: Frame[]) => string[], frames: Frame[]];
const sound: Case[] = [
  ["a chat completion", chat, WORDS],
  ["a response", responseStreamFaults, recorded("openai-responses", "answers")],
  ["a message", messageStreamFaults, recorded("anthropic-text")],
  ["a message with thoughts and calls", messageStreamFaults, recorded("anthropic-thinking-tool-use")],
];

describe("what a vendor sends is sound", () => {
  test.each(sound)("%s", (_what, faultsOf, frames) => {
    expect(faultsOf(frames)).toEqual([]);
  });
});

describe("without any one of its events it is not", () => {
  // A piece of a text or of arguments may be missing only where nothing else has the whole of it, and a ping anywhere.
  const lost = sound.flatMap(([what, faultsOf, frames]) =>
    frames.flatMap((frame, at): [string, () => string[]][] => {
      const isPiece =
        /"content":"[^"]+"|text_delta|thinking_delta|signature_delta|input_json_delta|"ping"/.test(
          frame.data,
        );
      return isPiece ? [] : [[`${what}: ${at}`, () => faultsOf(frames.toSpliced(at, 1))]];
    }),
  );
  test.each(lost)("%s", (_what, faults) => {
    expect(faults().length).toBeGreaterThan(0);
  });
});

describe("what is changed in it is a fault", () => {
  const changed = (frames: Frame[], from: string | RegExp, to: string): Frame[] => {
    const after = frames.map(({ event, data }) => ({ event, data: data.replace(from, to) }));
    expect(after).not.toEqual(frames);
    return after;
  };
  test.each<[string, Case]>([
    ["a key that is not documented", ["", chat, changed(WORDS, '"index":0', '"index":0,"mood":1')]],
    [
      "another id",
      [
        "",
        chat,
        WORDS.map((frame, at) =>
          at === 1 ? { ...frame, data: frame.data.replace("chatcmpl-1", "chatcmpl-2") } : frame,
        ),
      ],
    ],
    [
      "a role again",
      ["", chat, changed(WORDS, '"delta":{"content"', '"delta":{"role":"assistant","content"')],
    ],
    ["words beside the end", ["", chat, changed(WORDS, '"delta":{}', '"delta":{"content":"x"}')]],
    ["a sum that is none", ["", chat, changed(WORDS, '"total_tokens":29', '"total_tokens":28')]],
    ["usage that nobody asked for", ["", (frames) => chunkFaults(frames, false), WORDS]],
    [
      "a number twice",
      [
        "",
        responseStreamFaults,
        changed(recorded("openai-responses", "answers"), '"sequence_number":5', '"sequence_number":4'),
      ],
    ],
    [
      "another text at the end",
      [
        "",
        responseStreamFaults,
        changed(recorded("openai-responses", "answers"), '"delta":"!"', '"delta":"?"'),
      ],
    ],
    [
      "an item of another",
      [
        "",
        responseStreamFaults,
        changed(recorded("openai-responses", "answers"), '"item_id":"fc_1"', '"item_id":"fc_2"'),
      ],
    ],
    [
      "another output at the end",
      [
        "",
        responseStreamFaults,
        changed(
          recorded("openai-responses", "answers"),
          '"output":[{"id":"msg_1"',
          '"output":[{"id":"msg_2"',
        ),
      ],
    ],
    [
      "a block that is begun with words",
      ["", messageStreamFaults, changed(recorded("anthropic-text"), '"text":""', '"text":"x"')],
    ],
    [
      "a piece of another kind",
      [
        "",
        messageStreamFaults,
        changed(
          recorded("anthropic-text"),
          '"type":"text_delta","text"',
          '"type":"thinking_delta","thinking"',
        ),
      ],
    ],
    [
      "arguments that are no JSON",
      [
        "",
        messageStreamFaults,
        changed(recorded("anthropic-thinking-tool-use"), / Francisco\\"\}/, " Francisco"),
      ],
    ],
    [
      "another name of an event",
      ["", messageStreamFaults, recorded("anthropic-text").map((frame) => ({ ...frame, event: "message" }))],
    ],
  ])("%s", (_what, [, faultsOf, frames]) => {
    expect(faultsOf(frames).length).toBeGreaterThan(0);
  });
});
