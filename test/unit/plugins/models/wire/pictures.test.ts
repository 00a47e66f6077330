// Pictures of tool results in the vendors' own forms.
import { describe, expect, test } from "@jest/globals";
import type { ModelRequest, PromptMessage } from "../../../../../contracts/models.ts";
import * as anthropic from "../../../../../plugins/models/anthropic/request.ts";
import * as openai from "../../../../../plugins/models/openai/request.ts";
import { tokensOfMessages } from "../../../../../plugins/models/prices.ts";
import { NOTHING_LEARNT } from "../../../../../plugins/models/wire/lessons.ts";

const PNG = "iVBORw0KGgo=";
const call = (wire_id: string) => ({ wire_id, name: "capture_screenshot", arguments: "{}" });
const result = (wire_id: string, data?: string): PromptMessage => ({
  role: "tool",
  wire_id,
  name: "capture_screenshot",
  content: '{"ok":true}',
  ...(data ? { images: [{ media_type: "image/png", data }] } : {}),
});
const MESSAGES: PromptMessage[] = [
  { role: "user", content: "what is on my screens?" },
  { role: "assistant", content: "", tool_calls: [call("a"), call("b")] },
  result("a", PNG),
  result("b"),
];
const request = (tools: ModelRequest["tools"] = []): ModelRequest => ({
  model: "m",
  messages: MESSAGES,
  tools,
  signal: new AbortController().signal,
  runId: "run_test",
});
const TOOLS = [{ name: "capture_screenshot", description: "looks", parameters: { type: "object" } }];
const openaiMessages = (provider: string) =>
  (
    JSON.parse(
      openai.requestBody(request(TOOLS), {
        provider,
        isOpenAi: provider === "openai",
        learnt: NOTHING_LEARNT,
      }),
    ) as { messages: { role: string; content: unknown }[] }
  ).messages;

describe("a picture of a tool's result", () => {
  test("stands in OpenAI's language in words of the user behind all results of the step", () => {
    const messages = openaiMessages("openai");
    expect(messages.map(({ role }) => role)).toEqual(["user", "assistant", "tool", "tool", "user"]);
    expect(messages.at(-1)?.content).toEqual([
      { type: "text", text: expect.stringContaining("results of capture_screenshot") },
      { type: "image_url", image_url: { url: `data:image/png;base64,${PNG}` } },
    ]);
  });

  test("comes by turns where a server wants turns", () => {
    const messages = openaiMessages("gemini");
    expect(messages.map(({ role }) => role)).toEqual([
      "user",
      "assistant",
      "tool",
      "tool",
      "assistant",
      "user",
    ]);
    expect(JSON.stringify(messages.at(-1))).toContain(PNG);
  });

  test("is a block of Anthropic's result, and of the user's words where calls are told in words", () => {
    const turns = (tools: ModelRequest["tools"]) =>
      (
        JSON.parse(anthropic.requestBody(request(tools), "anthropic", 100)) as {
          messages: { content: unknown }[];
        }
      ).messages;
    const block = { type: "image", source: { type: "base64", media_type: "image/png", data: PNG } };
    expect(turns(TOOLS).at(-1)?.content).toEqual([
      { type: "tool_result", tool_use_id: "a", content: [{ type: "text", text: '{"ok":true}' }, block] },
      { type: "tool_result", tool_use_id: "b", content: '{"ok":true}' },
    ]);
    expect(turns([]).at(-1)?.content).toEqual([{ type: "text", text: expect.any(String) }, block]);
  });

  test("is a sentence to an Anthropic model that has refused pictures", () => {
    const learnt = { ...NOTHING_LEARNT, demands: new Set(["no_images" as const]) };
    const body = anthropic.requestBody(request(TOOLS), "anthropic", 100, learnt);
    expect(body).not.toContain(PNG);
    expect(body).toContain("cannot see pictures");
  });

  test("G15 counts for the window, whatever its bytes are", () => {
    const [withOne, without] = [result("a", "A".repeat(1_000_000)), result("a")].map((one) =>
      tokensOfMessages([one]),
    );
    expect((withOne ?? 0) - (without ?? 0)).toBe(2_000);
  });
});
