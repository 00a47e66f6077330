// The part of the moment "finish" that is the session's: the run's messages are stored and the session is free.
import type { z } from "zod";
import type { Caller } from "../../../contracts/access.ts";
import type { leaveParams } from "../../../contracts/sessions.ts";
import { type Crash, type Moment, perform } from "../../../lib/moments.ts";
import { inLine, ownSession, type Rooms } from "../rooms.ts";
import { appendMessages, type Counts, requireActive, writeCounts } from "../store/append-messages.ts";

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
