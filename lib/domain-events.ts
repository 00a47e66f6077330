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
import type { Work } from "./ports/work.ts";

const QUEUE = "domain-events";
const ID_LENGTH = 26;

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
  return async (type, data, { once, at } = {}) => {
    if (!outlet.hears(type)) return;
    const id = once === undefined ? newId<string>("event") : eventIdOf(type, once);
    const timestamp = at ?? new Date().toISOString();
    const event: DomainEvent = { id, type, source, data, timestamp, version: 1 };
    await work.add({ queue: QUEUE, payload: event, key: id });
  };
}

/** The same for the same, whoever tells it. */
function eventIdOf(type: DomainEventType, once: string): string {
  const hash = createHash("sha256").update(`${type}:${once}`).digest("hex");
  return ID_PREFIXES.event + hash.slice(0, ID_LENGTH);
}

/** Sends what was laid ready, by this process and others; what finds no way out after its last attempt is a dead letter. */
export function sendDomainEvents(work: Work, outlet: Outlet, log: Log): void {
  work.handle(QUEUE, async ({ payload }) => {
    const event = parseDomainEvent(payload);
    if (!(await outlet.publish(event))) log.info({ event }, "domain event");
  });
}
