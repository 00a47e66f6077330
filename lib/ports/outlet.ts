// The outlet port: where domain events leave the services, for programs outside. In a cluster NATS subjects; one process on its own
// has no outside.
import type { DomainEvent, DomainEventType } from "../../contracts/domain-events.ts";

export interface Outlet {
  /** Whether such events are for anybody; the others need not be written. */
  hears(type: DomainEventType): boolean;
  /**
   * Answers when it has gone out to whoever listens now. May be repeated.
   * @returns false where there is no outside
   * @throws store_unavailable
   */
  publish(event: DomainEvent): Promise<boolean>;
}
