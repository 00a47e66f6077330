// What happens to accounts, told to whoever listens: durable work, laid ready in the moment it is about.
// A handler may get an event twice and knows it by its id.
import { newId } from "../../lib/ids.ts";
import type { Rooms } from "./rooms.ts";
import { isoTime } from "./store/tables.ts";

const QUEUE = "domain-events";

type Told = {
  "user.registered": { user_id: string; plan: string };
  "subscription.changed": { user_id: string; plan: string; former_plan: string };
};

/** Durable when it answers; in a moment, with the moment. */
export async function tell<Type extends keyof Told>(
  rooms: Rooms,
  type: Type,
  data: Told[Type],
): Promise<void> {
  const event = {
    id: newId("event"),
    type,
    source: "users",
    data,
    timestamp: isoTime(Date.now()),
    version: 1,
  };
  await rooms.ports.work.add({ queue: QUEUE, payload: event, key: event.id });
}

/** Nobody else listens in one process yet: events go to the log and are done. */
export function logEvents(rooms: Rooms): void {
  rooms.ports.work.handle(QUEUE, async ({ payload }) => {
    rooms.log.info({ event: payload }, "domain event");
  });
}
