// The edge of this process: its hub, opened when nats-server can be reached, and what hubs and the registry of nodes tell each other.
import { setTimeout as sleep } from "node:timers/promises";
import type { ServiceBroker } from "moleculer";
import type { NodeId, UserId } from "../../../contracts/ids.ts";
import { macDescription } from "../../../contracts/mac-description.ts";
import { chainPart } from "../../../contracts/node-chain.ts";
import {
  NODE_REVOKED,
  NODES_FROZEN,
  type NodeRevoked,
  type NodesFrozen,
} from "../../../contracts/signals.ts";
import { callAs, SYSTEM } from "../../../lib/broker/action.ts";
import type { Crash } from "../../../lib/crash-points.ts";
import { toError } from "../../../lib/errors.ts";
import { logOf } from "../../../lib/log.ts";
import type { AuditTrail } from "../../../lib/ports/audit.ts";
import type { Signals } from "../../../lib/ports/signals.ts";
import type { Machine } from "../machines/machine.ts";
import { edgeMachine } from "./edge-machine.ts";
import { HubFreezes } from "./freezes.ts";
import { Heads } from "./heads.ts";
import { type EdgeSettings, Hub, type Registry } from "./hub.ts";
import { Oddities } from "./oddities.ts";
import { OutputPass } from "./output-pass.ts";
import { withOurFacts } from "./own-tools.ts";

const DESCRIBE_MS = 10_000;
const FREEZE_MS = 3_000;
const AGAIN_MS = 2_000;
const FLOOD = "it sent far more than calls need";

type Rooms = { broker: ServiceBroker; signals: Signals; trail: AuditTrail; crash: Crash };

export class Edge {
  hub: Hub | undefined;
  readonly #outputs: OutputPass;
  readonly #rooms: Rooms;
  readonly #settings: EdgeSettings;
  readonly #stopper = new AbortController();
  readonly #oddities: Oddities;
  readonly #freezes: HubFreezes;
  readonly #heads: Heads;
  #opening: Promise<void> | undefined;

  constructor(settings: EdgeSettings, rooms: Rooms) {
    this.#settings = settings;
    this.#rooms = rooms;
    this.#outputs = new OutputPass(rooms.signals);
    this.#oddities = new Oddities(rooms.trail, logOf(rooms.broker, "tools"));
    this.#heads = new Heads({
      keep: (node_id, head) => callAs(rooms.broker, "tools", SYSTEM, "nodes.keepHead", { node_id, head }),
      distrust: (node_id, why) => callAs(rooms.broker, "tools", SYSTEM, "nodes.distrust", { node_id, why }),
      entry: async (node_id, from) =>
        chainPart.parse(
          await this.hub?.ask(node_id, "node.chain", { from, limit: 1 }, { limitMs: DESCRIBE_MS }),
        ),
      odd: (node_id, what) => this.#oddities.note(node_id, what),
      log: logOf(rooms.broker, "tools"),
    });
    this.#freezes = new HubFreezes({
      ask: async (node_ids) =>
        (await callAs(rooms.broker, "tools", SYSTEM, "nodes.freezes", { node_ids })).freezes,
      tell: async ({ node_id, ...told }) =>
        this.hub?.ask(node_id, "node.freeze", told, { limitMs: FREEZE_MS }),
      warn: (thrown) =>
        logOf(rooms.broker, "tools").warn(
          { err: toError(thrown) },
          "a Mac is told later that it is frozen, or is not",
        ),
    });
  }

  /** A Mac, for a user; undefined while the hub is not open. */
  machine(mac: { nodeId: NodeId; name: string; userId: UserId }): Machine | undefined {
    const { hub } = this;
    const { crash } = this.#rooms;
    return hub && edgeMachine({ hub, outputs: this.#outputs, heads: this.#heads, crash, ...mac });
  }

  loadOf(nodeId: NodeId): number {
    return this.#outputs.callsOn(nodeId);
  }

  /** Does not wait for nats-server: all else works without it. */
  start(): void {
    this.#rooms.signals.subscribe(NODE_REVOKED, (data) => this.hub?.revoke((data as NodeRevoked).node_id));
    this.#rooms.signals.subscribe(NODES_FROZEN, (data) => {
      const { node_id } = data as NodesFrozen;
      const there = this.hub?.connected() ?? [];
      void this.#freezes.look(node_id === null ? there : there.filter((mac) => mac.node_id === node_id));
    });
    this.#opening = this.#open();
  }

  async stop(): Promise<void> {
    this.#stopper.abort();
    await this.#opening;
    await this.hub?.close();
    this.#oddities.stop();
  }

  /** The hub begins anew, as another one: when it cannot hear the Macs any more, the next one may. */
  async reopen(): Promise<void> {
    const { hub } = this;
    this.hub = undefined;
    await hub?.close();
    this.#opening = this.#open();
    await this.#opening;
  }

  async #open(): Promise<void> {
    const log = logOf(this.#rooms.broker, "tools");
    const { signal } = this.#stopper;
    for (let isFirst = true; !signal.aborted && !this.hub; isFirst = false) {
      try {
        this.hub = await Hub.open(this.#settings, this.#registry(), log, () => void this.reopen());
        if (!isFirst) log.info("the hub of the Macs is open");
      } catch (thrown) {
        if (isFirst)
          log.error(
            { err: toError(thrown) },
            "no Mac can connect: the hub cannot be opened; it is tried again",
          );
        await sleep(AGAIN_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  #registry(): Registry {
    const { broker } = this.#rooms;
    return {
      meet: (node_id, instance, journal) =>
        callAs(broker, "tools", SYSTEM, "nodes.meet", { node_id, instance, ...(journal ? { journal } : {}) }),
      describe: async (node_id, instance) => {
        void this.#freezes.look([{ node_id, instance }]);
        const said = await this.hub?.ask(node_id, "node.describe", {}, { limitMs: DESCRIBE_MS });
        const read = macDescription.safeParse(said);
        if (!read.success) return this.#oddities.note(node_id, "a description that cannot be read");
        const description = withOurFacts(read.data);
        await callAs(broker, "tools", SYSTEM, "nodes.told", { node_id, instance, description });
      },
      see: async (macs) => {
        void this.#freezes.look(macs);
        return (await callAs(broker, "tools", SYSTEM, "nodes.see", { macs })).strangers;
      },
      lose: async (node_id, instance) => {
        this.#freezes.forget(node_id);
        await callAs(broker, "tools", SYSTEM, "nodes.lose", { node_id, instance });
      },
      cutOff: async (node_id) => {
        this.hub?.drop(node_id);
        await callAs(broker, "tools", SYSTEM, "nodes.cutOff", { node_id, reason: FLOOD });
      },
      output: (node_id, said) => {
        if (!this.#outputs.pass(node_id, said)) this.#oddities.note(node_id, "output of no call of its own");
      },
      odd: (node_id, what) => this.#oddities.note(node_id, what),
    };
  }
}
