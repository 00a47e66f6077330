import { expect, test } from "@jest/globals";
import type { RunEvent } from "../../../../../contracts/run-events.ts";
import { Announcer } from "../../../../../services/agent/events/announcer.ts";
import type { CallDocument } from "../../../../../services/agent/run-document.ts";

test("an answer that came while its call was ended for another reason is told before the call's result, once", () => {
  const told: RunEvent[] = [];
  const writer = { append: (event: RunEvent) => void told.push(event) };
  const announcer = new Announcer(writer as never, () => undefined);
  const asked = { _id: "call_1", step: 1, name: "write_file", status: "waiting_approval", result: null };
  const approval = { expires_at: "", decision: null, decided_by: null };
  const question = { ...asked, approval } as unknown as CallDocument;
  announcer.callStarted(question);
  announcer.approvalAsked(question);
  const answered = { ...approval, decision: "deny", decided_by: "usr_1" };
  const ended = { ...asked, status: "cancelled", approval: answered } as unknown as CallDocument;
  announcer.callEnded(ended);
  announcer.approvalResolved(ended);
  expect(told.map(({ event }) => event)).toEqual([
    "tool_start",
    "approval_required",
    "approval_resolved",
    "tool_result",
  ]);
});

test("a result is told with what its pictures are, and without their bytes", () => {
  const told: RunEvent[] = [];
  const announcer = new Announcer(
    { append: (event: RunEvent) => void told.push(event) } as never,
    () => undefined,
  );
  const images = [{ media_type: "image/png", bytes: 6, data: "PIXELS==" }];
  const call = {
    _id: "call_1",
    step: 1,
    name: "capture_screenshot",
    status: "done",
    result: { ok: true, images },
  };
  announcer.callEnded(call as unknown as CallDocument);
  expect(told.at(-1)).toMatchObject({
    event: "tool_result",
    data: { result: { ok: true, images: [{ media_type: "image/png", bytes: 6 }] } },
  });
  expect(JSON.stringify(told)).not.toContain("PIXELS");
});
