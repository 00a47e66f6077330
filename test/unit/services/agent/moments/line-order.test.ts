// The line of a session is in the order of the session's own count, whatever the clocks of the processes say that took the requests.
import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import type { RunId, SessionId } from "../../../../../contracts/ids.ts";
import { AppError } from "../../../../../lib/errors.ts";
import { cancelRun } from "../../../../../services/agent/requests/cancel-run.ts";
import { startRun } from "../../../../../services/agent/requests/start-run.ts";
import { answeringModel, type Peer, startPeers } from "../../../../support/peers.ts";
import { waitFor } from "../../../../support/wait-for.ts";

let peers: Awaited<ReturnType<typeof startPeers>>;
beforeEach(async () => {
  peers = await startPeers();
});
afterEach(async () => {
  jest.useRealTimers();
  await peers.close();
});

const DAY_MS = 86_400_000;

/** Asks through `peer`, whose clock is ahead by so much. */
async function queue({ agent }: Peer, session_id: SessionId, aheadMs: number): Promise<RunId> {
  jest.useFakeTimers({ now: Date.now() + aheadMs, doNotFake: ALL_BUT_DATE });
  try {
    const body = { message: "wait", session_id, if_busy: "queue" as const };
    return (await startRun(agent, peers.caller, { body })).run_id as RunId;
  } finally {
    jest.useRealTimers();
  }
}

const ALL_BUT_DATE = [
  ...(["hrtime", "nextTick", "performance", "queueMicrotask", "setImmediate", "clearImmediate"] as const),
  ...(["setInterval", "clearInterval", "setTimeout", "clearTimeout"] as const),
];

test("those that came before go before, also behind one of a process whose clock is a day ahead", async () => {
  const { a, b } = peers;
  const session = (await a.agent.runs.get(await peers.workedBy(a)))?.session_id as SessionId;
  const inLine = [
    await queue(a, session, DAY_MS),
    await queue(b, session, 0),
    await queue(a, session, DAY_MS),
  ];
  const line = await b.agent.runs.list({ index: "waiting", equals: { session_id: session }, limit: 10 });
  expect(line.map(({ _id }) => _id)).toEqual(inLine);
  expect(line.map(({ rank }) => rank)).toEqual(["1:000000000001", "1:000000000002", "1:000000000003"]);
});

test("G1 a free session is not taken by one that came later while nobody can start the first of the line", async () => {
  const { a, b, caller } = peers;
  const holder = await peers.workedBy(a);
  const session = (await a.agent.runs.get(holder))?.session_id as SessionId;
  const asks = [a, b].map(({ agent }) => {
    const { ask } = agent;
    agent.ask = ((by, action, ...rest) => {
      if (action === "users.callerOf") throw new AppError("busy");
      return ask(by, action, ...rest);
    }) as typeof ask;
    return () => {
      agent.ask = ask;
      agent.asker = answeringModel;
    };
  });
  const first = await queue(a, session, 0);
  await cancelRun(a.agent, caller, holder);
  await waitFor("the session is free", async () => {
    const { session: seen } = await b.agent.ask(caller, "sessions.get", { id: session });
    return seen.active_run_id === null;
  });
  const second = await queue(b, session, 0);
  expect(await b.agent.runs.get(second)).toMatchObject({ status: "queued" });
  const reject = { message: "now", session_id: session, if_busy: "reject" as const };
  await expect(startRun(b.agent, caller, { body: reject })).rejects.toMatchObject({ type: "session_busy" });
  for (const mend of asks) mend();
  for (const id of [first, second])
    await waitFor("it has its answer", async () => (await b.agent.runs.get(id))?.status === "completed");
  const { messages } = await b.agent.ask(caller, "sessions.history", { id: session });
  const asked = messages.filter(({ role }) => role === "user").map(({ run_id }) => run_id);
  expect(asked).toEqual([holder, first, second]);
});
