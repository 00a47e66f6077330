// What a session costs of its stores, and that what was spared is not missed: a look that is handed on is still true when it is written by.
import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import type { Caller } from "../../../../contracts/access.ts";
import type { RunId, SessionId } from "../../../../contracts/ids.ts";
import type { Message } from "../../../../contracts/sessions.ts";
import { AppError } from "../../../../lib/errors.ts";
import { messageIdOf, newId } from "../../../../lib/ids.ts";
import { quotaService } from "../../../../services/quota.service.ts";
import { PAGE_MESSAGES, type Rooms } from "../../../../services/sessions/rooms.ts";
import { addMessage } from "../../../../services/sessions/store/add-message.ts";
import { appendMessages, requireActive } from "../../../../services/sessions/store/append-messages.ts";
import { sessionsService } from "../../../../services/sessions.service.ts";
import { aUser, startTestBroker, type TestBroker } from "../../../support/test-broker.ts";

let broker: TestBroker;
let rooms: Rooms;
beforeAll(async () => {
  broker = await startTestBroker([quotaService(), sessionsService()]);
  rooms = (broker.broker.getLocalService("sessions") as unknown as { rooms: Rooms }).rooms;
});
afterAll(() => broker.stop());

const user: Caller = aUser();
const agent = { ...user, service: "agent" };

function message(id: SessionId, run_id: RunId, step: number): Message {
  return {
    ...{ id: messageIdOf(run_id, step), session_id: id, run_id, content: `${step}`, status: "complete" },
    ...{ role: step === 0 ? "user" : "assistant", created_at: "2026-11-28T10:00:00.000Z" },
  };
}
const answers = (id: SessionId, run_id: RunId, count = 1) =>
  Array.from({ length: count }, (_, index) => message(id, run_id, index + 1));
const enter = (id: SessionId, run_id: RunId, max_sessions: number | null = null) =>
  broker.as(agent, "sessions.enter", {
    ...{ id, run_id, ended: null, message: message(id, run_id, 0) },
    create: { title: "one", max_sessions },
  });
const enterKnown = (id: SessionId, run_id: RunId, again = false) =>
  broker.as(agent, "sessions.enter", { id, run_id, ended: null, again, message: message(id, run_id, 0) });
const leave = (id: SessionId, run_id: RunId, messages = answers(id, run_id)) =>
  broker.as(agent, "sessions.leave", { id, run_id, messages });
const byHand = (id: SessionId) =>
  broker.as(user, "sessions.addMessage", { id, role: "user", content: "by hand" });

async function idsIn(id: SessionId): Promise<string[]> {
  const { messages } = await broker.as(user, "sessions.history", { id, limit: 200 });
  return messages.map((each) => each.id);
}
const countOf = async (id: SessionId) =>
  (await broker.as(user, "sessions.get", { id })).session.message_count;
/** A session through which so many runs have gone. */
async function used(runs: number): Promise<SessionId> {
  const id = newId<SessionId>("session");
  for (let n = 0; n < runs; n += 1) {
    const run = newId<RunId>("run");
    await enter(id, run);
    await leave(id, run);
  }
  return id;
}

/** The operations on the stores, in their order. */
async function operationsOf(work: () => Promise<unknown>): Promise<string[]> {
  const done: string[] = [];
  const spies = (["sessions", "pages"] as const).flatMap((collection) =>
    (["get", "insert", "compareAndSet", "list", "count", "remove"] as const).map((name) => {
      const store = rooms[collection] as unknown as Record<string, (...given: unknown[]) => unknown>;
      const real = store[name]?.bind(store);
      return jest.spyOn(store, name).mockImplementation((...given) => {
        done.push(`${collection}.${name}`);
        return real?.(...given);
      });
    }),
  );
  try {
    await work();
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  return done;
}

const CLAIM = "sessions.compareAndSet";
const COUNT = "sessions.compareAndSet";
const ADD = "pages.compareAndSet";

describe("what is asked of the stores", () => {
  const id = newId<SessionId>("session");
  const run = newId<RunId>("run");

  test("for a run that makes its session: three", async () => {
    const operations = await operationsOf(() => enter(id, run));
    expect(operations).toEqual(["sessions.insert", "pages.insert", COUNT]);
    const counted = await operationsOf(() => enter(newId<SessionId>("session"), newId<RunId>("run"), 100));
    expect(counted).toEqual(["sessions.count", "sessions.insert", "pages.insert", COUNT]);
  });

  test("for a run that leaves: three; for one that leaves once more: one look", async () => {
    expect(await operationsOf(() => leave(id, run))).toEqual(["sessions.get", ADD, COUNT]);
    expect(await operationsOf(() => leave(id, run))).toEqual(["sessions.get"]);
  });

  test("for a run in a session that is there: three, and the messages before it are in hand", async () => {
    const next = newId<RunId>("run");
    let entered: unknown;
    const operations = await operationsOf(async () => {
      entered = await enterKnown(id, next);
    });
    expect(operations).toEqual([CLAIM, ADD, COUNT]);
    const said = [message(id, run, 0), ...answers(id, run), message(id, next, 0)];
    expect(entered).toMatchObject({ active_run_id: next, recent: { messages: said, complete: true } });
    await leave(id, next);
  });

  test("for a look before a run: one, which says whether there was ever a line", async () => {
    const taken = await used(1);
    const look = () => broker.as(user, "sessions.look", { id: taken });
    expect(await operationsOf(look)).toEqual(["sessions.get"]);
    expect(await look()).toMatchObject({ session: { id: taken, active_run_id: null }, has_line: false });
    const holder = newId<RunId>("run");
    await enterKnown(taken, holder);
    const next = newId<RunId>("run");
    const waits = {
      id: taken,
      run_id: next,
      ended: null,
      wants_place: true,
      message: message(taken, next, 0),
    };
    expect(await broker.as(agent, "sessions.enter", waits)).toMatchObject({ place: 1 });
    await leave(taken, holder);
    expect(await look()).toMatchObject({ session: { active_run_id: null }, has_line: true });
  });

  test("for a message by hand: three", async () => {
    expect(await operationsOf(() => byHand(id))).toEqual([CLAIM, ADD, COUNT]);
  });

  test("where a page is full the next one is begun, and all of it is in hand still", async () => {
    const full = await used(PAGE_MESSAGES / 2);
    const next = newId<RunId>("run");
    const before = await idsIn(full);
    const { recent } = await enterKnown(full, next);
    expect(recent?.messages.map((each) => each.id)).toEqual([...before, messageIdOf(next, 0)]);
    expect(await operationsOf(() => leave(full, next))).toEqual(["sessions.get", ADD, COUNT]);
    expect(await countOf(full)).toBe(PAGE_MESSAGES + 2);
    const last = await rooms.sessions.get(full);
    expect(last).toMatchObject({ pages: 2, before: PAGE_MESSAGES });
  });
});

test("a run that repeats its entrance is not refused for the session that it has made itself, the last of its plan", async () => {
  const [id, run] = [newId<SessionId>("session"), newId<RunId>("run")];
  const { sessions } = await broker.as(user, "sessions.list", { limit: 100 });
  const most = sessions.length + 1;
  await enter(id, run, most);
  expect(await enter(id, run, most)).toMatchObject({ active_run_id: run });
  expect(await idsIn(id)).toEqual([messageIdOf(run, 0)]);
  await expect(enter(newId<SessionId>("session"), newId<RunId>("run"), most)).rejects.toMatchObject({
    type: "session_limit",
  });
  const stranger = { ...aUser(), service: "agent" };
  const taken = broker.as(stranger, "sessions.enter", {
    ...{ id, run_id: run, ended: null, message: message(id, run, 0) },
    create: { title: "one", max_sessions: null },
  });
  await expect(taken).rejects.toMatchObject({ type: "session_not_found" });
  await leave(id, run, []);
});

describe("G2 a message is stored once", () => {
  test("when a run enters that has left before", async () => {
    const id = await used(1);
    const late = newId<RunId>("run");
    await enterKnown(id, late);
    await leave(id, late);
    const before = await idsIn(id);
    expect(await enterKnown(id, late, true)).toMatchObject({ active_run_id: late });
    expect(await idsIn(id)).toEqual(before);
    await leave(id, late, []);
  });

  test("when what a run asked at its start comes after its end: it does not get the session", async () => {
    const id = await used(1);
    const run = newId<RunId>("run");
    await enterKnown(id, run, true);
    await leave(id, run);
    const before = await idsIn(id);
    await expect(enterKnown(id, run)).rejects.toMatchObject({ type: "stale_epoch" });
    expect(await idsIn(id)).toEqual(before);
    expect(await enterKnown(id, newId<RunId>("run"))).toMatchObject({ place: null });
  });

  test("when a run enters again whose first owner died before its message was counted", async () => {
    const id = await used(1);
    const run = newId<RunId>("run");
    await rooms.sessions.compareAndSet(id, {}, { $set: { active_run: run } });
    await appendMessages(rooms, agent, id, [message(id, run, 0)], requireActive(run));
    const before = await idsIn(id);
    for (const again of [true, false]) await enterKnown(id, run, again);
    expect(await idsIn(id)).toEqual(before);
    expect(await countOf(id)).toBe(before.length);
  });

  test("when its owner died before the release, and a late request to enter came before the next owner", async () => {
    const id = await used(1);
    const run = newId<RunId>("run");
    await enterKnown(id, run);
    await appendMessages(rooms, agent, id, answers(id, run, 3), requireActive(run));
    const before = await idsIn(id);
    await enterKnown(id, run);
    await leave(id, run, answers(id, run, 3));
    expect(await idsIn(id)).toEqual(before);
    expect(await countOf(id)).toBe(before.length);
  });

  test("when an owner that slept leaves by what it saw before its run had ended and others had come", async () => {
    for (const others of [1, 12]) {
      const id = await used(1);
      const slept = newId<RunId>("run");
      await enterKnown(id, slept);
      const session = (await rooms.sessions.get(id)) as NonNullable<
        Awaited<ReturnType<typeof rooms.sessions.get>>
      >;
      await leave(id, slept);
      for (let n = 0; n < others; n += 1) {
        const run = newId<RunId>("run");
        await enterKnown(id, run);
        await leave(id, run);
      }
      const before = await idsIn(id);
      const known = { session, hasNoneOfThem: true };
      const late = appendMessages(rooms, agent, id, answers(id, slept), requireActive(slept), known);
      await expect(late).rejects.toMatchObject({ type: "stale_epoch" });
      expect(await idsIn(id)).toEqual(before);
    }
  });

  test("and none stands behind a run that came after the look of who had the session before", async () => {
    const id = await used(1);
    const [late, next] = [newId<RunId>("run"), newId<RunId>("run")];
    await enterKnown(id, late);
    const session = await rooms.sessions.get(id);
    if (!session) throw new Error("it is not there");
    await broker.as(agent, "sessions.enter", {
      ...{ id, run_id: next, ended: late, message: message(id, next, 0) },
    });
    const before = await idsIn(id);
    for (const hasNoneOfThem of [true, false]) {
      const known = { session, hasNoneOfThem };
      const written = appendMessages(rooms, agent, id, answers(id, late), requireActive(late), known);
      await expect(written).rejects.toMatchObject({ type: "stale_epoch" });
    }
    expect(await idsIn(id)).toEqual(before);
    await leave(id, next, []);
  });
});

describe("G1 the number of messages is right", () => {
  /** Rooms whose process dies before it has counted what it has stored. */
  function dying(): Rooms {
    let changes = 0;
    const sessions = new Proxy(rooms.sessions, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== "function") return value;
        if (name !== "compareAndSet") return value.bind(target);
        return (...given: unknown[]) => {
          changes += 1;
          if (changes > 1) throw new AppError("store_unavailable");
          return value.apply(target, given);
        };
      },
    });
    return { ...rooms, sessions, lines: new Map() };
  }
  const shownIn = async (id: SessionId) => {
    const { sessions } = await broker.as(user, "sessions.list", { limit: 100 });
    return sessions.find((session) => session.id === id)?.message_count;
  };

  test.each([1, PAGE_MESSAGES / 2])(
    "when a process died between a message by hand and its count, after %d runs",
    async (runs) => {
      const id = await used(runs);
      const added = addMessage(dying(), user, { id, role: "user", content: "by hand" });
      await expect(added).rejects.toMatchObject({ type: "store_unavailable" });
      const stored = await idsIn(id);
      expect(stored).toHaveLength(2 * runs + 1);
      expect(await countOf(id)).toBe(2 * runs + 1);
      expect(await shownIn(id)).toBe(2 * runs + 1);
      const renamed = await broker.as(user, "sessions.rename", { id, title: "other" });
      expect(renamed.session.message_count).toBe(2 * runs + 1);
      expect((await rooms.sessions.get(id))?.message_count).toBe(2 * runs);
      await byHand(id);
      expect(await countOf(id)).toBe(2 * runs + 2);
      // Nothing is left to be looked for.
      expect((await rooms.sessions.get(id))?.uncounted).toEqual({});
    },
  );

  test("and a message that is refused because a run has the session leaves no note", async () => {
    const id = await used(1);
    const run = newId<RunId>("run");
    const sessions = new Proxy(rooms.sessions, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== "function") return value;
        if (name !== "compareAndSet") return value.bind(target);
        return async (...given: unknown[]) => {
          const answer: unknown = await value.apply(target, given);
          // It comes between the note and the message.
          if (String(Object.keys((given[2] as { $set?: object }).$set ?? {})).startsWith("uncounted."))
            await enterKnown(id, run);
          return answer;
        };
      },
    });
    const added = addMessage({ ...rooms, sessions, lines: new Map() }, user, {
      ...{ id, role: "user", content: "by hand" },
    });
    await expect(added).rejects.toMatchObject({ type: "session_busy" });
    expect((await rooms.sessions.get(id))?.uncounted).toEqual({});
    await leave(id, run);
    expect(await countOf(id)).toBe(4);
  });
});
