// Domain events on NATS subjects: `mj.event.<type>`, to whoever listens.
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Outlet } from "../../ports/outlet.ts";
import { storeUnavailable } from "./nats-errors.ts";
import type { Nats } from "./open-nats.ts";
import { subjectOf } from "./subject.ts";

export function natsOutlet(nats: Nats): Outlet {
  let asked: Promise<string | undefined> | undefined;
  /** The server has what was handed over when it has answered what came behind it on the same connection: one question for all. */
  const whatIsWrong = () => {
    asked ??= Promise.resolve().then(() => {
      asked = undefined;
      return nats.check();
    });
    return asked;
  };
  return {
    hears: () => true,
    async publish(event) {
      const subject = subjectOf("mj.event", event.type);
      const isHandedOver = nats.publish(subject, JSON.stringify(event));
      const problem = isHandedOver ? await whatIsWrong() : "NATS is away";
      if (problem !== undefined) throw storeUnavailable(problem);
      // What the server refuses it says before that answer; it is noted in the same turn of the event loop.
      await nextTurn();
      if (nats.mayNotPublish(subject))
        throw storeUnavailable("NATS does not let this process tell of events");
      return true;
    },
  };
}
