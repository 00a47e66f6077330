import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Caller } from "../../../../contracts/access.ts";
import type { RunId, SessionId } from "../../../../contracts/ids.ts";
import type { Message } from "../../../../contracts/sessions.ts";
import { messageIdOf, newId } from "../../../../lib/ids.ts";
import { quotaService } from "../../../../services/quota.service.ts";
import type { Rooms } from "../../../../services/sessions/rooms.ts";
import { appendMessages, requireActive } from "../../../../services/sessions/store/append-messages.ts";
import { sessionsService } from "../../../../services/sessions.service.ts";
import { aUser, startTestBroker, type TestBroker } from "../../../support/test-broker.ts";

let broker: TestBroker;
beforeAll(async () => {
  broker = await startTestBroker([quotaService(), sessionsService()]);
});
afterAll(() => broker.stop());

const id = newId<SessionId>("session");
const user: Caller = aUser();
const agent = { ...user, service: "agent" };

function message(run_id: RunId, step: number, content = `${step}`): Message {
  return {
    ...{ id: messageIdOf(run_id, step), session_id: id, run_id, content, status: "complete" },
    ...{ role: step === 0 ? "user" : "assistant", created_at: "2026-11-28T10:00:00.000Z" },
  };
}
const answers = (run_id: RunId, count: number, content?: string) =>
  Array.from({ length: count }, (_, index) => message(run_id, index + 1, content));
const enter = (run_id: RunId) =>
  broker.as(agent, "sessions.enter", {
    ...{ id, run_id, ended: null, message: message(run_id, 0) },
    create: { title: "one", max_sessions: null },
  });
const leave = (run_id: RunId, messages: Message[]) =>
  broker.as(agent, "sessions.leave", { id, run_id, messages });
async function stored(): Promise<string[]> {
  const { messages } = await broker.as(user, "sessions.history", { id, limit: 200 });
  return messages.map((each) => each.id);
}

describe("G2 a session's messages", () => {
  test("are stored once, whoever repeats what a run leaves, and its count is right", async () => {
    const run = newId<RunId>("run");
    await enter(run);
    await enter(run);
    await leave(run, answers(run, 3));
    await leave(run, answers(run, 3));
    expect(await stored()).toEqual([0, 1, 2, 3].map((step) => messageIdOf(run, step)));
    const { session } = await broker.as(user, "sessions.get", { id });
    expect(session).toMatchObject({ message_count: 4, active_run_id: null });
  });

  test("of an owner that slept through its run's end and a long next run are not stored once more", async () => {
    const [slept, next] = [newId<RunId>("run"), newId<RunId>("run")];
    await enter(slept);
    // Its run was taken over and ended by another process; then a run of several pages came and went.
    await leave(slept, answers(slept, 1));
    await enter(next);
    await leave(next, answers(next, 50, "x".repeat(2_000)));
    const before = await stored();
    await leave(slept, answers(slept, 1));
    expect(await stored()).toEqual(before);
    expect(new Set(before).size).toBe(before.length);
  });

  test("nor when it slept between its look at the session and its write", async () => {
    const [slept, next] = [newId<RunId>("run"), newId<RunId>("run")];
    await enter(slept);
    const rooms = (broker.broker.getLocalService("sessions") as unknown as { rooms: Rooms }).rooms;
    let isAwake = false;
    const sleeping = {
      ...rooms,
      pages: new Proxy(rooms.pages, {
        get(target, name) {
          const value: unknown = Reflect.get(target, name, target);
          if (typeof value !== "function") return value;
          if (name !== "compareAndSet" && name !== "insert") return value.bind(target);
          return async (...given: unknown[]) => {
            if (!isAwake) {
              isAwake = true;
              await leave(slept, answers(slept, 1));
              await enter(next);
              await leave(next, answers(next, 50, "x".repeat(2_000)));
            }
            return (value as (...all: unknown[]) => unknown).apply(target, given);
          };
        },
      }),
    };
    const late = appendMessages(sleeping, agent, id, answers(slept, 1), requireActive(slept));
    await expect(late).rejects.toMatchObject({ type: "stale_epoch" });
    const all = await stored();
    expect(new Set(all).size).toBe(all.length);
    expect(all.filter((each) => each === messageIdOf(slept, 1))).toHaveLength(1);
  });

  test("are refused for a run that does not have the session", async () => {
    const [holder, other] = [newId<RunId>("run"), newId<RunId>("run")];
    await enter(holder);
    expect(await enter(other)).toMatchObject({ active_run_id: holder });
    const before = await stored();
    await leave(other, answers(other, 1));
    expect(await stored()).toEqual(before);
    await leave(holder, []);
  });
});
