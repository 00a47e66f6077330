// A rolling restart of every process while people chat: nobody sees more of it than "not now", and nothing is lost.
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Call } from "../chaos/cluster/door.ts";
import { judge } from "../chaos/cluster/judge.ts";
import { Person } from "../chaos/cluster/person.ts";
import { ready, type Stage, startStage } from "../chaos/cluster/stage.ts";
import { readClusterRecords } from "../support/auditor/cluster-records.ts";
import { auditRecords } from "../support/auditor.ts";
import { randomOf } from "../support/random.ts";
import { waitFor } from "../support/wait-for.ts";

const LIVE = 50;
const PERSONS = 25;
/** Between two pieces of the model's answers, so that runs are alive at every moment, and begin no faster than a slow machine can. */
const PACE_MS = 3_000;
const PATIENCE_MS = 600_000;
/** A machine that is slow with 50 runs is no process that is gone. */
const WAITS = { attemptMs: 120_000, silentMs: 105_000 };

let stage: Stage;
beforeAll(async () => {
  stage = await startStage({ gateways: 2, agents: 2 }, () => undefined);
  const text = Array.from({ length: 12 }, (_, n) => `word${n} `);
  stage.cluster.fake.script(({ heard }) =>
    heard.results.length > 0 || !heard.message.startsWith("call:") ? { text, delayMs: PACE_MS } : undefined,
  );
}, PATIENCE_MS);
afterAll(() => stage.stop(false), PATIENCE_MS);

test(
  "every process is restarted in turn under 50 live runs: only 503 with Retry-After, no message lost, no stream that differs",
  async () => {
    const calls: Call[] = [];
    const persons: Person[] = [];
    for (let n = 0; n < PERSONS; n += 1)
      persons.push(await Person.register(stage, randomOf(n + 1), calls, n % 2 === 1, WAITS));
    let isOver = false;
    const restarts = [{ name: "nobody", from: performance.now() }];
    const begun = () =>
      calls.filter(({ what, status }) => what === "POST /agent/chat" && status === 200).length;
    const lives: (Promise<void> | undefined)[] = [];
    for (let n = 0; n < LIVE; n += 1) {
      lives.push(persons[n % PERSONS]?.live(() => isOver));
      // All in one moment are a crowd that a slow machine has no time for, and no restart.
      await waitFor("one more has begun", () => begun() > n);
    }
    for (const member of stage.members) {
      restarts.push({ name: member.name, from: performance.now() });
      await member.renew();
      await ready(stage);
    }
    isOver = true;
    await Promise.all(lives);
    const { faults, runs } = await judge(persons);
    expect(runs).toBeGreaterThanOrEqual(LIVE);
    const {
      NATS_URL: nats = "",
      POSTGRES_URL: postgres = "",
      MONGO_URL: mongo = "",
    } = stage.cluster.settings;
    const records = await readClusterRecords({ nats, postgres, mongo, nodeHome: stage.node.home });
    expect([...faults, ...auditRecords(records)]).toEqual([]);
    // 0: the gateway itself was away for that moment, and another one was asked.
    const isFine = ({ status, hasRetryAfter, gateway, from, to }: Call) =>
      (status === 503 && hasRetryAfter) ||
      (status === 0 && gateway.wasTroubled(from, to)) ||
      (status > 0 && status < 500);
    const wrong = calls
      .filter((call) => !isFine(call))
      .map(({ what, status, from, to }) => {
        const last = restarts.findLast((restart) => restart.from <= from);
        const after = Math.round(from - (last?.from ?? 0));
        return `${what} ${status} ${Math.round(to - from)} ms, begun ${after} ms after the restart of ${last?.name}`;
      });
    expect(wrong).toEqual([]);
  },
  PATIENCE_MS,
);
