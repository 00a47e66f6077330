// The parts of the agent's moments that are the session's. Of "accept": a run whose turn has come takes the session and its message
// is there. Of "finish": the run's messages are stored and the session is free.
import type { z } from "zod";
import type { Caller } from "../../contracts/access.ts";
import type { RunId, SessionId } from "../../contracts/ids.ts";
import type { Entered, enterParams, leaveParams, Recent } from "../../contracts/sessions.ts";
import { type Crash, type Moment, perform } from "../../lib/moments.ts";
import { inLine, ownSession, type Rooms, type SessionDocument } from "./rooms.ts";
import { appendMessages, type Counts, requireActive, writeCounts } from "./store/append-messages.ts";
import { ensureSession } from "./store/make-session.ts";
import { recentIfFew } from "./store/read-messages.ts";

type Entering = {
  rooms: Rooms;
  caller: Caller;
  wanted: z.output<typeof enterParams>;
  /** Who has the session. */
  holder: RunId | null;
  place: number | null;
  recent: Recent | null;
};

export const ENTER: Moment<Entering> = {
  key: "accept",
  operations: [
    { name: "ensured", do: ensure },
    { name: "session", do: take },
    { name: "message", do: say },
  ],
};

/** @throws session_not_found, session_limit */
export async function enterSession(
  rooms: Rooms,
  crash: Crash,
  caller: Caller,
  wanted: z.output<typeof enterParams>,
): Promise<Entered> {
  const entering: Entering = { rooms, caller, wanted, holder: null, place: null, recent: null };
  const performer = { moments: rooms.ports.moments, crash };
  const entered = await inLine(rooms, wanted.id, () => perform(performer, ENTER, entering));
  const { holder, place, recent } = entered;
  return { active_run_id: holder, place, recent };
}

async function ensure({ rooms, caller, wanted: { id, create } }: Entering): Promise<undefined> {
  if (create) await ensureSession(rooms, caller, id, create);
}

/** `active_run` changes by compare-and-set only: from nothing, or from a run that has ended. */
async function take({ rooms, caller, wanted }: Entering): Promise<Partial<Entering>> {
  const { id, run_id, ended, wants_place, behind } = wanted;
  for (let expected: RunId | null = null; ; ) {
    if (!behind && (await claim(rooms, caller, wanted, expected))) return { holder: run_id };
    const { active_run } = await ownSession(rooms, caller, id);
    if (!behind && (active_run === null || active_run === ended)) {
      expected = active_run;
      continue;
    }
    if (!wants_place || active_run === run_id) return { holder: active_run };
    const counted = await arrive(rooms, caller, id, active_run);
    if (counted?.arrivals) return { holder: active_run, place: counted.arrivals };
  }
}

/** Order among those in line is the session's own, never that of a clock. Null when the session is not that run's any more. */
function arrive(
  rooms: Rooms,
  { user_id }: Caller,
  id: SessionId,
  active_run: RunId | null,
): Promise<SessionDocument | null> {
  return rooms.sessions.compareAndSet(id, { user_id, active_run }, { $inc: { arrivals: 1 } });
}

function claim(
  rooms: Rooms,
  { user_id }: Caller,
  { id, run_id }: Entering["wanted"],
  expected: RunId | null,
): Promise<SessionDocument | null> {
  return rooms.sessions.compareAndSet(
    id,
    { user_id, active_run: expected },
    { $set: { active_run: run_id } },
  );
}

async function say({ rooms, caller, wanted, holder }: Entering): Promise<Partial<Entering> | undefined> {
  const { id, run_id, message } = wanted;
  if (holder !== run_id) return undefined;
  const counts = await appendMessages(rooms, caller, id, [message], requireActive(run_id));
  const session = await writeCounts(rooms, id, counts, { active_run: run_id });
  return { recent: session && (await recentIfFew(rooms, session)) };
}

type Leaving = {
  rooms: Rooms;
  caller: Caller;
  wanted: z.output<typeof leaveParams>;
  counts: Counts | null;
};

export const LEAVE: Moment<Leaving> = {
  key: "finish",
  operations: [
    { name: "message", do: store },
    { name: "released", do: release },
  ],
};

/**
 * Safe to repeat. A run that does not have the session stores nothing: the append is fenced by `active_run`, so an owner that
 * slept through its run's end does not store its messages once more (G2).
 * @throws session_not_found
 */
export async function leaveSession(
  rooms: Rooms,
  crash: Crash,
  caller: Caller,
  wanted: z.output<typeof leaveParams>,
): Promise<void> {
  const { active_run } = await ownSession(rooms, caller, wanted.id);
  // It has left before, and nothing of it is missing.
  if (active_run !== wanted.run_id) return;
  const leaving: Leaving = { rooms, caller, wanted, counts: null };
  await inLine(rooms, wanted.id, () => perform({ moments: rooms.ports.moments, crash }, LEAVE, leaving));
}

async function store({ rooms, caller, wanted }: Leaving): Promise<Partial<Leaving>> {
  const { id, run_id, messages } = wanted;
  if (messages.length === 0) return { counts: null };
  return { counts: await appendMessages(rooms, caller, id, messages, requireActive(run_id)) };
}

async function release({ rooms, wanted, counts }: Leaving): Promise<undefined> {
  const { id, run_id } = wanted;
  await writeCounts(rooms, id, counts, { active_run: run_id }, { active_run: null });
}
