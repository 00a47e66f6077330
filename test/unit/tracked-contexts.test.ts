// Moleculer keeps the contexts of calls that run, so that a service that stops can wait for them. A call that nobody waits for
// any more must not be among them: it would be kept for ever, and each stop would wait for it.
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { Service, ServiceBroker } from "moleculer";
import { emptyParams } from "../../contracts/quota.ts";
import { action } from "../../lib/broker/action.ts";
import { startTestBroker, type TestBroker } from "../support/test-broker.ts";

type Tracking = { _trackedContexts: unknown[] };

let stack: TestBroker;
let release = () => {};
beforeEach(async () => {
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const work = (timeout: number, handler: () => Promise<unknown>) =>
    action<"quota.plans", Service>({
      access: { kind: "public" },
      input: emptyParams,
      timeout,
      handler: handler as () => Promise<never>,
    });
  stack = await startTestBroker([
    {
      name: "slow",
      actions: {
        never: work(20, () => new Promise(() => {})),
        late: work(20, () => held),
        held: work(0, () => held),
        fails: work(20, () => Promise.reject(new Error("no"))),
      },
    },
  ]);
});
afterEach(() => stack.stop());

const tracked = ({ broker }: { broker: ServiceBroker }) => [
  ...(broker.getLocalService("slow") as unknown as Tracking)._trackedContexts,
  ...(broker as unknown as Tracking)._trackedContexts,
];
const call = (name: string) => stack.broker.call(`slow.${name}`, {});

test("calls that timed out leave nothing tracked behind, whether their handlers end or not", async () => {
  const calls = Array.from({ length: 20 }, (_, n) => call(n % 2 === 0 ? "never" : "late"));
  expect(tracked(stack)).toHaveLength(20);
  for (const settled of await Promise.allSettled(calls))
    expect(settled).toMatchObject({ status: "rejected", reason: { type: "REQUEST_TIMEOUT" } });
  expect(tracked(stack)).toEqual([]);
  release();
  await expect(call("fails")).rejects.toThrow("no");
  expect(tracked(stack)).toEqual([]);
});

test("a call that is waited for is tracked, and a service that stops waits for it", async () => {
  const held = call("held");
  expect(tracked(stack)).toHaveLength(1);
  let isStopped = false;
  const stopping = stack.broker.destroyService("slow").then(() => {
    isStopped = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(isStopped).toBe(false);
  release();
  await Promise.all([held, stopping]);
  expect(isStopped).toBe(true);
});
