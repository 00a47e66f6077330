import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Caller } from "../../../../contracts/access.ts";
import type { RunId, SessionId } from "../../../../contracts/ids.ts";
import { messageIdOf, newId } from "../../../../lib/ids.ts";
import { quotaService } from "../../../../services/quota.service.ts";
import { openRooms, type Rooms } from "../../../../services/sessions/rooms.ts";
import { makeSession } from "../../../../services/sessions/store/make-session.ts";
import { removeSessionsOf } from "../../../../services/sessions/store/remove-session.ts";
import { sessionsService } from "../../../../services/sessions.service.ts";
import { aUser, startTestBroker, type TestBroker } from "../../../support/test-broker.ts";

let broker: TestBroker;
beforeAll(async () => {
  broker = await startTestBroker([quotaService(), sessionsService()]);
});
afterAll(() => broker.stop());

async function userWith(max_sessions: number): Promise<Caller> {
  const user = aUser();
  await broker.as({ ...user, service: "users" }, "quota.subscribe", {
    user_id: user.user_id,
    plan: "free",
    limits: { max_sessions },
  });
  return user;
}
const outcomeOf = async (asked: Promise<unknown>) => {
  try {
    await asked;
    return "made";
  } catch (error) {
    return (error as { type: string }).type;
  }
};

test("of 50 new sessions at once as many are made as the user may have, by hand and by chats", async () => {
  const user = await userWith(3);
  const { moments } = broker.broker.core.ports;
  const enter = () => {
    const [id, run_id] = [newId<SessionId>("session"), newId<RunId>("run")];
    return moments.run(() =>
      broker.as({ ...user, service: "agent" }, "sessions.enter", {
        id,
        run_id,
        ended: null,
        create: { title: "of a chat", max_sessions: 3 },
        message: {
          ...{ id: messageIdOf(run_id, 0), session_id: id, run_id, role: "user", content: "hello" },
          ...{ status: "complete", created_at: "2026-11-28T10:00:00.000Z" },
        },
      }),
    );
  };
  const outcomes = await Promise.all(
    Array.from({ length: 50 }, (_, n) =>
      outcomeOf(n % 2 === 0 ? broker.as(user, "sessions.create", {}) : enter()),
    ),
  );
  expect(outcomes.filter((outcome) => outcome === "made")).toHaveLength(3);
  expect(new Set(outcomes)).toEqual(new Set(["made", "session_limit"]));
  expect((await broker.as(user, "sessions.list", {})).sessions).toHaveLength(3);
});

test("one user's new sessions do not wait for another's", async () => {
  const [one, other] = [await userWith(1), await userWith(1)];
  const outcomes = await Promise.all(
    [one, other].map((user) => outcomeOf(broker.as(user, "sessions.create", {}))),
  );
  expect(outcomes).toEqual(["made", "made"]);
});

describe("with several processes on the same stores, each with lines of its own", () => {
  const service = () =>
    broker.broker.getLocalService("sessions") as unknown as Parameters<typeof openRooms>[0];
  const processes = (count: number) => Array.from({ length: count }, () => openRooms(service()));
  const make = (rooms: Rooms, user: Caller, max_sessions: number) =>
    outcomeOf(makeSession(rooms, user, newId<SessionId>("session"), { title: "one", max_sessions }));
  const has = (rooms: Rooms, { user_id }: Caller) => rooms.sessions.count("by_user", { user_id });

  test.each([0, 1, 2])("no more are made than the user may have, %i of them there before", async (before) => {
    const [user, all] = [aUser(), processes(4)];
    const first = all[0] as Rooms;
    for (let n = 0; n < before; n += 1) expect(await make(first, user, 3)).toBe("made");
    const outcomes = await Promise.all(
      Array.from({ length: 40 }, (_, n) => make(all[n % 4] as Rooms, user, 3)),
    );
    expect(outcomes.filter((outcome) => outcome === "made")).toHaveLength(3 - before);
    expect(new Set(outcomes)).toEqual(new Set(["made", "session_limit"]));
    expect(await has(first, user)).toBe(3);
  });

  test("room is there again for one that is removed, and a promise that nobody keeps counts for ten minutes", async () => {
    const [user, [rooms]] = [aUser(), processes(1)];
    if (!rooms) return;
    const lost = newId<SessionId>("session");
    await rooms.promises.insert({ _id: user.user_id, turn: 1, promised: [{ id: lost, at: Date.now() }] });
    expect(await make(rooms, user, 2)).toBe("made");
    expect(await make(rooms, user, 2)).toBe("session_limit");
    const [made] = await rooms.sessions.list({
      ...{ index: "by_user", equals: { user_id: user.user_id }, limit: 2 },
    });
    await rooms.sessions.remove(made?._id ?? "");
    expect(await make(rooms, user, 2)).toBe("made");
    const long = [{ id: lost, at: Date.now() - 11 * 60_000 }];
    await rooms.promises.compareAndSet(user.user_id, {}, { $set: { promised: long } });
    expect(await make(rooms, user, 2)).toBe("made");
    expect(await has(rooms, user)).toBe(2);
  });

  test("nothing of the promises is left of a user who goes", async () => {
    const [user, [rooms]] = [aUser(), processes(1)];
    if (!rooms) return;
    expect(await make(rooms, user, 3)).toBe("made");
    expect(await rooms.promises.get(user.user_id)).not.toBeNull();
    await removeSessionsOf(rooms, user.user_id);
    expect(await rooms.promises.get(user.user_id)).toBeNull();
  });
});
