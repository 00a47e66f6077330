// A run that stands in line is seen by every process, also before the one that accepts it has told its first event.
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { RunId } from "../../../../../contracts/ids.ts";
import type { AgentContext } from "../../../../../services/agent/context.ts";
import { accept } from "../../../../../services/agent/moments/accept.ts";
import { standInLine } from "../../../../../services/agent/ownership/line.ts";
import { startRun } from "../../../../../services/agent/requests/start-run.ts";
import { openWorld, type World } from "../moments/world.ts";

let world: World;
beforeEach(async () => {
  world = await openWorld(20261130);
});
afterEach(() => world.close());

test("another process that tells of it first does not make its acceptor tell it again", async () => {
  const process = world.start();
  const { agent } = process;
  // It has the session.
  const first = world.draft(process);
  await accept(agent, world.caller, first, { ifBusy: "reject", isBehind: false });
  const other = world.start().agent;
  let id: RunId | undefined;
  const events = Object.create(agent.events) as AgentContext["events"];
  for (const name of ["ready", "state", "readAll", "replay", "subscribe", "unended"] as const)
    events[name] = world.events[name].bind(world.events) as never;
  events.open = async (run, epoch) => {
    if (id === undefined) {
      id = run;
      const waiting = await other.runs.get(run);
      expect(waiting).toMatchObject({ status: "queued", owner: null });
      if (waiting) await standInLine(other, waiting);
    }
    return world.events.open(run, epoch);
  };
  agent.events = events;
  const body = { message: "more", if_busy: "queue" as const, session_id: first.session_id };
  const { run_id } = await startRun(agent, world.caller, { body });
  const told = await world.events.readAll(run_id as RunId);
  expect(told.map(({ event }) => event.event)).toEqual(["run"]);
});
