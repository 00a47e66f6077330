// The same Idempotency-Key at two processes, while the first one does not know yet whether it will accept its run.
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { AppError } from "../../../../../lib/errors.ts";
import type { AgentContext } from "../../../../../services/agent/context.ts";
import { Starts } from "../../../../../services/agent/requests/start-once.ts";
import { waitFor } from "../../../../support/wait-for.ts";
import { openWorld, type World } from "../moments/world.ts";

const BODY = { message: "hello", if_busy: "reject" as const };

let world: World;
let entering: PromiseWithResolvers<void>;
let gate: PromiseWithResolvers<void>;
let first: AgentContext;
let second: AgentContext;
beforeEach(async () => {
  world = await openWorld(20261130);
  entering = Promise.withResolvers();
  gate = Promise.withResolvers();
  gate.promise.catch(() => undefined);
  first = world.start().agent;
  // Only one process migrates an embedded store.
  await first.ask(world.caller, "quota.usage", { days: 1 });
  second = world.start().agent;
  const { ask } = first;
  first.ask = (async (...asked: Parameters<typeof ask>) => {
    if (asked[1] === "sessions.enter") {
      entering.resolve();
      await gate.promise;
    }
    return ask(...asked);
  }) as typeof ask;
});
afterEach(() => world.close());

const start = (agent: AgentContext, body = BODY) => new Starts(agent).start(world.caller, { body }, "key");

describe("a request whose equal is being accepted elsewhere", () => {
  test("attaches once that one is accepted, not before", async () => {
    const begun = start(first);
    await entering.promise;
    let isAnswered = false;
    const again = start(second).finally(() => {
      isAnswered = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(isAnswered).toBe(false);
    gate.resolve();
    const { run_id } = await begun;
    expect(await again).toMatchObject({ run_id, attached: true });
  });

  test("begins a run of its own when that one is taken back, and nobody cancels it", async () => {
    const begun = start(first);
    await entering.promise;
    const again = start(second);
    gate.reject(new AppError("store_unavailable"));
    await expect(begun).rejects.toMatchObject({ type: "store_unavailable" });
    const { run_id, attached } = await again;
    expect(attached).toBe(false);
    expect(await second.runs.get(run_id)).toMatchObject({ cancel_requested: false });
  });

  test("attaches where that one has taken the last place and is not stored yet", async () => {
    second.owners = { ...second.owners, isAlone: false };
    const [holds, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const { ask } = first;
    first.ask = (async (...asked: Parameters<typeof ask>) => {
      const answer = await ask(...asked);
      if (asked[1] !== "quota.reserve") return answer;
      holds.resolve();
      await go.promise;
      return answer;
    }) as typeof ask;
    gate.resolve();
    const begun = start(first);
    await holds.promise;
    const { ask: askSecond, runs } = second;
    const list: typeof runs.list = async (query) => {
      const found = await runs.list(query);
      // It has looked in vain; the other one stores its run before the next look.
      go.resolve();
      second.runs = Object.assign(Object.create(runs), {
        list: async (again: typeof query) => begun.then(() => runs.list(again)),
      });
      return found;
    };
    second.ask = (async (...asked: Parameters<typeof ask>) => {
      if (asked[1] !== "quota.reserve") return askSecond(...asked);
      second.runs = Object.assign(Object.create(runs), { list });
      throw new AppError("concurrency_exceeded", "There is no room.");
    }) as typeof ask;
    const again = start(second);
    const { run_id } = await begun;
    expect(await again).toMatchObject({ run_id, attached: true });
  });

  test("is refused at once where it says something else", async () => {
    const begun = start(first);
    await entering.promise;
    await expect(start(second, { ...BODY, message: "other" })).rejects.toMatchObject({
      type: "idempotency_mismatch",
    });
    gate.resolve();
    await begun;
  });
});

test("a refusal does not wait for a withdrawal that the store keeps back, and nobody takes the run up until that has ended", async () => {
  const held = Promise.withResolvers<null>();
  const { runs } = first;
  first.runs = new Proxy(runs, {
    get: (all, name: keyof typeof runs) =>
      name === "compareAndSet" ? () => held.promise : (all[name] as () => unknown).bind(all),
  });
  const begun = start(first);
  await entering.promise;
  gate.reject(new AppError("store_unavailable"));
  await expect(begun).rejects.toMatchObject({ type: "store_unavailable" });
  expect(first.owned.accepting.size).toBe(1);
  held.resolve(null);
  await waitFor("it has ended", () => first.owned.accepting.size === 0);
});
