// Runs that are refused in another process than the one that admitted them: two quota services on the same stores and windows.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { LRUCache } from "lru-cache";
import type { Caller } from "../../../../contracts/access.ts";
import type { RunId } from "../../../../contracts/ids.ts";
import { KeyedTurns } from "../../../../lib/keyed-turns.ts";
import type { Rooms } from "../../../../services/quota/rooms.ts";
import { cancelHold } from "../../../../services/quota/store/cancel-hold.ts";
import { reserve } from "../../../../services/quota/store/reserve.ts";
import { Subscriptions } from "../../../../services/quota/subscriptions.ts";
import { NOON, newRun, type QuotaBroker, startQuota } from "./quota-broker.ts";

const MINUTE = 60_000;

let quota: QuotaBroker;
beforeAll(async () => {
  quota = await startQuota();
});
beforeEach(() => {
  quota.clock.now = NOON;
});
afterAll(() => quota.stop());

function aProcess(): Rooms {
  const now = () => quota.clock.now;
  const { database: db, ports } = quota;
  return {
    ...{ db, now, report: (read) => read(db), counters: ports.counters },
    ...{ subscriptions: new Subscriptions(db, now), admitted: new LRUCache({ max: 10 }) },
    turns: new KeyedTurns(),
  };
}

async function reserved(rooms: Rooms, user: Caller): Promise<RunId> {
  const run_id = newRun();
  await reserve(rooms, user, { run_id, tokens: 1, cost_micro: 1, waiting: 0, in_line: false });
  return run_id;
}

const counted = async ({ user_id }: Caller) => ({
  minute: await quota.ports.counters.peek(`runs-per-minute:${user_id}`, MINUTE),
  hour: await quota.ports.counters.peek(`runs-per-hour:${user_id}`, 60 * MINUTE),
});

describe("the rates of a run that was refused after all", () => {
  test("are given back by whichever process takes its hold back, once, whoever repeats it", async () => {
    const [one, other] = [aProcess(), aProcess()];
    const user = await quota.userWith({ runs_per_minute: 3, runs_per_hour: 3 });
    await reserved(one, user);
    const refused = await reserved(one, user);
    expect(await counted(user)).toEqual({ minute: 2, hour: 2 });
    await cancelHold(other, user.user_id, refused);
    expect(await counted(user)).toEqual({ minute: 1, hour: 1 });
    for (const rooms of [one, other]) await cancelHold(rooms, user.user_id, refused);
    expect(await counted(user)).toEqual({ minute: 1, hour: 1 });
  });

  test("are given back once by both at once", async () => {
    const [one, other] = [aProcess(), aProcess()];
    const user = await quota.userWith({ runs_per_minute: 9, runs_per_hour: 9 });
    await reserved(one, user);
    const refused = await reserved(one, user);
    await Promise.all([one, other, one, other].map((rooms) => cancelHold(rooms, user.user_id, refused)));
    expect(await counted(user)).toEqual({ minute: 1, hour: 1 });
  });

  test("are given back in windows the run was counted in, and in no later one", async () => {
    const user = await quota.userWith({ runs_per_minute: 3, runs_per_hour: 3 });
    const refused = await reserved(aProcess(), user);
    quota.clock.now += MINUTE;
    await reserved(aProcess(), user);
    await cancelHold(aProcess(), user.user_id, refused);
    expect(await counted(user)).toEqual({ minute: 1, hour: 1 });
  });

  test("are not given back where a plan did not count it", async () => {
    const user = await quota.userWith({ runs_per_minute: null, runs_per_hour: 3 });
    const refused = await reserved(aProcess(), user);
    await quota.ports.counters.take(`runs-per-minute:${user.user_id}`, 9, MINUTE);
    await cancelHold(aProcess(), user.user_id, refused);
    expect(await counted(user)).toEqual({ minute: 1, hour: 0 });
  });

  test("are given back also where the hold was lost before it was durable, by who admitted it", async () => {
    const rooms = aProcess();
    const user = await quota.userWith({ runs_per_minute: 3 });
    const refused = await reserved(rooms, user);
    await quota.database.deleteFrom("holds").where("run_id", "=", refused).execute();
    for (let times = 0; times < 2; times += 1) await cancelHold(rooms, user.user_id, refused);
    expect(await counted(user)).toMatchObject({ minute: 0 });
  });
});
