import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Caller } from "../../../../contracts/access.ts";
import { endSessionParams } from "../../../../contracts/agent.ts";
import type { SessionId } from "../../../../contracts/ids.ts";
import { action } from "../../../../lib/broker/action.ts";
import { newId } from "../../../../lib/ids.ts";
import { quotaService } from "../../../../services/quota.service.ts";
import { openRooms, type Rooms } from "../../../../services/sessions/rooms.ts";
import { listSessions } from "../../../../services/sessions/store/list-sessions.ts";
import { makeSession } from "../../../../services/sessions/store/make-session.ts";
import { removeExpired } from "../../../../services/sessions/store/remove-expired.ts";
import { sessionsService } from "../../../../services/sessions.service.ts";
import { aUser, startTestBroker, type TestBroker } from "../../../support/test-broker.ts";

const DAY = 24 * 3_600_000;
/** The agent's part, noted: which sessions' runs it was told to end. */
const ended: string[] = [];
const agent = {
  name: "agent",
  actions: {
    endSession: action<"agent.endSession", object>({
      access: { kind: "internal" },
      input: endSessionParams,
      async handler({ session_id }) {
        ended.push(session_id);
        return null;
      },
    }),
  },
};
let broker: TestBroker;
let rooms: Rooms;
beforeAll(async () => {
  broker = await startTestBroker([quotaService(), sessionsService(), agent]);
  rooms = openRooms(broker.broker.getLocalService("sessions") as never);
});
afterAll(() => broker.stop());

const make = (user: Caller, more: { source?: "openai"; max_sessions?: number | null } = {}) =>
  makeSession(rooms, user, newId<SessionId>("session"), { title: "x", max_sessions: null, ...more });

test("sessions of programs go 30 days after their last use, others stay, and neither counts for the other", async () => {
  const user = aUser();
  const [own, old, used] = [
    await make(user),
    await make(user, { source: "openai" }),
    await make(user, { source: "openai" }),
  ];
  const later = new Date(Date.now() + 20 * DAY).toISOString();
  await rooms.sessions.compareAndSet(used._id, {}, { $set: { updated_at: later } });
  const page = { limit: 10 };
  const ids = async (source?: "openai") =>
    (await listSessions(rooms, user.user_id, { ...page, source })).sessions.map(({ id }) => id).toSorted();
  expect([await ids(), await ids("openai")]).toEqual([[own._id], [old._id, used._id].toSorted()]);
  expect(await removeExpired(rooms, Date.now() + 29 * DAY)).toBe(0);
  expect(await removeExpired(rooms, Date.now() + 31 * DAY)).toBe(1);
  expect(ended).toEqual([old._id]);
  expect([await ids(), await ids("openai")]).toEqual([[own._id], [used._id]]);
  // With room for two there is room for one more: those of programs do not count.
  await make(user, { max_sessions: 2 });
  await expect(make(user, { max_sessions: 2 })).rejects.toMatchObject({ type: "session_limit" });
  await make(user, { source: "openai", max_sessions: 2 });
});
