import { describe, expect, test } from "@jest/globals";
import type { CallId, NodeId, SessionId } from "../../../../../contracts/ids.ts";
import type { OfferedNode } from "../../../../../contracts/nodes.ts";
import type { Message } from "../../../../../contracts/sessions.ts";
import {
  buildPrompt,
  type PromptData,
  summarised,
} from "../../../../../services/agent/prompt/build-prompt.ts";
import { historyOf } from "../../../../../services/agent/prompt/exchanges.ts";
import { narrower } from "../../../../../services/agent/prompt/window.ts";
import type { CallDocument, RunDocument, StoredStep } from "../../../../../services/agent/run-document.ts";

const session_id = "ses_1" as SessionId;
const said = (role: Message["role"], content: string, more: Partial<Message> = {}): Message =>
  ({
    id: `msg_${content.slice(0, 9)}`,
    session_id,
    role,
    content,
    status: "complete",
    created_at: "",
    ...more,
  }) as Message;

function data(over: Partial<PromptData> = {}): PromptData {
  const run = {
    text: "and now?",
    steps: [] as StoredStep[],
    created_at: "2026-11-28T10:00:00.000Z",
  } as unknown as RunDocument;
  const history = historyOf(
    { messages: [said("user", "hello"), said("assistant", "hi")], complete: true },
    "run_1",
  );
  return {
    run,
    calls: [],
    offered: { tools: [], nodes: [], memory: [] },
    history,
    summary: null,
    window: 8_000,
    ...over,
  };
}

const calls: CallDocument[] = [0, 1].map(
  (index) =>
    ({
      step: 1,
      index,
      wire_id: `w${index}`,
      name: "look",
      result: { ok: true, data: `seen ${index}` },
    }) as unknown as CallDocument,
);
const step = {
  number: 1,
  content: "I look.",
  calls: [0, 1].map((index) => ({
    call_id: `call_${index}` as CallId,
    wire_id: `w${index}`,
    name: "look",
    arguments: "{}",
  })),
} as unknown as StoredStep;

describe("the prompt of a step", () => {
  test("has the rules, what was said before, the question, and the steps so far with their results", () => {
    const run = { ...data().run, steps: [step] };
    const { messages } = buildPrompt(data({ run, calls }));
    expect(messages.map(({ role }) => role)).toEqual([
      "system",
      "user",
      "assistant",
      "user",
      "assistant",
      "tool",
      "tool",
    ]);
    expect(messages[3]).toEqual({ role: "user", content: "and now?" });
    expect(messages.slice(5).map((message) => message.role === "tool" && message.wire_id)).toEqual([
      "w0",
      "w1",
    ]);
  });

  test("shows the pictures of the three newest results that have some, and tells of the others", () => {
    const pictured = [1, 2, 3, 4, 5].map(
      (number): CallDocument =>
        ({
          ...calls[0],
          step: number,
          wire_id: `w${number}`,
          result: { ok: true, images: [{ media_type: "image/png", bytes: 3, data: `P${number}==` }] },
        }) as unknown as CallDocument,
    );
    const run = { ...data().run, steps: pictured.map((call) => ({ ...step, number: call.step })) };
    const results = (window: number) =>
      buildPrompt(data({ run, calls: pictured, window })).messages.filter(({ role }) => role === "tool");
    const shown = (window: number) =>
      results(window).map((one) => ("images" in one ? one.images?.[0]?.data : null));
    expect(shown(100_000)).toEqual([null, null, "P3==", "P4==", "P5=="]);
    expect(shown(5_000)).toEqual([null, null, null, null, "P5=="]);
    expect(shown(2_500).every((data) => data === null)).toBe(true);
    expect(results(100_000)[0]?.content).toContain("not shown here any more");
    expect(JSON.stringify(results(100_000).map(({ content }) => content))).not.toContain("==");
  });

  test("is the same for the same data, and changes nothing of it", () => {
    const given = data();
    const before = JSON.stringify(given);
    expect(buildPrompt(given)).toEqual(buildPrompt(given));
    expect(JSON.stringify(given)).toBe(before);
  });

  test("says which machines there are only where it offers tools", () => {
    const nodes: OfferedNode[] = [
      { id: "nod_1" as NodeId, name: "studio", platform: "darwin", labels: {}, connected: true },
      { id: "nod_2" as NodeId, name: "attic", platform: "linux", labels: { room: "top" }, connected: false },
    ];
    const offered = {
      tools: [{ name: "look", description: "", parameters: { type: "object" } }],
      nodes,
      memory: [],
    };
    const { system } = buildPrompt(data({ offered }));
    expect(system).toContain('"studio" (nod_1, darwin)');
    expect(system).toContain('"attic" (nod_2, linux, labels {"room":"top"}, not connected');
    expect(system).toContain('Name the one to work on with "machine"');
    expect(buildPrompt(data()).system).not.toContain("studio");
  });

  test("drops what does not fit, keeps the question, and takes a summary in its place", () => {
    const long = Array.from({ length: 40 }, (_, index) =>
      said("user", `${index} ${"word ".repeat(300)}`, { id: `msg_${index}` as Message["id"] }),
    );
    const prompt = buildPrompt(
      data({ history: historyOf({ messages: long, complete: true }, "run_1"), window: 6_000 }),
    );
    expect(prompt.dropped.length).toBeGreaterThan(0);
    expect(prompt.messages.at(-1)).toEqual({ role: "user", content: "and now?" });
    const shorter = summarised(prompt, "they said words");
    expect(shorter.messages[0]?.content).toContain('"they said words"');
    expect(prompt.messages[0]?.content).not.toContain("they said words");
  });

  test("leaves out the run's own messages, which the session has already", () => {
    const messages = [
      said("user", "hello"),
      said("user", "and now?", { run_id: "run_1" as Message["run_id"] }),
    ];
    expect(historyOf({ messages, complete: true }, "run_1").exchanges).toHaveLength(1);
  });
});

describe("a window that a server refused", () => {
  test("is halved as long as there is something to be won by it", () => {
    expect(narrower(32_000, 1_000)).toBe(16_000);
    expect(narrower(4_000, 1_000)).toBe(2_000);
    expect(narrower(2_000, 1_000)).toBeUndefined();
    expect(narrower(10_000, 6_000)).toBeUndefined();
    expect(narrower(32_000, 1_000, 8_192)).toBe(8_192);
  });
});
