// What who attaches to a run later is told.
import { expect, test } from "@jest/globals";
import type { RunEvent } from "../../../../contracts/run-events.ts";
import { LateListener } from "../../../../services/api/late-listener.ts";

const said = (step: number, text: string) => ({ event: "content", data: { step, text } }) as RunEvent;
const thought = (step: number, text: string) => ({ event: "reasoning", data: { step, text } }) as RunEvent;
const reset = (step: number) => ({ event: "reset", data: { step, reason: "x" } }) as RunEvent;
const usage = (step: number) => ({ event: "usage", data: { step } }) as RunEvent;

test.each<[what: string, before: RunEvent[], next: RunEvent[], told: RunEvent[][]]>([
  [
    "all of a step that has ended",
    [said(1, "a"), usage(1)],
    [said(2, "b")],
    [[said(1, "a"), usage(1)], [said(2, "b")]],
  ],
  [
    "nothing that is void",
    [thought(1, "a"), said(1, "b"), reset(1), said(1, "c"), usage(1)],
    [],
    [[said(1, "c"), usage(1)], []],
  ],
  [
    "a step under way with its next piece",
    [said(1, "a"), usage(1), said(2, "b")],
    [said(2, "c")],
    [
      [said(1, "a"), usage(1)],
      [said(2, "b"), said(2, "c")],
    ],
  ],
  [
    "nothing of a step that is void with its next event",
    [said(1, "a"), thought(1, "b")],
    [reset(1), said(1, "c")],
    [[], [said(1, "c")]],
  ],
  ["that something is void that it was told", [usage(1)], [reset(1)], [[usage(1)], [reset(1)]]],
])("%s", (_what, before, next, told) => {
  const late = new LateListener();
  for (const event of before) late.add(event);
  const first = late.take();
  for (const event of next) late.add(event);
  expect([first, late.takeAll()]).toEqual(told);
});
