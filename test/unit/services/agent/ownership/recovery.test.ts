import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import type { RunId } from "../../../../../contracts/ids.ts";
import type { AgentContext } from "../../../../../services/agent/context.ts";
import { accept } from "../../../../../services/agent/moments/accept.ts";
import { finish } from "../../../../../services/agent/moments/finish.ts";
import { takeUpOpenRuns } from "../../../../../services/agent/ownership/recovery.ts";
import { openWorld, type World } from "../moments/world.ts";

let world: World;
beforeEach(async () => {
  world = await openWorld(20261129);
});
afterEach(() => world.close());

describe("the sweep", () => {
  test("leaves a run alone that has ended since the page it reads was read, and says nothing of it", async () => {
    const process = world.start();
    const { agent } = process;
    const { run } = await accept(agent, world.caller, world.draft(process), {
      ifBusy: "reject",
      isBehind: false,
    });
    const error = jest.fn();
    const runs = Object.create(agent.runs) as AgentContext["runs"];
    runs.list = async (query) => {
      const page = await agent.runs.list(query);
      await world.finish(process, finish);
      await agent.runs.compareAndSet(run._id, {}, { $set: { open: null, owner: null } });
      return page;
    };
    runs.get = (id) => agent.runs.get(id);
    await takeUpOpenRuns({ ...agent, runs, log: { ...agent.log, error } as never });
    expect(error).not.toHaveBeenCalled();
    expect(await agent.runs.get(world.runId as RunId)).toMatchObject({ epoch: 1, status: "completed" });
  });
});
