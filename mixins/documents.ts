// A service that keeps documents. `collections` gives it the adapters of its collections; `documents` puts moleculer-db's service
// mixin over one of them (docs/decisions/2026-11-28-moleculer-db.md).
import type { Context, Service, ServiceSchema } from "moleculer";
import DbService from "moleculer-db";
import { defineMixin, type Mixin } from "../lib/broker/mixin.ts";
import { toError } from "../lib/errors.ts";
import type { DocumentAdapter, Filters } from "../lib/ports/document-adapter.ts";
import type { CollectionSpec, Document } from "../lib/ports/documents.ts";
import { declarePorts, needing } from "./ports.ts";

export const collections = declarePorts("documents");

/** What of moleculer-db a service works with. `Shown` is an entity as others see it. */
export type WithDocuments<T extends Document, Shown> = {
  adapter: DocumentAdapter<T>;
  /** The entity as it is stored. */
  getById(id: T["_id"]): Promise<T | null>;
  transformDocuments(ctx: Context | undefined, params: object, entity: T): Promise<Shown>;
  transformDocuments(ctx: Context | undefined, params: object, entities: T[]): Promise<Shown[]>;
  _find(ctx: Context | undefined, filters: Filters): Promise<Shown[]>;
  /** Stores it, with the hooks `beforeEntityCreate` and `entityCreated` of the service. */
  _create(ctx: Context | undefined, entity: object): Promise<Shown>;
  /** Removes it, with the hooks `beforeEntityRemove` and `entityRemoved`. @throws EntityNotFoundError */
  _remove(ctx: Context | undefined, params: { id: string }): Promise<Shown>;
  connect(): Promise<void>;
};

type Options<Shown> = {
  /** moleculer-db's settings: what the id is called where it is shown, and which fields are shown. */
  settings?: { idField?: string; fields?: string[] };
  /** The last step of `transformDocuments`, for which moleculer-db has no hook. */
  shown?(entity: Record<string, unknown>): Shown;
};

/** How long a collection may take until it can be used; then the start fails and says so. */
const CONNECT_MS = 10_000;

/** A schema, which its types call a class. */
const STOCK = DbService as unknown as ServiceSchema & { created(this: Service): void };
// Its actions would be reachable and take a client's query; its `started` tries for ever and its `stopped` closes what all share.
const { name: _none, actions: _public, started: _forEver, stopped: _closes, created, ...parts } = STOCK;
const transform = parts.methods?.transformDocuments as (
  ...given: unknown[]
) => Promise<Record<string, unknown>>;

/**
 * moleculer-db over one collection: its methods, without its actions. The start fails when the collection cannot be used within ten
 * seconds. What is changed by compare-and-set goes through `this.adapter`.
 */
export function documents<T extends Document, Shown>(
  spec: CollectionSpec,
  { settings, shown }: Options<Shown> = {},
): Mixin<WithDocuments<T, Shown>> {
  type This = Service & WithDocuments<T, Shown>;
  const mixin = defineMixin<WithDocuments<T, Shown>>({
    ...parts,
    settings: { ...parts.settings, ...settings },
    methods: {
      ...parts.methods,
      async transformDocuments(this: This, ctx: Context | undefined, params: object, entities: object) {
        const json = await transform.call(this, ctx, params, entities);
        if (!shown) return json;
        return Array.isArray(json) ? json.map(shown) : shown(json);
      },
      /** Nothing is cached here; the stock method would tell the whole cluster at every write. */
      async clearCache() {},
    },
    created(this: This) {
      // Made here: Moleculer would copy an adapter that stands in a schema.
      Object.assign(this.schema, { adapter: this.broker.core.ports.documents<T>(spec) });
      created.call(this);
    },
    started(this: This) {
      return connectWithin(CONNECT_MS, spec.name, () => this.connect());
    },
  });
  return needing(["documents"], mixin);
}

/** @throws Error in words for whoever starts the server */
export async function connectWithin(ms: number, name: string, connect: () => Promise<void>): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no answer within ${ms / 1_000} s`)), ms);
  try {
    await Promise.race([connect(), late]);
  } catch (thrown) {
    throw new Error(`The documents "${name}" cannot be used: ${toError(thrown).message}`, { cause: thrown });
  } finally {
    clearTimeout(timer);
  }
}
