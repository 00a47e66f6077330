// The parts of the agent's moments that are the session's. Of "accept": a run whose turn has come takes the session and its message
// is there. Of "finish": the run's messages are stored and the session is free.
import type { z } from "zod";
import type { Caller } from "../../contracts/access.ts";
import type { MessageId, RunId, SessionId } from "../../contracts/ids.ts";
import type { Entered, enterParams, leaveParams, Recent } from "../../contracts/sessions.ts";
import type { Crash } from "../../lib/crash-points.ts";
import { AppError } from "../../lib/errors.ts";
import { type Moment, perform } from "../../lib/moments.ts";
import { bindFiles, unbindFiles } from "./files/bind-files.ts";
import {
  inLine,
  ownSession,
  ownStaying,
  type Replaced,
  type Rooms,
  requireOwn,
  type SessionDocument,
  STAYS,
} from "./rooms.ts";
import { appendMessages, requireActive } from "./store/append-messages.ts";
import { type Appended, dropLatePage, shownSession, writeCounts } from "./store/count-messages.ts";
import { ensureSession } from "./store/make-session.ts";
import { pagesBackwards, recentIfFew } from "./store/read-messages.ts";

type Entering = {
  rooms: Rooms;
  caller: Caller;
  wanted: z.output<typeof enterParams>;
  /** As this moment has read or written it last. */
  session: SessionDocument | null;
  /** Who has the session. */
  holder: RunId | null;
  /** It has the session from now on, and had not before. */
  isFirst: boolean;
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
  const entering: Entering = {
    ...{ rooms, caller, wanted },
    ...{ session: null, holder: null, isFirst: false, place: null, recent: null },
  };
  const performer = { moments: rooms.ports.moments, crash };
  const { attachments } = wanted.message;
  if (attachments) await bindFiles(rooms, caller, attachments, wanted.id);
  const entered = await inLine(rooms, wanted.id, () => perform(performer, ENTER, entering)).catch(
    async (thrown: unknown) => {
      if (attachments) await unbindFiles(rooms, attachments, wanted.id);
      throw thrown;
    },
  );
  const { holder, place, recent } = entered;
  return { active_run_id: holder, place, recent };
}

/** A new session is its run's from the start, unless the run shall stand behind others. */
async function ensure({ rooms, caller, wanted }: Entering): Promise<Partial<Entering> | undefined> {
  const { id, run_id, create, behind } = wanted;
  if (!create) return undefined;
  return {
    session: await ensureSession(rooms, caller, id, { ...create, active_run: behind ? null : run_id }),
  };
}

/** `active_run` changes by compare-and-set only: from nothing, or from a run that has ended. */
async function take({ rooms, caller, wanted, session }: Entering): Promise<Partial<Entering>> {
  const { id, run_id, ended, wants_place, behind, again = false } = wanted;
  if (session?.active_run === run_id) return { holder: run_id };
  for (let expected: RunId | null = ended; ; ) {
    const claimed = behind ? null : await claim(rooms, caller, wanted, expected);
    if (claimed) return { holder: run_id, session: requireOwn(caller, id, claimed), isFirst: !again };
    const now = await ownStaying(rooms, caller, id);
    const { active_run } = now;
    if (now.left === run_id && !again) throw new AppError("stale_epoch");
    if (!behind && (active_run === null || active_run === ended)) {
      expected = active_run;
      continue;
    }
    if (!wants_place || active_run === run_id) return { holder: active_run, session: now };
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
  return rooms.sessions.compareAndSet(id, { user_id, active_run, ...STAYS }, { $inc: { arrivals: 1 } });
}

function claim(
  rooms: Rooms,
  { user_id }: Caller,
  { id, run_id, again }: Entering["wanted"],
  expected: RunId | null,
): Promise<SessionDocument | null> {
  const hadNot = again ? {} : { left: { $ne: run_id } };
  return rooms.sessions.compareAndSet(
    id,
    { user_id, active_run: expected, ...hadNot, ...STAYS },
    { $set: { active_run: run_id } },
  );
}

async function say({
  rooms,
  caller,
  wanted,
  session,
  holder,
  isFirst,
}: Entering): Promise<Partial<Entering> | undefined> {
  const { id, run_id, earlier = [], message } = wanted;
  if (holder !== run_id) return undefined;
  const known = session ? { session, hasNoneOfThem: isFirst } : undefined;
  const from = message.replaces && (await placeOf(rooms, caller, wanted, message.replaces));
  const said = await appendMessages(rooms, caller, id, [...earlier, message], requireActive(run_id), known);
  const hides = said && from ? { set: { replaced: from.upTo(said.message_count - 1) } } : {};
  const counted = await writeCounts(rooms, id, said, { active_run: run_id }, hides);
  if (!counted) await dropLatePage(rooms, id, said);
  return { recent: counted && (await recentIfFew(rooms, counted, said?.inHand)) };
}

/**
 * Where the message stands that is replaced, with all behind it. The session is this run's: nobody else replaces anything meanwhile.
 * @throws message_not_found, invalid_request, conflict: then the run is not accepted, and leaves the session
 */
async function placeOf(
  rooms: Rooms,
  caller: Caller,
  { id, again = false }: Entering["wanted"],
  replaces: MessageId,
): Promise<{ upTo(number: number): Replaced[] }> {
  const { findPlace, requireReplaceable, withReplaced } = await import("./store/replaced.ts");
  const session = await shownSession(rooms, caller, id);
  const found = await findPlace(pagesBackwards(rooms, session), session, replaces);
  // Accepted before, it may have hidden it already.
  const place = again && found ? found : requireReplaceable(replaces, found);
  return { upTo: (number) => withReplaced(session, [place.number, number]) };
}

type Leaving = {
  rooms: Rooms;
  caller: Caller;
  wanted: z.output<typeof leaveParams>;
  /** As it was when the run was seen to have it. */
  session: SessionDocument;
  stored: Appended | null;
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
  const session = await ownSession(rooms, caller, wanted.id);
  // It has left before, and nothing of it is missing.
  if (session.active_run !== wanted.run_id) return;
  const leaving: Leaving = { rooms, caller, wanted, session, stored: null };
  await inLine(rooms, wanted.id, () => perform({ moments: rooms.ports.moments, crash }, LEAVE, leaving));
}

/**
 * What a run leaves is counted with its release and not before: where the pages are as the session says, nothing of it is there, and
 * it is added without a look.
 */
async function store({ rooms, caller, wanted, session }: Leaving): Promise<Partial<Leaving>> {
  const { id, run_id, messages } = wanted;
  const known = { session, hasNoneOfThem: true };
  return { stored: await appendMessages(rooms, caller, id, messages, requireActive(run_id), known) };
}

async function release({ rooms, wanted, stored }: Leaving): Promise<undefined> {
  const { id, run_id } = wanted;
  await writeCounts(rooms, id, stored, { active_run: run_id }, { set: { active_run: null, left: run_id } });
}
