// Ends the agent's work for a restart: nothing new begins, what is nearly done may finish, the rest is left to the journal.
import { handOver } from "./journal/hand-over.ts";
import type { Rooms } from "./rooms.ts";

const PATIENCE_MS = 5_000;

/**
 * Runs that are not done by then are taken up at the next start as after a crash, there is only that one way; but a stop is no
 * death, and does not count against them.
 */
export async function drain(rooms: Rooms): Promise<void> {
  rooms.draining = true;
  const running = [...rooms.active.values()].map((active) => active.finished);
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, PATIENCE_MS);
  });
  await Promise.race([Promise.allSettled(running), patience]);
  clearTimeout(timer);
  await Promise.all([...rooms.active].map(([id, { epoch }]) => handOver(rooms, id, epoch)));
  await rooms.closed.write();
}
