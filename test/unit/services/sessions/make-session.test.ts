import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Caller } from "../../../../contracts/access.ts";
import type { RunId, SessionId } from "../../../../contracts/ids.ts";
import { messageIdOf, newId } from "../../../../lib/ids.ts";
import { quotaService } from "../../../../services/quota.service.ts";
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
