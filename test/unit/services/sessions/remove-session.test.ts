import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from "@jest/globals";
import type { RunId, SessionId } from "../../../../contracts/ids.ts";
import { addAdmin, startUsers, type UsersBroker, until } from "../users/users-broker.ts";

let stack: UsersBroker;
let token: string;
beforeAll(async () => {
  stack = await startUsers();
  token = (await addAdmin(stack)).access_token;
});
afterAll(() => stack.stop());
afterEach(() => {
  jest.restoreAllMocks();
});

const statusOf = async (run_id: string) =>
  (await stack.with(token, "agent.get", { run_id: run_id as RunId })).run.status;

/** A run that waits for an answer. */
async function asking(session_id?: string): Promise<{ run_id: string; session_id: string }> {
  const body = { message: "run true", ...(session_id ? { session_id } : {}) };
  const started = await stack.with(token, "agent.start", { body } as never);
  await until(async () => (await statusOf(started.run_id)) === "waiting_approval");
  return started;
}

/** Does something each time the runs of a session have ended and the session is still there. */
function whenEnded(act: () => Promise<unknown>): void {
  const call = stack.broker.call.bind(stack.broker);
  jest.spyOn(stack.broker, "call").mockImplementation((async (name: string, ...given: [object, object]) => {
    const result = await call(name, ...given);
    if (name === "agent.endSession") await act();
    return result;
  }) as never);
}

describe("removing a session", () => {
  test("a run that enters it after the others have ended is ended too, before it is gone", async () => {
    const { session_id, run_id } = await asking();
    const late: string[] = [];
    whenEnded(async () => {
      if (late.length === 0) late.push((await asking(session_id)).run_id);
    });
    await stack.with(token, "sessions.remove", { id: session_id as SessionId });
    expect(late).toHaveLength(1);
    expect(await statusOf(run_id)).toBe("cancelled");
    expect(await statusOf(late[0] ?? "")).toBe("cancelled");
    await expect(stack.with(token, "sessions.get", { id: session_id as SessionId })).rejects.toMatchObject({
      type: "session_not_found",
    });
  });

  test("where one run after the other enters it, it stays, and whoever removes it hears why", async () => {
    const { session_id } = await asking();
    whenEnded(() => asking(session_id));
    await expect(stack.with(token, "sessions.remove", { id: session_id as SessionId })).rejects.toMatchObject(
      { type: "busy" },
    );
    jest.restoreAllMocks();
    await stack.with(token, "sessions.remove", { id: session_id as SessionId });
  });
});
