// The hub of the edge: a second broker, in the namespace of the Macs, that hosts nothing and calls the one service they have. It knows
// which Macs are connected to it; whether one may be dealt with the registry says (`nodes`).
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { ServiceBroker } from "moleculer";
import type { ActionName, ParamsOf } from "../../../contracts/actions.ts";
import type { NodeId } from "../../../contracts/ids.ts";
import type { Met, SeenMac } from "../../../contracts/nodes.ts";
import { type Nats, openNats } from "../../../lib/cluster/nats/open-nats.ts";
import { edgeBrokerOptions } from "../../../lib/edge/bus/edge-broker.ts";
import { EdgeTransporter, type Said } from "../../../lib/edge/bus/edge-transporter.ts";
import { Flood } from "../../../lib/edge/bus/flood.ts";
import { HubGuard } from "../../../lib/edge/bus/hub-guard.ts";
import { hubId, hubSide } from "../../../lib/edge/bus/subjects.ts";
import { signGrant, signTime } from "../../../lib/edge/grants.ts";
import type { JournalPlace } from "../../../lib/edge/journal-claim.ts";
import { KEY_FILES, readKeyFile } from "../../../lib/edge/keys/key-files.ts";
import { Signer } from "../../../lib/edge/keys/signatures.ts";
import { AppError, toError } from "../../../lib/errors.ts";
import type { Log } from "../../../lib/log.ts";
import { Describing } from "./describing.ts";
import { type MacProcess, MacProcesses } from "./mac-processes.ts";

export type EdgeSettings = { url: string; keysFolder: string };

/** What the hub tells, and asks, of Macs. */
export type Registry = {
  /** @returns whether this process of the Mac is the one to deal with */
  meet(nodeId: NodeId, instance: string, journal: JournalPlace | undefined): Promise<Met>;
  describe(nodeId: NodeId, instance: string): Promise<void>;
  /** @returns those that are not to be dealt with any more */
  see(macs: SeenMac[]): Promise<NodeId[]>;
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
  readonly #processes: MacProcesses;
  readonly #revoked = new Set<string>();
  readonly #waiting = new Map<string, Set<() => void>>();
  readonly #timer: NodeJS.Timeout;
  readonly #describing: Describing;
  /** Says to a Mac that this hub lives, and what time it is. */
  readonly #greet: (nodeId: string) => void;

  /** @throws Error in words: no keys, no nats-server */
  static async open(
    settings: EdgeSettings,
    registry: Registry,
    log: Log,
    /** Told when it hears nothing any more, and will not by waiting. */
    deaf: () => void = () => undefined,
  ): Promise<Hub> {
    const { url, keysFolder } = settings;
    const signer = new Signer(readKeyFile(keysFolder, KEY_FILES.grantsSeed));
    const nats = await openNats({
      ...{
        url,
        name: "macjarvis hub",
        variable: "EDGE_URL",
        credentialsFile: join(keysFolder, KEY_FILES.hubCreds),
      },
      tell: (words) => log.warn({ bus: "edge" }, words),
    });
    const hub = new Hub(nats, signer, registry, log, deaf);
    try {
      await hub.broker.start();
    } catch (thrown) {
      await hub.close();
      throw thrown;
    }
    return hub;
  }

  private constructor(nats: Nats, signer: Signer, registry: Registry, log: Log, deaf: () => void) {
    this.#nats = nats;
    this.#signer = signer;
    this.#registry = registry;
    this.#log = log;
    this.#processes = new MacProcesses({
      ...{ log, meet: (nodeId, instance, journal) => registry.meet(nodeId, instance, journal) },
      met: (nodeId) => this.#met(nodeId),
    });
    const id = hubId(randomUUID());
    const flood = new Flood((nodeId) => void this.#cutOff(nodeId));
    const guard = new HubGuard(
      {
        accepts: (nodeId, instance, journal) => this.#processes.accepts(nodeId, instance, journal),
        knows: (nodeId, instance) => this.#processes.of(nodeId)?.instance === instance,
        vitals: (nodeId, vitals) => this.#processes.keepVitals(nodeId, vitals),
        output: (nodeId, said) => registry.output(nodeId as NodeId, said),
        odd: (nodeId, what) => registry.odd(nodeId as NodeId, what),
      },
      flood,
      () => this.broker.transit as never,
    );
    const pulse = () => signTime(signer, id, Date.now());
    const transporter = new EdgeTransporter({
      ...{ nats, side: hubSide(id), guard, pulse },
      onDeaf(problem) {
        log.error({ err: problem }, "the hub cannot hear the Macs any more; it begins anew");
        deaf();
      },
    });
    this.#greet = (nodeId) => transporter.tell("HEARTBEAT", nodeId, pulse());
    this.broker = new ServiceBroker(edgeBrokerOptions({ nodeID: id, transporter, log }));
    this.broker.localBus.on("$node.connected", ({ node }: { node: { id: string } }) =>
      this.#connected(node.id),
    );
    this.broker.localBus.on("$node.updated", ({ node }: { node: { id: string } }) => this.#returned(node.id));
    this.broker.localBus.on("$transporter.connected", ({ wasReconnect }: { wasReconnect: boolean }) => {
      if (wasReconnect) for (const nodeId of this.#processes.ids()) this.#returned(nodeId);
    });
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
  processOf(nodeId: string): MacProcess | undefined {
    return this.broker.registry.nodes.get(nodeId)?.available ? this.#processes.of(nodeId) : undefined;
  }

  /** What it is called. */
  instanceOf(nodeId: string): string | undefined {
    return this.processOf(nodeId)?.instance;
  }

  /** It said something that no honest Mac says. */
  odd(nodeId: NodeId, what: string): void {
    this.#registry.odd(nodeId, what);
  }

  /** All that are connected and dealt with. */
  connected(): { node_id: NodeId; instance: string }[] {
    return [...this.#processes.ids()].flatMap((node_id) => {
      const instance = this.instanceOf(node_id);
      return instance ? [{ node_id, instance }] : [];
    });
  }

  /**
   * Asks a Mac, with a grant.
   * @param options.userId for whom @param options.limitMs how long the answer may take
   * @param options.isAskedAgain once more where the answer was lost with a connection; else that is thrown
   * @throws node_offline, what Moleculer says of one that does not answer, and what the Mac refuses (a MacError with its type)
   */
  async ask(
    nodeId: NodeId,
    action: MacAction,
    params: ParamsOf<MacAction>,
    {
      userId = "",
      limitMs,
      isAskedAgain = true,
    }: { userId?: string; limitMs: number; isAskedAgain?: boolean },
  ): Promise<unknown> {
    const until = performance.now() + limitMs;
    const instance = this.instanceOf(nodeId);
    if (!instance) throw new AppError("node_offline", "The Mac is not connected.");
    const ask = () => {
      const leftMs = Math.max(1, until - performance.now());
      const expires_at = Math.ceil(Date.now() + leftMs + GRANT_MARGIN_MS);
      const asked = { action, node_id: nodeId, instance, user_id: userId, params, expires_at };
      const meta = { grant: signGrant(this.#signer, asked) };
      return this.broker.call(action, params as object, { nodeID: nodeId, timeout: leftMs, meta });
    };
    try {
      return await ask();
    } catch (thrown) {
      const isLost = (thrown as { type?: unknown }).type === "REQUEST_REJECTED";
      if (!isLost || !isAskedAgain || this.instanceOf(nodeId) !== instance) throw thrown;
      // A connection was made anew meanwhile.
      return await ask();
    }
  }

  /** Answers when the Mac is connected, or the time is over, or it is not waited for any more. @returns whether it is connected */
  async comes(nodeId: string, limitMs: number, signal?: AbortSignal): Promise<boolean> {
    if (this.instanceOf(nodeId)) return true;
    if (this.isRevoked(nodeId)) return false;
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

  /** It never comes back: whoever waits for its answers is told so. */
  revoke(nodeId: string): void {
    this.#revoked.add(nodeId);
    this.drop(nodeId);
    for (const comes of this.#waiting.get(nodeId) ?? []) comes();
  }

  isRevoked(nodeId: string): boolean {
    return this.#revoked.has(nodeId);
  }

  /** Nothing is heard of it any more, unless it may come again. */
  drop(nodeId: string): void {
    this.#processes.drop(nodeId);
    this.broker.registry.nodes.disconnected(nodeId, false);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#describing.stop();
    await this.broker.stop().catch((thrown: unknown) => this.#log.warn({ err: toError(thrown) }, "the hub"));
    await this.#nats.close();
  }

  /** Who waits for the one before asks this one, or nobody; it tells of itself when it is asked to. */
  #met(nodeId: NodeId): void {
    this.broker.registry.nodes.disconnected(nodeId, false);
    void this.broker.transit?.discoverNode(nodeId);
  }

  #connected(nodeId: string): void {
    const instance = this.instanceOf(nodeId);
    if (!instance) return;
    // It need not wait for the next heartbeat to know that it is connected.
    this.#greet(nodeId);
    for (const comes of this.#waiting.get(nodeId) ?? []) comes();
    this.#describing.forget(nodeId);
    this.#describing.heard(nodeId);
  }

  #heard(nodeId: string): { instance: string; seq: number } | undefined {
    const instance = this.instanceOf(nodeId);
    return instance ? { instance, seq: this.broker.registry.nodes.get(nodeId)?.seq ?? 0 } : undefined;
  }

  /** One end of the bus has connected anew: what was under way may be lost, so whoever waits for an answer asks again at once. */
  #returned(nodeId: string): void {
    this.broker.transit?.removePendingRequestByNodeID(nodeId);
  }

  #lost(nodeId: string): void {
    const instance = this.#processes.leave(nodeId);
    this.#describing.forget(nodeId);
    if (instance === undefined) return;
    this.#registry
      .lose(nodeId as NodeId, instance)
      .catch((thrown: unknown) =>
        this.#log.warn({ err: toError(thrown), node_id: nodeId }, "that a Mac is gone could not be told"),
      );
  }

  async #see(): Promise<void> {
    const macs = this.connected().map((mac) => ({ ...mac, ...this.#processes.vitalsOf(mac.node_id) }));
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
