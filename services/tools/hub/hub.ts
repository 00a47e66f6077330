// The hub of the edge: a second broker, in the namespace of the Macs, that hosts nothing and calls the one service they have. It knows
// which Macs are connected to it; whether one may be dealt with the registry says (`nodes`).
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { ServiceBroker } from "moleculer";
import type { ActionName, ParamsOf } from "../../../contracts/actions.ts";
import type { NodeId } from "../../../contracts/ids.ts";
import { type Nats, openNats } from "../../../lib/cluster/nats/open-nats.ts";
import { edgeBrokerOptions } from "../../../lib/edge/bus/edge-broker.ts";
import { EdgeTransporter, type Said } from "../../../lib/edge/bus/edge-transporter.ts";
import { Flood } from "../../../lib/edge/bus/flood.ts";
import { HubGuard } from "../../../lib/edge/bus/hub-guard.ts";
import { hubId, hubSide } from "../../../lib/edge/bus/subjects.ts";
import { signGrant } from "../../../lib/edge/grants.ts";
import { KEY_FILES, readKeyFile } from "../../../lib/edge/keys/key-files.ts";
import { Signer } from "../../../lib/edge/keys/signatures.ts";
import { toError } from "../../../lib/errors.ts";
import type { Log } from "../../../lib/log.ts";
import { Describing } from "./describing.ts";

export type EdgeSettings = { url: string; keysFolder: string };

/** What the hub tells, and asks, of Macs. */
export type Registry = {
  /** @returns whether this process of the Mac is the one to deal with */
  meet(nodeId: NodeId, instance: string): Promise<boolean>;
  describe(nodeId: NodeId, instance: string): Promise<void>;
  /** @returns those that are not to be dealt with any more */
  see(macs: { node_id: NodeId; instance: string }[]): Promise<NodeId[]>;
  lose(nodeId: NodeId, instance: string): Promise<void>;
  cutOff(nodeId: NodeId): Promise<void>;
  output(nodeId: NodeId, said: Said): void;
  odd(nodeId: NodeId, what: string): void;
};

/** What a Mac can be asked. */
export type MacAction = Extract<ActionName, `node.${string}`>;

const SEE_EVERY_MS = 4_000;
/** A grant outlives its call by what the clocks may differ and the way may take. */
const GRANT_MARGIN_MS = 10_000;

export class Hub {
  readonly broker: ServiceBroker;
  readonly #nats: Nats;
  readonly #log: Log;
  readonly #registry: Registry;
  readonly #signer: Signer;
  /** The process of each Mac that is dealt with; false while the registry is asked. */
  readonly #instances = new Map<string, string | false>();
  readonly #waiting = new Map<string, Set<() => void>>();
  readonly #timer: NodeJS.Timeout;
  readonly #describing: Describing;

  /** @throws Error in words: no keys, no nats-server */
  static async open(settings: EdgeSettings, registry: Registry, log: Log): Promise<Hub> {
    const { url, keysFolder } = settings;
    const signer = new Signer(readKeyFile(keysFolder, KEY_FILES.grantsSeed));
    const nats = await openNats({
      ...{ url, name: "macjarvis hub", credentialsFile: join(keysFolder, KEY_FILES.hubCreds) },
      tell: (words) => log.warn({ bus: "edge" }, words),
    });
    const hub = new Hub(nats, signer, registry, log);
    try {
      await hub.broker.start();
    } catch (thrown) {
      await hub.close();
      throw thrown;
    }
    return hub;
  }

  private constructor(nats: Nats, signer: Signer, registry: Registry, log: Log) {
    this.#nats = nats;
    this.#signer = signer;
    this.#registry = registry;
    this.#log = log;
    const id = hubId(randomUUID());
    const flood = new Flood((nodeId) => void this.#cutOff(nodeId));
    const guard = new HubGuard(
      {
        accepts: (nodeId, instance) => this.#accepts(nodeId, instance),
        output: (nodeId, said) => registry.output(nodeId as NodeId, said),
        odd: (nodeId, what) => registry.odd(nodeId as NodeId, what),
      },
      flood,
      () => this.broker.transit as never,
    );
    const transporter = new EdgeTransporter({
      ...{ nats, side: hubSide(id), guard },
      onDeaf: (problem) => log.fatal({ err: problem }, "the hub cannot hear the Macs any more"),
    });
    this.broker = new ServiceBroker(edgeBrokerOptions({ nodeID: id, transporter, log }));
    this.broker.localBus.on("$node.connected", ({ node }: { node: { id: string } }) =>
      this.#connected(node.id),
    );
    this.broker.localBus.on("$node.disconnected", ({ node }: { node: { id: string } }) =>
      this.#lost(node.id),
    );
    this.broker.localBus.on("$node.updated", ({ node }: { node: { id: string } }) =>
      this.#describing.heard(node.id),
    );
    this.#describing = new Describing({
      look: (nodeId) => this.#heard(nodeId),
      describe: (nodeId, instance) => registry.describe(nodeId as NodeId, instance),
      failed: (node_id, thrown) =>
        log.warn({ err: toError(thrown), node_id }, "a Mac does not say what it can do"),
    });
    this.#timer = setInterval(() => void this.#see(), SEE_EVERY_MS).unref();
  }

  /** The Mac's process that is connected and dealt with. */
  instanceOf(nodeId: string): string | undefined {
    const instance = this.#instances.get(nodeId);
    const node = this.broker.registry.nodes.get(nodeId);
    return instance && node?.available ? instance : undefined;
  }

  /** All that are connected and dealt with. */
  connected(): { node_id: NodeId; instance: string }[] {
    return [...this.#instances.keys()].flatMap((node_id) => {
      const instance = this.instanceOf(node_id);
      return instance ? [{ node_id: node_id as NodeId, instance }] : [];
    });
  }

  /**
   * Asks a Mac, with a grant.
   * @param options.userId for whom @param options.limitMs how long the answer may take
   * @throws what Moleculer says of one that is not there or does not answer, and what the Mac refuses (a MacError with its type)
   */
  async ask(
    nodeId: NodeId,
    action: MacAction,
    params: ParamsOf<MacAction>,
    { userId = "", limitMs }: { userId?: string; limitMs: number },
  ): Promise<unknown> {
    const expires_at = Math.ceil(Date.now() + limitMs + GRANT_MARGIN_MS);
    const instance = this.instanceOf(nodeId) ?? "";
    const grant = signGrant(this.#signer, {
      action,
      node_id: nodeId,
      instance,
      user_id: userId,
      params,
      expires_at,
    });
    return this.broker.call(action, params as object, { nodeID: nodeId, timeout: limitMs, meta: { grant } });
  }

  /** Answers when the Mac is connected, or the time is over, or it is not waited for any more. @returns whether it is connected */
  async comes(nodeId: string, limitMs: number, signal?: AbortSignal): Promise<boolean> {
    if (this.instanceOf(nodeId)) return true;
    const { promise, resolve } = Promise.withResolvers<void>();
    const waiting = this.#waiting.get(nodeId) ?? new Set();
    this.#waiting.set(nodeId, waiting.add(resolve));
    const timer = setTimeout(resolve, Math.max(0, limitMs));
    signal?.addEventListener("abort", () => resolve(), { once: true });
    if (signal?.aborted) resolve();
    await promise;
    clearTimeout(timer);
    waiting.delete(resolve);
    if (waiting.size === 0 && this.#waiting.get(nodeId) === waiting) this.#waiting.delete(nodeId);
    return this.instanceOf(nodeId) !== undefined;
  }

  /** It was revoked: nothing is heard of it any more, and whoever waits for its answers is told so. */
  drop(nodeId: string): void {
    this.#instances.delete(nodeId);
    this.broker.registry.nodes.disconnected(nodeId, false);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.broker.stop().catch((thrown: unknown) => this.#log.warn({ err: toError(thrown) }, "the hub"));
    await this.#nats.close();
  }

  /** The registry is asked of one that is not known; it tells of itself again when it is asked to. */
  #accepts(nodeId: string, instance: string): boolean {
    const known = this.#instances.get(nodeId);
    if (known === instance) return true;
    if (known !== false) void this.#meet(nodeId as NodeId, instance);
    return false;
  }

  async #meet(nodeId: NodeId, instance: string): Promise<void> {
    const before = this.#instances.get(nodeId);
    this.#instances.set(nodeId, false);
    try {
      const accepted = await this.#registry.meet(nodeId, instance);
      if (accepted) this.#instances.set(nodeId, instance);
      else if (before) this.#instances.set(nodeId, before);
      else this.#instances.delete(nodeId);
      if (accepted) await this.broker.transit?.discoverNode(nodeId);
    } catch (thrown) {
      this.#instances.delete(nodeId);
      this.#log.warn({ err: toError(thrown), node_id: nodeId }, "whether a Mac may join could not be asked");
    }
  }

  #connected(nodeId: string): void {
    const instance = this.instanceOf(nodeId);
    if (!instance) return;
    for (const comes of this.#waiting.get(nodeId) ?? []) comes();
    this.#describing.forget(nodeId);
    this.#describing.heard(nodeId);
  }

  #heard(nodeId: string): { instance: string; seq: number } | undefined {
    const instance = this.instanceOf(nodeId);
    return instance ? { instance, seq: this.broker.registry.nodes.get(nodeId)?.seq ?? 0 } : undefined;
  }

  #lost(nodeId: string): void {
    const instance = this.#instances.get(nodeId);
    this.#instances.delete(nodeId);
    this.#describing.forget(nodeId);
    if (!instance) return;
    this.#registry
      .lose(nodeId as NodeId, instance)
      .catch((thrown: unknown) =>
        this.#log.warn({ err: toError(thrown), node_id: nodeId }, "that a Mac is gone could not be told"),
      );
  }

  async #see(): Promise<void> {
    const macs = this.connected();
    if (macs.length === 0) return;
    try {
      for (const nodeId of await this.#registry.see(macs)) this.drop(nodeId);
    } catch (thrown) {
      this.#log.warn({ err: toError(thrown) }, "which Macs are connected could not be told");
    }
  }

  async #cutOff(nodeId: string): Promise<void> {
    this.#log.warn({ node_id: nodeId }, "a Mac says far too much: it is cut off");
    try {
      await this.#registry.cutOff(nodeId as NodeId);
    } catch (thrown) {
      this.#log.warn({ err: toError(thrown), node_id: nodeId }, "a Mac could not be cut off");
    }
  }
}
