import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Caller } from "../../../../contracts/access.ts";
import type { MessageId, RunId, SessionId } from "../../../../contracts/ids.ts";
import type { Message } from "../../../../contracts/sessions.ts";
import { messageIdOf, newId } from "../../../../lib/ids.ts";
import { quotaService } from "../../../../services/quota.service.ts";
import {
  hiddenBefore,
  type Replaced,
  type Rooms,
  type SessionDocument,
} from "../../../../services/sessions/rooms.ts";
import { withReplaced } from "../../../../services/sessions/store/replaced.ts";
import { sessionsService } from "../../../../services/sessions.service.ts";
import { aUser, startTestBroker, type TestBroker } from "../../../support/test-broker.ts";

let broker: TestBroker;
beforeAll(async () => {
  broker = await startTestBroker([quotaService(), sessionsService()]);
});
afterAll(() => broker.stop());

describe("what is hidden in a session", () => {
  const holding = (...replaced: Replaced[]) => ({ replaced }) as unknown as SessionDocument;
  test.each<[Replaced[], Replaced, Replaced[]]>([
    [[], [2, 4], [[2, 4]]],
    [[[2, 4]], [4, 6], [[2, 6]]],
    [[[2, 4]], [2, 4], [[2, 4]]],
    [
      [
        [2, 4],
        [8, 10],
      ],
      [10, 12],
      [
        [2, 4],
        [8, 12],
      ],
    ],
    [
      [
        [2, 4],
        [8, 10],
      ],
      [6, 12],
      [
        [2, 4],
        [6, 12],
      ],
    ],
    [
      [
        [2, 4],
        [8, 10],
      ],
      [0, 12],
      [[0, 12]],
    ],
  ])("%j and %j are %j", (known, more, all) => {
    expect(withReplaced(holding(...known), more)).toEqual(all);
  });

  test("is counted up to any message", () => {
    const ranges: Replaced[] = [
      [2, 4],
      [8, 12],
    ];
    expect([0, 2, 3, 4, 8, 9, 20].map((number) => hiddenBefore(ranges, number))).toEqual([
      0, 0, 1, 2, 2, 3, 6,
    ]);
  });
});

describe("a message that replaces another", () => {
  const user: Caller = aUser();
  const agent = { ...user, service: "agent" };
  const rooms = () => (broker.broker.getLocalService("sessions") as unknown as { rooms: Rooms }).rooms;

  test("hides it also when whoever stored it died before that was noted, and the run is taken over", async () => {
    const id = newId<SessionId>("session");
    const said = (run_id: RunId, replaces?: MessageId): Message => ({
      ...{ id: messageIdOf(run_id, 0), session_id: id, run_id, content: run_id, status: "complete" },
      ...{ role: "user", created_at: "2026-11-28T10:00:00.000Z" },
      ...(replaces ? { replaces } : {}),
    });
    const enter = (run_id: RunId, replaces?: MessageId, more: object = {}) =>
      broker.as(agent, "sessions.enter", {
        ...{ id, run_id, ended: null, message: said(run_id, replaces) },
        ...{ create: { title: "one", max_sessions: null }, ...more },
      });
    const [first, next] = [newId<RunId>("run"), newId<RunId>("run")];
    await enter(first);
    await broker.as(agent, "sessions.leave", { id, run_id: first, messages: [] });
    const replaces = messageIdOf(first, 0);
    await enter(next, replaces);
    const shown = async () => {
      const { messages } = await broker.as(user, "sessions.history", { id, limit: 200 });
      const { session } = await broker.as(user, "sessions.get", { id });
      expect(session.message_count).toBe(messages.length);
      return messages.map((message) => message.id);
    };
    expect(await shown()).toEqual([messageIdOf(next, 0)]);
    await rooms().sessions.compareAndSet(id, {}, { $unset: { replaced: "" } });
    expect(await shown()).toHaveLength(2);
    for (let time = 0; time < 2; time += 1) {
      const entered = await enter(next, replaces, { again: true });
      expect(entered.recent?.messages.map((message) => message.id)).toEqual([messageIdOf(next, 0)]);
      expect(await shown()).toEqual([messageIdOf(next, 0)]);
    }
  });
});
