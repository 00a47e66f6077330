// A service as Moleculer takes it, checked by the compiler: its actions are exactly those that contracts/actions.ts has for its
// name, each handler takes what the contract lets in and answers what it promises, and `this` is the service with its mixins.
import type { Service, ServiceSchema } from "moleculer";
import type { ActionName } from "../../contracts/actions.ts";
import type { Action } from "./action.ts";
import type { Mixin } from "./mixin.ts";

/** Actions that a mixin brings (mixins/user-data.ts). */
type MixedIn = "removeUser";
/** `login` of `users.login`, for the service `users`. */
type OwnActions<Name extends string> =
  Extract<ActionName, `${Name}.${string}`> extends infer Full
    ? Full extends `${Name}.${infer Short}`
      ? Exclude<Short, MixedIn>
      : never
    : never;

type Actions<Name extends string, This> = {
  [Short in OwnActions<Name>]: Action<Extract<`${Name}.${Short}`, ActionName>, This>;
};

type Definition<Name extends string, This extends Service> = {
  name: Name;
  mixins?: readonly Mixin[];
  settings?: Record<string, unknown>;
  /** Actions of mixins that this service does not have. */
  without?: string[];
  created?(this: This): void;
  started?(this: This): Promise<void>;
  stopped?(this: This): Promise<void>;
  /** moleculer-db's hook (mixins/documents.ts): what must be gone before the entity is. */
  beforeEntityRemove?(this: This, params: { id: string }): Promise<void>;
  methods?: Record<string, (this: This, ...args: never[]) => unknown>;
} & ([OwnActions<Name>] extends [never] ? { actions?: never } : { actions: Actions<Name, This> });

/** Moleculer's schema of the service. */
export function defineService<Name extends string, This extends Service>({
  without = [],
  ...definition
}: Definition<Name, This>): ServiceSchema {
  const off = Object.fromEntries(without.map((name) => [name, false]));
  return { ...definition, actions: { ...off, ...definition.actions } } as unknown as ServiceSchema;
}
