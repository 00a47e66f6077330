// The line of a session takes ten, also when several processes put runs there in the same moment, on stores that do one thing at a time.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { RunId, SessionId } from "../../../../../contracts/ids.ts";
import { openEmbeddedPorts } from "../../../../../lib/embedded/open-embedded-ports.ts";
import { newId } from "../../../../../lib/ids.ts";
import { MAX_WAITING, queueRun, waitingIn } from "../../../../../services/agent/moments/wait-in-line.ts";
import { cancelRun } from "../../../../../services/agent/requests/cancel-run.ts";
import { startRun } from "../../../../../services/agent/requests/start-run.ts";
import type { RunDocument } from "../../../../../services/agent/run-document.ts";
import { apart } from "../../../../support/apart-ports.ts";
import { startPeers } from "../../../../support/peers.ts";
import { randomOf } from "../../../../support/random.ts";
import { waitFor } from "../../../../support/wait-for.ts";

let home: string;
let peers: Awaited<ReturnType<typeof startPeers>>;
let session: SessionId;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "macjarvis-line-"));
  const ports = apart(openEmbeddedPorts({ home }), randomOf(20261129));
  peers = await startPeers({ openPorts: async () => ports });
  const { a } = peers;
  session = (await a.agent.runs.get(await peers.workedBy(a)))?.session_id as SessionId;
});
afterEach(async () => {
  await peers.close();
  await rm(home, { recursive: true, force: true });
});

/** So many at once, half of them through each process. Answers the runs that wait, and what the others were told. */
async function queueAtOnce(count: number) {
  const { a, b, caller } = peers;
  const body = { message: "wait", session_id: session, if_busy: "queue" as const };
  const all = await Promise.allSettled(
    Array.from({ length: count }, (_, n) => startRun((n % 2 ? a : b).agent, caller, { body })),
  );
  const waiting = all.flatMap((one) => (one.status === "fulfilled" ? [one.value.run_id as RunId] : []));
  const refused = all.flatMap((one) =>
    one.status === "rejected" ? [(one.reason as { type: string }).type] : [],
  );
  return { waiting, refused };
}

test("of 30 at once in two processes ten wait, and no more", async () => {
  const { waiting, refused } = await queueAtOnce(30);
  expect(refused).toEqual(Array.from({ length: 20 }, () => "queue_full"));
  expect(waiting).toHaveLength(MAX_WAITING);
  expect(await waitingIn(peers.a.agent, session)).toBe(MAX_WAITING);
});

test("whoever leaves the line leaves room for one", async () => {
  const { a, caller } = peers;
  const { waiting } = await queueAtOnce(10);
  expect(waiting).toHaveLength(MAX_WAITING);
  const leaving = waiting[3] as RunId;
  await cancelRun(a.agent, caller, leaving);
  await waitFor("it has ended", async () => (await a.agent.runs.get(leaving))?.status === "cancelled");
  const after = await queueAtOnce(6);
  expect(after.waiting).toHaveLength(1);
  expect(after.refused).toEqual(Array.from({ length: 5 }, () => "queue_full"));
});

test("a run that was accepted before keeps its slot, and stands there also when there is none", async () => {
  const { agent } = peers.a;
  const { waiting } = await queueAtOnce(10);
  const one = (await agent.runs.get(waiting[0] as RunId)) as RunDocument;
  expect((await queueRun(agent, one)).slot).toBe(one.slot);
  const { slot: _none, ...drafted } = { ...one, _id: newId<RunId>("run"), rank: "1:" };
  const accepted: RunDocument = { ...drafted, status: "running" };
  await agent.runs.insert(accepted);
  const queued = await queueRun(agent, accepted);
  expect([queued.status, queued.slot]).toEqual(["queued", undefined]);
});
