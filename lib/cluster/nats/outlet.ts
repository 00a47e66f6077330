// Domain events on NATS subjects: `mj.event.<type>`, to whoever listens.
import type { Outlet } from "../../ports/outlet.ts";
import { storeUnavailable } from "./nats-errors.ts";
import type { Nats } from "./open-nats.ts";
import { subjectOf } from "./subject.ts";

export function natsOutlet(nats: Nats): Outlet {
  return {
    hears: () => true,
    async publish(event) {
      const isHandedOver = nats.publish(subjectOf("mj.event", event.type), JSON.stringify(event));
      // The server has it when it has answered what came behind it on the same connection.
      const problem = isHandedOver ? await nats.check() : "NATS is away";
      if (problem !== undefined) throw storeUnavailable(problem);
      return true;
    },
  };
}
