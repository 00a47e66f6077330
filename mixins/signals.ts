// A service that tells or hears short messages: `this.ports.signals`. What it hears ends with it.
import { defineMixin } from "../lib/broker/mixin.ts";
import type { Signals } from "../lib/ports/signals.ts";
import { addPorts, needing, type WithPorts } from "./ports.ts";

type Adds = WithPorts<"signals"> & { stopListening(): void };

/** Whatever the service subscribes to ends with it. */
const listening = defineMixin<Adds>({
  created() {
    const { signals, stop } = endingSignals(this.broker.core.ports.signals);
    addPorts(this, { signals });
    this.stopListening = stop;
  },
  started() {
    return this.broker.core.ports.ready();
  },
  async stopped() {
    this.stopListening();
  },
});
export const signals = needing(["signals"], listening);

/** The signals of the process, with an end to all that was subscribed through them. */
function endingSignals(signals: Signals): { signals: Signals; stop(): void } {
  const open = new Set<() => void>();
  return {
    signals: {
      publish: signals.publish.bind(signals),
      subscribe(subject, listener) {
        const quiet = signals.subscribe(subject, listener);
        const end = () => {
          open.delete(end);
          quiet();
        };
        open.add(end);
        return Object.assign(end, { ready: quiet.ready });
      },
    },
    stop: () => {
      for (const end of open) end();
    },
  };
}
