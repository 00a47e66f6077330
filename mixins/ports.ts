// What every port mixin is made of: puts ports of the process on `this.ports` of the services that declare them, which opens
// them. A service sees no other: what it did not declare is not there.
import type { ServiceSchema } from "moleculer";
import { defineMixin, type Mixin } from "../lib/broker/mixin.ts";
import type { Ports } from "../lib/ports/ports.ts";

type Name = Exclude<keyof Ports, "sql" | "report" | "migrate">;
/** `this.ports` of a service, with the ports that it declared. */
export type WithPorts<Names extends keyof Ports> = { ports: Pick<Ports, Names> };

/** On a mixin: the ports it takes. Moleculer copies names only, so that it never meets this. */
const NEEDS = Symbol("ports");

/** Says which ports a mixin takes from its process. */
export function needing<M extends Mixin>(names: readonly (keyof Ports)[], mixin: M): M {
  return Object.assign(mixin, { [NEEDS]: names });
}

/** The ports that services take by their mixins, and those of their mixins. */
export function portsNeededBy(schemas: readonly Partial<ServiceSchema>[]): Set<keyof Ports> {
  const needed = schemas.flatMap((schema) => {
    const own = (schema as { [NEEDS]?: readonly (keyof Ports)[] })[NEEDS] ?? [];
    return [...own, ...portsNeededBy([schema.mixins ?? []].flat())];
  });
  return new Set(needed);
}

/**
 * Opens the ports when the service is made and waits until they can be used when it starts.
 */
export function declarePorts<Names extends Name>(...names: Names[]): Mixin<WithPorts<Names>> {
  return needing(names, portsOf(names));
}

function portsOf<Names extends Name>(names: Names[]): Mixin<WithPorts<Names>> {
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
