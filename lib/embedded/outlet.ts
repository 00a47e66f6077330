// One process on its own: nobody outside can listen, so only what happens to accounts is kept, for the log. Nothing that a turn tells
// is written, so that it costs none.
import type { DomainEventType } from "../../contracts/domain-events.ts";
import type { Outlet } from "../ports/outlet.ts";

const LOGGED: readonly DomainEventType[] = ["user.registered", "subscription.changed"];

export const processOutlet: Outlet = {
  hears: (type) => LOGGED.includes(type),
  publish: async () => false,
};
