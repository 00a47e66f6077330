// A service that tells what happens (contracts/domain-events.ts): `this.tell` in the moment that causes it, which is repeated when it
// fails; `this.tellAfterwards` of what is stored already, which never fails.
import { defineMixin } from "../lib/broker/mixin.ts";
import { type Tell, tellerOf } from "../lib/domain-events.ts";
import { logOf } from "../lib/log.ts";
import { Afterwards } from "../lib/tell-afterwards.ts";
import { addPorts, needing, type WithPorts } from "./ports.ts";

type Adds = WithPorts<"outlet"> & { tell: Tell; tellAfterwards: Tell; afterwards: Afterwards };

const telling = defineMixin<Adds>({
  created() {
    const { work, outlet } = this.broker.core.ports;
    addPorts(this, { outlet });
    this.tell = tellerOf(work, outlet, this.name);
    this.afterwards = new Afterwards(work, outlet, this.name, logOf(this.broker, this.name));
    this.tellAfterwards = this.afterwards.tell;
  },
  started() {
    return this.broker.core.ports.ready();
  },
  async stopped() {
    this.afterwards.stop();
  },
});
export const domainEvents = needing(["work", "outlet"], telling);
