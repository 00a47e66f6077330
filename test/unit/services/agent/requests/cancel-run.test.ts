import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { RunId } from "../../../../../contracts/ids.ts";
import type { AgentContext } from "../../../../../services/agent/context.ts";
import { cancelRun } from "../../../../../services/agent/requests/cancel-run.ts";
import { startRun } from "../../../../../services/agent/requests/start-run.ts";
import { waitFor } from "../../../../support/wait-for.ts";
import { openWorld, type World } from "../moments/world.ts";

let world: World;
beforeEach(async () => {
  world = await openWorld(20261130);
});
afterEach(() => world.close());

describe("cancel", () => {
  test("of a run that is stored and not begun yet: it is accepted all the same, asks no model and ends cancelled", async () => {
    const { agent } = world.start();
    let asked = 0;
    agent.asker = {
      health: () => [],
      ask: async () => {
        asked += 1;
        return { type: "failed", error: new Error("nobody is here") as never };
      },
    };
    const events = Object.create(agent.events) as AgentContext["events"];
    let isCancelled = false;
    events.open = async (id, epoch) => {
      if (!isCancelled) {
        isCancelled = true;
        await cancelRun(agent, world.caller, id);
      }
      return world.events.open(id, epoch);
    };
    for (const name of ["ready", "state", "readAll", "replay", "subscribe", "unended"] as const)
      events[name] = world.events[name].bind(world.events) as never;
    agent.events = events;
    const body = { message: "hello", if_busy: "reject" as const };
    const { run_id } = await startRun(agent, world.caller, { body });
    await waitFor("it has ended", async () => (await agent.runs.get(run_id))?.finish_reason != null);
    expect(await agent.runs.get(run_id as RunId)).toMatchObject({ status: "cancelled", epoch: 1 });
    expect(asked).toBe(0);
  });
});
