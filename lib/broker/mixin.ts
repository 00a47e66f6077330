// Moleculer's mixins with types: a mixin says what it puts on the services that have it, and a service's type follows from the
// mixins it names. Used by mixins/ and by define-service.ts.
import type { Service, ServiceSchema } from "moleculer";

declare const ADDS: unique symbol;

/** A part of a service. `Adds` is what it puts on `this`, before the service's own `created`. */
export type Mixin<Adds extends object = object> = Partial<ServiceSchema> & { readonly [ADDS]?: Adds };

type AddsOf<M> = M extends Mixin<infer Adds> ? Adds : never;
type AllOf<Union> = (Union extends unknown ? (one: Union) => void : never) extends (all: infer All) => void
  ? All
  : never;

/** A service that has these mixins. */
export type With<Mixins extends readonly Mixin[]> = Service & AllOf<AddsOf<Mixins[number]>>;

type Lifecycle<Adds> = {
  created?(this: Service & Adds): void;
  started?(this: Service & Adds): Promise<void>;
  stopped?(this: Service & Adds): Promise<void>;
};

/** The mixin as it is, its lifecycle handlers typed by what it adds. They run before those of the service, `stopped` after. */
export function defineMixin<Adds extends object>(
  definition: Omit<ServiceSchema, "name" | keyof Lifecycle<Adds>> & Lifecycle<Adds>,
): Mixin<Adds> {
  return definition as Mixin<Adds>;
}
