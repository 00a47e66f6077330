// A service that tells what happens (contracts/domain-events.ts): `this.tell`.
import { defineMixin } from "../lib/broker/mixin.ts";
import { type Tell, tellerOf } from "../lib/domain-events.ts";
import { addPorts, needing, type WithPorts } from "./ports.ts";

type Adds = WithPorts<"outlet"> & { tell: Tell };

const telling = defineMixin<Adds>({
  created() {
    const { work, outlet } = this.broker.core.ports;
    addPorts(this, { outlet });
    this.tell = tellerOf(work, outlet, this.name);
  },
  started() {
    return this.broker.core.ports.ready();
  },
});
export const domainEvents = needing(["work", "outlet"], telling);
