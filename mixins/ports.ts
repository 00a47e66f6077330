// What every port mixin is made of: puts ports of the process on `this.ports` of the services that declare them, which opens
// them. A service sees no other: what it did not declare is not there.
import { defineMixin, type Mixin } from "../lib/broker/mixin.ts";
import type { Ports } from "../lib/ports/ports.ts";

type Name = Exclude<keyof Ports, "sql" | "migrate">;
/** `this.ports` of a service, with the ports that it declared. */
export type WithPorts<Names extends keyof Ports> = { ports: Pick<Ports, Names> };

/**
 * Opens the ports when the service is made and waits until they can be used when it starts.
 */
export function declarePorts<Names extends Name>(...names: Names[]): Mixin<WithPorts<Names>> {
  return defineMixin<WithPorts<Names>>({
    created() {
      const { ports } = this.broker.core;
      const declared = Object.fromEntries(names.map((name) => [name, ports[name]]));
      addPorts(this, declared as Pick<Ports, Names>);
    },
    started() {
      return this.broker.core.ports.ready();
    },
  });
}

/** Several mixins of a service fill the same `this.ports`. */
export function addPorts<Names extends keyof Ports>(
  service: WithPorts<Names>,
  more: Pick<Ports, Names>,
): void {
  service.ports = { ...service.ports, ...more };
}
