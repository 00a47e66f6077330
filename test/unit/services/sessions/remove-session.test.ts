import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from "@jest/globals";
import type { Caller } from "../../../../contracts/access.ts";
import type { RunId, SessionId } from "../../../../contracts/ids.ts";
import { messageIdOf, newId } from "../../../../lib/ids.ts";
import { enterSession } from "../../../../services/sessions/moments.ts";
import { openRooms, pageId, type SessionDocument } from "../../../../services/sessions/rooms.ts";
import { addMessage } from "../../../../services/sessions/store/add-message.ts";
import { removeSession } from "../../../../services/sessions/store/remove-session.ts";
import { addAdmin, startUsers, type UsersBroker, until } from "../users/users-broker.ts";

type Service = Parameters<typeof openRooms>[0];

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

  test("nothing is let into it by another process while its documents are removed", async () => {
    const { session_id } = await asking();
    const id = session_id as SessionId;
    const service = stack.broker.getLocalService("sessions") as unknown as Service;
    const other = openRooms(service);
    const session = (await other.sessions.get(id)) as SessionDocument;
    const caller = {
      user_id: session.user_id,
      role: "admin",
      plan: "free",
      scopes: "all",
      service: "agent",
    } as Caller;
    const refusals: string[] = [];
    const refused = (asked: Promise<unknown>) =>
      asked.then(
        () => refusals.push("let in"),
        (thrown: { type: string }) => refusals.push(thrown.type),
      );
    const enter = (wants_place: boolean) => {
      const run_id = newId<RunId>("run");
      const message = { id: messageIdOf(run_id, 0), session_id: id, run_id, role: "user", content: "late" };
      const wanted = { id, run_id, ended: session.active_run, wants_place, behind: wants_place };
      const said = { ...message, status: "complete", created_at: new Date().toISOString() };
      return enterSession(other, () => undefined, caller, { ...wanted, message: said } as never);
    };
    const remove = service._remove.bind(service);
    jest.spyOn(service, "_remove").mockImplementation(async (...given) => {
      await refused(enter(false));
      await refused(enter(true));
      await refused(addMessage(other, caller, { id, role: "user", content: "late" }));
      return remove(...given);
    });
    await stack.with(token, "sessions.remove", { id });
    expect(refusals).toEqual(["session_not_found", "session_not_found", "session_not_found"]);
    expect(await other.sessions.get(id)).toBeNull();
    expect(await other.pages.get(pageId(id, 1))).toBeNull();
  });

  test("two that remove it at once both hear that it is gone", async () => {
    const id = (await stack.with(token, "sessions.create", {})).session.id as SessionId;
    const service = stack.broker.getLocalService("sessions") as unknown as Service;
    const session = (await openRooms(service).sessions.get(id)) as SessionDocument;
    const caller = { user_id: session.user_id, role: "admin", plan: "free", scopes: "all" } as Caller;
    const both = Promise.withResolvers<void>();
    let count = 0;
    const remove = service._remove.bind(service);
    jest.spyOn(service, "_remove").mockImplementation(async (...given) => {
      count += 1;
      if (count === 2) both.resolve();
      await both.promise;
      return remove(...given);
    });
    await Promise.all([1, 2].map(() => removeSession(openRooms(service), caller, id)));
    expect(count).toBe(2);
    expect(await openRooms(service).sessions.get(id)).toBeNull();
  });

  test("a message that is added by hand while it goes is refused, and nothing of it stays", async () => {
    const id = (await stack.with(token, "sessions.create", {})).session.id as SessionId;
    const other = openRooms(stack.broker.getLocalService("sessions") as unknown as Service);
    const session = (await other.sessions.get(id)) as SessionDocument;
    const caller = { user_id: session.user_id, role: "admin", plan: "free", scopes: "all" } as Caller;
    const { pages } = other;
    const insert = async (page: Parameters<typeof pages.insert>[0]) => {
      await stack.with(token, "sessions.remove", { id });
      return pages.insert(page);
    };
    other.pages = new Proxy(pages, {
      get: (all, name: keyof typeof pages) =>
        name === "insert" ? insert : (all[name] as () => unknown).bind(all),
    });
    const added = addMessage(other, caller, { id, role: "user", content: "late" });
    await expect(added).rejects.toMatchObject({ type: "session_not_found" });
    expect(await pages.get(pageId(id, 1))).toBeNull();
  });

  test("a removal that was broken off is done by the next one", async () => {
    const { session_id } = await asking();
    const id = session_id as SessionId;
    const service = stack.broker.getLocalService("sessions") as unknown as Service;
    const dies = jest.spyOn(service, "_remove").mockRejectedValue(new Error("died"));
    await expect(stack.with(token, "sessions.remove", { id })).rejects.toThrow();
    dies.mockRestore();
    const body = { message: "hello", session_id };
    await expect(stack.with(token, "agent.start", { body } as never)).rejects.toMatchObject({
      type: "session_not_found",
    });
    await stack.with(token, "sessions.remove", { id });
    await expect(stack.with(token, "sessions.get", { id })).rejects.toMatchObject({
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
