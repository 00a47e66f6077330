// What becomes of a run of another process: while its owner lives, when it is gone, and when it may not work any more.
import { setTimeout } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { RunId } from "../../../../../contracts/ids.ts";
import { CANCEL_ASKED } from "../../../../../services/agent/context.ts";
import { letGoOfAll } from "../../../../../services/agent/ownership/drain.ts";
import { takeUpOpenRuns } from "../../../../../services/agent/ownership/recovery.ts";
import { cancelRun } from "../../../../../services/agent/requests/cancel-run.ts";
import { endSession } from "../../../../../services/agent/requests/remove-runs.ts";
import { type Peer, startPeers } from "../../../../support/peers.ts";
import { waitFor } from "../../../../support/wait-for.ts";

/** In which one that did not wait would be found out. */
const LONGER_THAN_A_LOOK_MS = 1_500;

let peers: Awaited<ReturnType<typeof startPeers>>;
let owner: Peer;
let other: Peer;
beforeEach(async () => {
  peers = await startPeers();
  [owner, other] = [peers.a, peers.b];
});
afterEach(() => peers.close());

const runOf = (id: RunId) => other.agent.runs.get(id);
const ended = (id: RunId) =>
  waitFor("the run has ended", async () => (await runOf(id))?.finish_reason != null);

describe("a run of another process", () => {
  test("is left alone while its owner lives, and worked to its end when that is gone", async () => {
    const id = await peers.workedBy(owner);
    await takeUpOpenRuns(other.agent);
    expect(await runOf(id)).toMatchObject({ epoch: 1, owner: owner.broker.nodeID });
    other.gone.push(owner.broker.nodeID);
    await takeUpOpenRuns(other.agent);
    await ended(id);
    expect(await runOf(id)).toMatchObject({ epoch: 2, takeovers: 1, finish_reason: "stop" });
    // Whoever wakes after that decides nothing any more.
    owner.agent.owned.active.get(id)?.stop.abort("cancelled");
    await waitFor("the former owner has let go", () => owner.agent.owned.active.size === 0);
    expect(await runOf(id)).toMatchObject({ epoch: 2, status: "completed" });
  });

  test("is let go of by an owner without a lease: nothing is decided, and the next one goes on", async () => {
    const id = await peers.workedBy(owner);
    owner.agent.owners.isHeld = () => false;
    letGoOfAll(owner.agent);
    await waitFor("it has let go", () => owner.agent.owned.active.size === 0);
    expect(await runOf(id)).toMatchObject({ epoch: 1, status: "running", finish_reason: null });
    other.gone.push(owner.broker.nodeID);
    await takeUpOpenRuns(other.agent);
    await ended(id);
    expect(await runOf(id)).toMatchObject({ epoch: 2, finish_reason: "stop" });
  });

  test("is cancelled by its owner, who is told by whoever was asked", async () => {
    const id = await peers.workedBy(owner);
    await cancelRun(other.agent, peers.caller, id);
    await ended(id);
    expect(await runOf(id)).toMatchObject({ epoch: 1, status: "cancelled" });
  });

  test("is cancelled as soon as its owner looks when the word for it was lost", async () => {
    const id = await peers.workedBy(owner);
    const { publish } = other.agent.signals;
    let isLost = false;
    other.agent.signals.publish = (subject, data) => {
      if (subject === CANCEL_ASKED) isLost = true;
      else publish(subject, data);
    };
    await cancelRun(other.agent, peers.caller, id);
    expect(isLost).toBe(true);
    await ended(id);
    expect(await runOf(id)).toMatchObject({ epoch: 1, status: "cancelled" });
  });

  test("is waited for to its very end where its session is ended", async () => {
    const id = await peers.workedBy(owner);
    const session = (await runOf(id))?.session_id;
    if (!session) throw new Error("the run has no session");
    const { promise: mayLeave, resolve: leave } = Promise.withResolvers<void>();
    const { ask } = owner.agent;
    owner.agent.ask = async (...given) => {
      if (given[1] === "sessions.leave") await mayLeave;
      return ask(...given);
    };
    let hasEnded = false;
    const ending = endSession(other.agent, { ...peers.caller, service: "sessions" }, session).then(() => {
      hasEnded = true;
    });
    await ended(id);
    await setTimeout(LONGER_THAN_A_LOOK_MS);
    expect(hasEnded).toBe(false);
    leave();
    await ending;
    expect(await runOf(id)).toMatchObject({ status: "cancelled" });
  });
});
