// Gives a service's lifecycle handlers and methods the type of the service itself; Moleculer's own schema type does not.
import type { Service, ServiceSchema } from "moleculer";
import type { Mixin } from "./mixin.ts";

type Definition<This extends Service> = Omit<
  ServiceSchema,
  "mixins" | "created" | "started" | "stopped" | "methods" | "settings"
> & {
  mixins?: readonly Mixin[];
  settings?: Record<string, unknown>;
  created?(this: This): void;
  started?(this: This): Promise<void>;
  stopped?(this: This): Promise<void>;
  methods?: Record<string, (this: This, ...args: never[]) => unknown>;
};

/** The schema as it is, typed by `This`: what `created` and `started` put on the service. */
export function defineService<This extends Service>(definition: Definition<This>): ServiceSchema {
  return definition as unknown as ServiceSchema;
}
