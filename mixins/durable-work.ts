// A service with work that must survive a crash: `this.ports.work`. It picks up none once it stops: the work waits.
import { defineMixin } from "../lib/broker/mixin.ts";
import type { Work } from "../lib/ports/work.ts";
import { addPorts, needing, type WithPorts } from "./ports.ts";

type Adds = WithPorts<"work"> & { stopWorking(): void };

/** Queues that the service handles end with it; what they hold waits for its next start. */
const working = defineMixin<Adds>({
  created() {
    const { work, stop } = endingWork(this.broker.core.ports.work);
    addPorts(this, { work });
    this.stopWorking = stop;
  },
  started() {
    return this.broker.core.ports.ready();
  },
  async stopped() {
    this.stopWorking();
  },
});
export const durableWork = needing(["work"], working);

/** The waiting work of the process, with an end to all queues that were handled through it. */
function endingWork(work: Work): { work: Work; stop(): void } {
  const ends: (() => void)[] = [];
  return {
    work: {
      add: (more) => work.add(more),
      remove: (queue, key) => work.remove(queue, key),
      deadLetters: (limit) => work.deadLetters(limit),
      redrive: (id) => work.redrive(id),
      handle(queue, handler, options) {
        const end = work.handle(queue, handler, options);
        ends.push(end);
        return end;
      },
    },
    stop: () => {
      for (const end of ends) end();
    },
  };
}
