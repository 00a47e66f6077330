import { expect, test } from "@jest/globals";
import type { CallDocument, RunDocument } from "../../../../../services/agent/run-document.ts";
import { messagesOf, runView } from "../../../../../services/agent/runs/view.ts";

test("a run and the messages it leaves tell of the pictures of a result, without their bytes", () => {
  const step = {
    number: 1,
    status: "complete",
    content: "I look.",
    usage: { cost_micro: 0 },
    calls: [{ call_id: "call_1" }],
  };
  const run = { _id: "run_1", steps: [step], usage: { cost_micro: 0 } } as unknown as RunDocument;
  const images = [{ media_type: "image/png", bytes: 6, data: "PIXELS==" }];
  const call = {
    _id: "call_1",
    step: 1,
    index: 0,
    name: "look",
    result: { ok: true, images },
  } as unknown as CallDocument;
  const view = runView(run, [call]);
  expect(view.steps[0]?.tool_calls[0]?.result).toEqual({
    ok: true,
    images: [{ media_type: "image/png", bytes: 6 }],
  });
  const messages = messagesOf(run, [call]);
  expect(messages.at(-1)?.content).toContain("call the tool again");
  expect(JSON.stringify([view, messages])).not.toContain("PIXELS");
});
