import { expect, test } from "@jest/globals";
import { processSignals } from "../../../../lib/embedded/signals.ts";

test("a listener that throws keeps neither the others from hearing nor the publisher from going on", () => {
  const thrown: unknown[] = [];
  const signals = processSignals((error) => thrown.push(error));
  const heard: unknown[] = [];
  signals.subscribe("a", () => {
    throw new Error("not me");
  });
  signals.subscribe("a", (data) => heard.push(data));
  signals.publish("a", 1);
  expect(heard).toEqual([1]);
  expect(thrown).toEqual([new Error("not me")]);
});
