// What happens, told to whoever listens outside: laid ready as durable work in the moment that causes it, and sent by one handler, at
// least once (docs/decisions/2026-11-29-domain-events.md).
import { createHash } from "node:crypto";
import {
  type DomainEvent,
  type DomainEventData,
  type DomainEventType,
  parseDomainEvent,
} from "../contracts/domain-events.ts";
import { ID_PREFIXES } from "../contracts/ids.ts";
import { newId } from "./ids.ts";
import type { Log } from "./log.ts";
import type { Outlet } from "./ports/outlet.ts";
import type { Work, WorkHandler } from "./ports/work.ts";

const QUEUE = "domain-events";
const ID_LENGTH = 26;
/** Nobody waits for an event as for an answer: those of a quarter of a second go out together. */
const TOGETHER = { lingerMs: 250, concurrency: 100 };

type Which = {
  /** What happens once only, by its id: told again it is the same event. A new one each time unless given. */
  once?: string;
  /** When it happened, ISO; now unless given. */
  at?: string | null;
};

/** Durable when it answers; in a moment, with the moment. Whoever repeats a moment tells again, with the same `once`. */
export type Tell = <Type extends DomainEventType>(
  type: Type,
  data: DomainEventData<Type>,
  which?: Which,
) => Promise<void>;

/** @param source the service that tells */
export function tellerOf(work: Work, outlet: Outlet, source: string): Tell {
  return async (type, data, which) => {
    if (outlet.hears(type)) await layReady(work, eventOf(source, type, data, which));
  };
}

export function eventOf<Type extends DomainEventType>(
  source: string,
  type: Type,
  data: DomainEventData<Type>,
  { once, at }: Which = {},
): DomainEvent {
  const id = once === undefined ? newId<string>("event") : eventIdOf(type, once);
  return { id, type, source, data, timestamp: at ?? new Date().toISOString(), version: 1 };
}

/** May be repeated. */
export function layReady(work: Work, event: DomainEvent): Promise<void> {
  return work.add({ queue: QUEUE, payload: event, key: event.id });
}

/** The same for the same, whoever tells it. */
function eventIdOf(type: DomainEventType, once: string): string {
  const hash = createHash("sha256").update(`${type}:${once}`).digest("hex");
  return ID_PREFIXES.event + hash.slice(0, ID_LENGTH);
}

/** Sends what was laid ready, by this process and others; what finds no way out after its last attempt is a dead letter. */
export function sendDomainEvents(work: Work, outlet: Outlet, log: Log): void {
  const send: WorkHandler = async ({ payload }) => {
    const event = parseDomainEvent(payload);
    if (!(await outlet.publish(event))) log.info({ event }, "domain event");
  };
  work.handle(QUEUE, send, TOGETHER);
}
