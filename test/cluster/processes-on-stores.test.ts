// Two whole processes but for the gateway and the bus, each with its own ways to the real stores of a cluster: what is left to the
// stores is true without any word between them.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { pino } from "pino";
import type { LocalServer } from "../../bin/cluster/servers/local-server.ts";
import { startNats } from "../../bin/cluster/servers/nats.ts";
import { newDatabase, startPostgres } from "../../bin/cluster/servers/postgres.ts";
import { startRedis } from "../../bin/cluster/servers/redis.ts";
import type { RunId, SessionId } from "../../contracts/ids.ts";
import { SYSTEM } from "../../lib/broker/action.ts";
import { type ClusterPorts, openClusterPorts } from "../../lib/cluster/open-cluster-ports.ts";
import { SERVICES } from "../../lib/env/cluster.ts";
import { AppError, isType } from "../../lib/errors.ts";
import { newId } from "../../lib/ids.ts";
import type { Ports } from "../../lib/ports/ports.ts";
import { takeUpOpenRuns } from "../../services/agent/ownership/recovery.ts";
import { cancelRun } from "../../services/agent/requests/cancel-run.ts";
import { startRun } from "../../services/agent/requests/start-run.ts";
import { answeringModel, askingModel, type Peer, startPeers } from "../support/peers.ts";
import { otherDatabase } from "../support/servers/given-mongo.ts";
import { startMongo } from "../support/servers/mongo.ts";
import { waitFor } from "../support/wait-for.ts";

const ALL = new Set<keyof Ports>([
  ...(["sql", "migrate", "documents", "moments", "events", "audit"] as const),
  ...(["counters", "cache", "locks", "presence", "work", "signals", "outlet"] as const),
]);

let servers: { postgres: LocalServer; mongo: LocalServer; nats: LocalServer; redis: LocalServer };
beforeAll(async () => {
  const [postgres, mongo, nats, redis] = await Promise.all([
    startPostgres(),
    startMongo(),
    startNats(),
    startRedis(),
  ]);
  servers = { postgres, mongo, nats, redis };
});
afterAll(() => Promise.all(Object.values(servers).map((server) => server.stop())));

let writers = 0;
async function opener(needs: ReadonlySet<keyof Ports> = ALL): Promise<() => Promise<ClusterPorts>> {
  const urls = {
    postgres: await newDatabase(servers.postgres),
    mongo: otherDatabase(servers.mongo.url),
    nats: servers.nats.url,
    redis: servers.redis.url,
  };
  return () => {
    writers += 1;
    return openClusterPorts({
      ...{
        urls,
        needs,
        services: SERVICES,
        name: `test-${writers}`,
        writer: `w${writers}`,
        home: "/nowhere",
        release: "test",
      },
      secrets: ["s".repeat(32)],
      log: pino({ level: "silent" }),
    });
  };
}

let peers: Awaited<ReturnType<typeof startPeers>> | undefined;
afterEach(async () => {
  await peers?.close();
  peers = undefined;
});

async function started(isLeased: boolean) {
  peers = await startPeers({ openPorts: await opener(), isLeased });
  return peers;
}

const ended = ({ agent }: Peer, id: RunId) =>
  waitFor("the run has ended", async () => (await agent.runs.get(id))?.finish_reason != null);

describe("on PostgreSQL, MongoDB, NATS and Redis", () => {
  test("a chat of one process is read in the other: its run, its events, its messages, what it cost", async () => {
    const { a, b, caller } = await started(false);
    a.agent.asker = answeringModel;
    const { run_id, session_id } = await startRun(a.agent, caller, { body: { message: "hello" } as never });
    await ended(b, run_id as RunId);
    await waitFor("it is told", async () => (await b.agent.events.state(run_id as RunId)).done);
    expect(await b.agent.runs.get(run_id as RunId)).toMatchObject({ status: "completed", epoch: 1 });
    const { messages } = await b.agent.ask(caller, "sessions.history", { id: session_id as SessionId });
    expect(messages.map(({ role, content }) => [role, content])).toEqual([
      ["user", "hello"],
      ["assistant", "done"],
    ]);
    const { today } = await b.agent.ask(caller, "quota.usage", { days: 1 });
    expect(today.requests).toBe(1);
  });

  test("G8 the same key in both at once, twenty times: one run, one message, one charge", async () => {
    const { a, b, caller } = await started(false);
    for (const { agent } of [a, b]) agent.asker = answeringModel;
    const request = {
      body: { message: "once", if_busy: "reject" as const },
      idempotency_key: newId("event"),
    };
    const all = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        (n % 2 ? a : b).agent.ask(caller, "agent.start", request as never, { asThemselves: true }),
      ),
    );
    expect(new Set(all.map(({ run_id }) => run_id)).size).toBe(1);
    const [first] = all;
    await ended(b, first?.run_id as RunId);
    const { messages } = await a.agent.ask(caller, "sessions.history", { id: first?.session_id as never });
    expect(messages.filter(({ role }) => role === "user")).toHaveLength(1);
    expect((await a.agent.ask(caller, "quota.usage", { days: 1 })).today.requests).toBe(1);
  });

  test("G1, G8 a chat whose acceptance broke off is refused, and the same request again is accepted, not attached to what was taken back", async () => {
    const { a, b, caller } = await started(false);
    for (const { agent } of [a, b]) agent.asker = answeringModel;
    const { ask } = a.agent;
    a.agent.ask = ((by, action, ...rest) => {
      if (action === "sessions.enter") throw new AppError("store_unavailable");
      return ask(by, action, ...rest);
    }) as typeof ask;
    const request = { body: { message: "once", if_busy: "reject" }, idempotency_key: newId("event") };
    const start = () => ask(caller, "agent.start", request as never, { asThemselves: true });
    const refused = await start().catch((error: unknown) => error);
    expect(isType(refused, "store_unavailable")).toBe(true);
    a.agent.ask = ask;
    const again = await start();
    expect(again.attached).toBe(false);
    await waitFor("it is told", async () => (await b.agent.events.state(again.run_id as RunId)).done);
    expect(await b.agent.runs.get(again.run_id as RunId)).toMatchObject({ status: "completed" });
    const { messages } = await b.agent.ask(caller, "sessions.history", { id: again.session_id as never });
    expect(messages.map(({ role }) => role)).toEqual(["user", "assistant"]);
  });

  test("one session takes one run at a time, whoever is asked", async () => {
    const { a, b, caller } = await started(false);
    const id = await peers?.workedBy(a);
    const run = await a.agent.runs.get(id as RunId);
    const body = { message: "me too", session_id: run?.session_id, if_busy: "reject" };
    const refused = await startRun(b.agent, caller, { body: body as never }).catch((error: unknown) => error);
    expect(isType(refused, "session_busy")).toBe(true);
    await cancelRun(b.agent, caller, id as RunId);
    await ended(b, id as RunId);
    expect(await b.agent.runs.get(id as RunId)).toMatchObject({ epoch: 1, status: "cancelled" });
  });

  test("the line of a session takes ten of 30 that come at once in both", async () => {
    const { a, b, caller } = await started(false);
    const held = await a.agent.runs.get((await peers?.workedBy(a)) as RunId);
    const body = { message: "wait", session_id: held?.session_id, if_busy: "queue" };
    const all = await Promise.allSettled(
      Array.from({ length: 30 }, (_, n) => startRun((n % 2 ? a : b).agent, caller, { body: body as never })),
    );
    const refused = all.filter(({ status }) => status === "rejected") as PromiseRejectedResult[];
    expect(refused.map(({ reason }) => (reason as AppError).type)).toEqual(
      Array.from({ length: 20 }, () => "queue_full"),
    );
    const line = { index: "waiting", equals: { session_id: held?.session_id as string }, limit: 30 };
    const slots = (await b.agent.runs.list(line)).map(({ slot }) => slot);
    expect(slots.toSorted((one, other) => Number(one) - Number(other))).toEqual([...Array(10).keys()]);
  });

  test("G7 of 50 chats at once in both with quota for 3, exactly 3 are admitted and charged", async () => {
    const { a, b, caller } = await started(false);
    for (const { agent } of [a, b]) agent.asker = answeringModel;
    const limits = { runs_per_day: 3, runs_per_minute: null, concurrent_runs: null };
    await a.agent.ask(SYSTEM, "quota.subscribe", { user_id: caller.user_id, plan: "free", limits } as never);
    const all = await Promise.allSettled(
      Array.from({ length: 50 }, (_, n) =>
        startRun((n % 2 ? a : b).agent, caller, { body: { message: `chat ${n}`, if_busy: "reject" } }),
      ),
    );
    const admitted = all.filter(({ status }) => status === "fulfilled");
    expect(admitted).toHaveLength(3);
    const refusals = all.flatMap((one) => (one.status === "rejected" ? [one.reason.type] : []));
    expect(new Set(refusals)).toEqual(new Set(["quota_exceeded"]));
    for (const { value } of admitted as PromiseFulfilledResult<{ run_id: string }>[])
      await ended(b, value.run_id as RunId);
    const { today } = await b.agent.ask(caller, "quota.usage", { days: 1 });
    expect(today).toMatchObject({ requests: 3, remaining: 0 });
    await waitFor(
      "no hold is left",
      async () => (await b.agent.ask(SYSTEM, "quota.holds", {} as never)).length === 0,
    );
  });

  test("G6 a question of one is answered in the other, once, and its call runs once", async () => {
    const { a, b, caller, root } = await started(false);
    const path = join(root, "note.txt");
    await writeFile(path, "first, ");
    for (const { agent } of [a, b]) agent.asker = askingModel("append_file", { path, content: "once" });
    const { run_id } = await startRun(a.agent, caller, { body: { message: "write it", if_busy: "reject" } });
    const id = run_id as RunId;
    const call = await waitFor("it asks", async () => {
      const run = await b.agent.runs.get(id);
      return run?.status === "waiting_approval" && run.owner === null && run.steps[0]?.calls[0];
    });
    const answer = { run_id: id, call_id: call.call_id, decision: "approve", remember: "no" } as const;
    const answers = await Promise.allSettled(
      [a, b, a, b].map(({ agent }) =>
        agent.ask(caller, "agent.approve", answer as never, { asThemselves: true }),
      ),
    );
    expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    await ended(b, id);
    expect(await b.agent.runs.get(id)).toMatchObject({ status: "completed" });
    expect(await b.agent.calls.get(call.call_id)).toMatchObject({ status: "done", result: { ok: true } });
    expect(await readFile(path, "utf8")).toBe("first, once");
  });

  test("G5 the runs of a process that beats no more are worked to their end by another one, and a living one keeps its own", async () => {
    const { a, b, workedBy } = await started(true);
    const [lost, kept] = [await workedBy(a), await workedBy(b)];
    b.agent.asker = answeringModel;
    await takeUpOpenRuns(b.agent);
    expect(await b.agent.runs.get(lost)).toMatchObject({ epoch: 1 });
    // As a process that died: it beats no more, and what it has to say of its runs is said by nobody.
    await a.agent.owners.stop();
    a.agent.owners.isHeld = () => false;
    await ended(b, lost);
    expect(await b.agent.runs.get(lost)).toMatchObject({ epoch: 2, takeovers: 1, status: "completed" });
    expect(await b.agent.runs.get(kept)).toMatchObject({ epoch: 1, finish_reason: null });
    await cancelRun(b.agent, peers?.caller as never, kept);
    await ended(b, kept);
  });
});

describe("a process", () => {
  test("opens what it needs, and says of anything else that it is not there", async () => {
    const ports = await (await opener(new Set(["signals", "counters"])))();
    try {
      await ports.ready();
      expect(await ports.check()).toEqual([]);
      expect(await ports.counters.take("k", 2, 60_000)).toMatchObject({ ok: true, remaining: 1 });
      expect(() => ports.documents).toThrow(/"documents" is not among those/);
      expect(() => ports.events).toThrow(/"events" is not among those/);
      expect(() => ports.audit).toThrow(/"audit" is not among those/);
      expect(ports.auditHead).toBeUndefined();
    } finally {
      await ports.close();
      await ports.close();
    }
  });

  test("that finds one of the servers away says which, and leaves nothing open", async () => {
    const away = { nats: "nats://127.0.0.1:1", postgres: "postgres://a@127.0.0.1:1/x", mongo: "", redis: "" };
    const options = {
      needs: ALL,
      services: SERVICES,
      name: "test",
      writer: "w",
      home: "/nowhere",
      secrets: ["s".repeat(32)],
      release: "test",
    };
    const log = pino({ level: "silent" });
    await expect(openClusterPorts({ ...options, urls: away, log })).rejects.toThrow(/NATS/);
  });
});
