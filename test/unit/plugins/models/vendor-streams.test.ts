// The corpus of answers as vendors document and send them (test/fixtures/vendors), each read to what it says.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { anthropicProvider } from "../../../../plugins/models/anthropic.ts";
import { openaiProvider } from "../../../../plugins/models/openai.ts";
import { type FakeModel, startFakeModel } from "../../../support/fake-model-server.ts";
import { ask, type Said } from "./ask-provider.ts";

const FOLDER = join(import.meta.dirname, "..", "..", "..", "fixtures", "vendors");

type Expected = {
  text?: string;
  reasoning?: string;
  /** Id, name and arguments. */
  calls?: [string, string, string][];
  /** Input and output tokens. */
  usage?: [number, number];
  end?: string;
  /** The code of the catalogue, and the reason shown with it. */
  error?: [string, string?];
  kept?: unknown;
};

const CORPUS: Record<string, Expected> = {
  "openai-text.sse": { text: "Hello there", usage: [19, 10], end: "stop" },
  "openai-parallel-calls.sse": {
    calls: [
      ["call_DdmO9pD3xa9XTPNJ32zg2hcA", "get_weather", '{"location":"Paris"}'],
      ["call_ABCDEFxa9XTPNJ32zg2hcA00", "get_time", "{}"],
    ],
    usage: [82, 33],
    end: "tool_calls",
  },
  "openai-content-filter.sse": { text: "The first step", error: ["model_filtered"] },
  "azure-prompt-annotations.sse": { text: "Hi", end: "stop" },
  "anthropic-text.sse": { text: "Hello!", usage: [125, 15], end: "stop" },
  "anthropic-thinking-tool-use.sse": {
    reasoning: "I need the weather.",
    text: "Okay, let's check.",
    calls: [
      ["toolu_01T1x1fJ34qAmk2tNTrN7Up6", "get_weather", '{"location": "San Francisco"}'],
      ["toolu_02", "get_time", "{}"],
    ],
    usage: [472, 89],
    end: "tool_calls",
    kept: [
      {
        type: "thinking",
        thinking: "I need the weather.",
        signature: "EqQBCgIYAhIM1gbcDa9GJwZA2b3hGgxBdjrkzLoky3dl1pkiMOYds",
      },
    ],
  },
  "anthropic-refusal-after-text.sse": { text: "Here is how", usage: [30, 4], error: ["model_filtered"] },
  "anthropic-overloaded-in-stream.sse": { usage: [30, 1], error: ["model_unavailable"] },
  "gemini-parallel-calls-signed.sse": {
    calls: [
      ["function-call-1", "check_flight", '{"flight":"AA100"}'],
      ["function-call-2", "check_flight", '{"flight":"AA200"}'],
    ],
    // Thoughts are in the total only.
    usage: [94, 146],
    end: "tool_calls",
    kept: { extras: [{ extra_content: { google: { thought_signature: "CpcBAdHtim9...==" } } }, null] },
  },
  "gemini-thoughts-in-content.sse": {
    reasoning: "**Plan**\n\nLook at it.",
    text: "It is fine.",
    usage: [8, 52],
    end: "stop",
  },
  "gemini-malformed-call.sse": { usage: [500, 0], error: ["model_malformed_call"] },
  "gemini-safety.sse": { text: "Well", error: ["model_filtered"] },
  "gemini-error-list.json": { error: ["model_unavailable"] },
  "deepseek-reasoning-call.sse": {
    reasoning: "The user wants the date.",
    calls: [["call_00_rjZ4VwTmYv0", "get_date", "{}"]],
    usage: [305, 96],
    end: "tool_calls",
    kept: { reasoning_content: "The user wants the date." },
  },
  "deepseek-no-resources.sse": { error: ["model_unavailable"] },
  "mistral-call.sse": {
    calls: [["aB3xK9mP2", "read_file", '{"path": "a"}']],
    usage: [94, 32],
    end: "tool_calls",
  },
  "mistral-thinking-parts.sse": { reasoning: "Let me see.", text: "Four.", usage: [10, 30], end: "stop" },
  "mistral-model-length.sse": { text: "So long", end: "length" },
  "groq-reasoning.sse": { reasoning: "Hmm", text: "Yes", usage: [78, 20], end: "stop" },
  "xai-reasoning.sse": { reasoning: "Thinking", text: "42", usage: [32, 103], end: "stop" },
  "moonshot-usage-in-choice.sse": {
    reasoning: "Look.",
    calls: [["functions.read_file:0", "read_file", '{"path":"a"}']],
    usage: [19, 21],
    end: "tool_calls",
    kept: { reasoning_content: "Look." },
  },
  "openrouter-comments.sse": {
    reasoning: "First look",
    calls: [["toolu_1", "look", "{}"]],
    usage: [50, 12],
    end: "tool_calls",
    kept: {
      reasoning_details: [
        {
          type: "reasoning.text",
          text: "First look",
          signature: "SIGNED",
          format: "anthropic-claude-v1",
          index: 0,
        },
      ],
    },
  },
  "openrouter-error-before-text.sse": { error: ["model_unavailable"] },
  "openrouter-error-after-text.sse": { text: "Half", error: ["model_interrupted"] },
  "ollama-calls-at-once.sse": {
    reasoning: "Both",
    calls: [
      ["call_kq2", "disk", "{}"],
      ["call_kq3", "memory", "{}"],
    ],
    usage: [160, 45],
    end: "tool_calls",
  },
  "llamacpp-think-tags.sse": { reasoning: "a plan", text: "the answer", usage: [12, 9], end: "stop" },
  "llamacpp-error-event.sse": { error: ["model_rejected", "context_length"] },
  "vllm-named-calls.sse": {
    reasoning: "Right",
    calls: [["chatcmpl-tool-6c5f3a", "read_file", '{"path": "a"}']],
    usage: [210, 30],
    end: "tool_calls",
    kept: { reasoning_content: "Right" },
  },
  "lmstudio-null-arguments.sse": { calls: [["365174485", "system_info", "{}"]], end: "tool_calls" },
  "lmstudio-error-event.sse": { error: ["model_rejected", "context_length"] },
  "lmstudio-unexpected-endpoint.json": { error: ["model_rejected", "wrong_address"] },
  "litellm-signed-call.sse": {
    calls: [["call_5", "look", '{"a":1}']],
    usage: [20, 10],
    end: "tool_calls",
    kept: { extras: [{ provider_specific_fields: { thought_signature: "CiQB==" } }] },
  },
  "zhipu-sensitive.sse": { error: ["model_filtered"] },
  "zhipu-network-error.sse": { error: ["model_unavailable"] },
  "alibaba-empty-stop.sse": { error: ["model_empty"] },
};

let fake: FakeModel;
beforeAll(async () => {
  fake = await startFakeModel();
});
afterAll(() => fake.close());

/** @param cut bytes in each write; the whole file at once unless given */
async function hear(file: string, cut = Number.POSITIVE_INFINITY): Promise<Said> {
  const bytes = readFileSync(join(FOLDER, file));
  const raw: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += cut) raw.push(bytes.subarray(at, at + cut));
  fake.script([
    { raw, rawDelayMs: 0, contentType: file.endsWith(".json") ? "application/json" : "text/event-stream" },
  ]);
  const isAnthropic = file.startsWith("anthropic");
  return ask(
    isAnthropic
      ? anthropicProvider({ baseUrl: fake.url, apiKey: "k" })
      : openaiProvider({ baseUrl: `${fake.url}/v1`, apiKey: "k" }),
  );
}

function shapeOf({ text, reasoning, calls, usage, end, error, chunks }: Said): Expected {
  const kept = chunks.find((chunk) => chunk.type === "kept")?.state.value;
  const reason = (error?.data?.show as { reason?: string } | undefined)?.reason;
  return {
    ...(text === "" ? {} : { text }),
    ...(reasoning === "" ? {} : { reasoning }),
    ...(calls.length === 0
      ? {}
      : { calls: calls.map((call): [string, string, string] => [call.wire_id, call.name, call.arguments]) }),
    ...(usage ? { usage: [usage.input_tokens, usage.output_tokens] } : {}),
    ...(end ? { end } : {}),
    ...(error ? { error: reason ? [error.type ?? "", reason] : [error.type ?? ""] } : {}),
    ...(kept ? { kept } : {}),
  };
}

describe("the corpus of vendors' answers", () => {
  test("has an expectation for each of its files", () => {
    const files = readdirSync(FOLDER).filter((name) => name !== "refusals.json");
    expect(files.toSorted()).toEqual(Object.keys(CORPUS).toSorted());
  });

  test.each(Object.entries(CORPUS))("%s", async (file, expected) => {
    expect(shapeOf(await hear(file))).toEqual(expected);
  });

  test.each(["openai-parallel-calls.sse", "anthropic-thinking-tool-use.sse", "llamacpp-think-tags.sse"])(
    "%s, in small pieces",
    async (file) => {
      expect(shapeOf(await hear(file, 37))).toEqual(CORPUS[file]);
    },
  );
});
