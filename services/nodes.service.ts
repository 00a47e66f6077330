// Nodes: which machines there are and who may use them. Embedded there is one, this machine (`HOST_TOOLS`); Macs join with
// the edge cluster.
import type { ServiceSchema } from "moleculer";
import type { Caller } from "../contracts/access.ts";
import {
  macProcess,
  type Node,
  nodeParams,
  pairingParams,
  pairParams,
  seeParams,
  toldParams,
  type UsableNode,
  updateNodeParams,
  usableParams,
  wayParams,
} from "../contracts/nodes.ts";
import { emptyParams } from "../contracts/quota.ts";
import { action } from "../lib/broker/action.ts";
import { isAdmin, ownsHost } from "../lib/broker/authorization.ts";
import { defineService } from "../lib/broker/define-service.ts";
import type { With } from "../lib/broker/mixin.ts";
import { AppError } from "../lib/errors.ts";
import { logOf } from "../lib/log.ts";
import { domainEvents } from "../mixins/domain-events.ts";
import { sql } from "../mixins/sql.ts";
import { ComingsAndGoings } from "./nodes/comings-and-goings.ts";
import { type Host, Hosts } from "./nodes/hosts.ts";
import { keepTold, lose, meet, see } from "./nodes/presence.ts";
import { MIGRATIONS, type NodesTables } from "./nodes/tables.ts";
import { updateNode } from "./nodes/update-node.ts";

const INTERNAL = { kind: "internal" } as const;
const MIXINS = [sql<NodesTables>(MIGRATIONS), domainEvents] as const;
type NodesService = With<typeof MIXINS> & {
  hosts: Hosts;
  /** Where somebody hears of it. */
  comings?: ComingsAndGoings;
};

/** @param settings read anew each time: they may change while the service runs */
export function nodesService(settings: { readonly hostTools: "owner" | "all" }): ServiceSchema {
  const mayUseHost = (caller: Caller) => settings.hostTools === "all" || ownsHost(caller);

  async function view({ hosts }: NodesService, host: Host): Promise<Node> {
    const { id, name, labels, process, last_seen_at } = host;
    const described = await hosts.describe(host);
    return {
      ...{ id, name, labels },
      platform: described?.platform ?? "",
      version: described?.version ?? "",
      status: process === undefined ? "offline" : "online",
      tools: described?.tools.map((tool) => tool.name) ?? [],
      last_seen_at: process === undefined ? last_seen_at : new Date().toISOString(),
      queue_length: 0,
    };
  }

  /** Another user's node is not there. */
  async function requireHost({ hosts }: NodesService, caller: Caller, id: string): Promise<Host> {
    const host = mayUseHost(caller) && (await hosts.all()).find((one) => one.id === id);
    if (!host) throw new AppError("node_not_found", `You have no node "${id}".`);
    return host;
  }

  async function usableHost({ hosts }: NodesService, host: Host): Promise<UsableNode | undefined> {
    const { id, name, process } = host;
    const described = await hosts.describe(host);
    return (
      described && {
        ...described,
        id,
        name,
        way: process === undefined ? null : { kind: "process", process },
      }
    );
  }

  /** Macs come with the edge cluster: said in words instead of "no such route". */
  const notBuilt = {
    access: { kind: "user", scope: "nodes:manage" } as const,
    async handler(): Promise<never> {
      throw new AppError("not_implemented", "This version cannot pair Macs yet: it uses this machine only.");
    },
  };

  return defineService<"nodes", NodesService>({
    name: "nodes",
    mixins: MIXINS,
    actions: {
      list: action({
        access: { kind: "user", scope: ["nodes:manage", "chat", "tools:execute"] },
        input: emptyParams,
        async handler(this: NodesService, _params, caller) {
          const hosts = mayUseHost(caller) ? await this.hosts.all() : [];
          return { nodes: await Promise.all(hosts.map((host) => view(this, host))) };
        },
      }),
      get: action({
        access: { kind: "user", scope: ["nodes:manage", "chat", "tools:execute"] },
        input: nodeParams,
        async handler(this: NodesService, { id }, caller) {
          return { node: await view(this, await requireHost(this, caller, id)) };
        },
      }),
      update: action({
        access: { kind: "user", scope: "nodes:manage" },
        input: updateNodeParams,
        async handler(this: NodesService, { id, name, labels }, caller) {
          await requireHost(this, caller, id);
          if (!isAdmin(caller))
            throw new AppError("forbidden", "Only an admin may change this machine's entry.");
          await updateNode(this.sql, id, { name, labels });
          this.hosts.forget();
          return { node: await view(this, await requireHost(this, caller, id)) };
        },
      }),
      revoke: action({
        access: { kind: "user", scope: "nodes:manage" },
        input: nodeParams,
        async handler(this: NodesService, { id }, caller) {
          await requireHost(this, caller, id);
          if (!isAdmin(caller)) throw new AppError("forbidden", "Only an admin may revoke this machine.");
          throw new AppError(
            "node_in_use",
            "This is the machine the server runs on: it cannot be revoked. HOST_TOOLS=owner keeps its tools for admins.",
          );
        },
      }),
      pair: action({ ...notBuilt, input: pairParams }),
      pairing: action({ ...notBuilt, input: pairingParams }),
      confirm: action({ ...notBuilt, input: pairingParams }),
      usable: action({
        access: INTERNAL,
        input: usableParams,
        async handler(this: NodesService, { node_id }, caller) {
          const hosts =
            node_id !== undefined
              ? [await requireHost(this, caller, node_id)]
              : mayUseHost(caller)
                ? await this.hosts.all()
                : [];
          const usable = await Promise.all(hosts.map((host) => usableHost(this, host)));
          return usable.filter((node) => node !== undefined);
        },
      }),
      meet: action({
        access: INTERNAL,
        input: macProcess,
        async handler(this: NodesService, mac) {
          return { accepted: await meet(this.sql, mac) };
        },
      }),
      told: action({
        access: INTERNAL,
        input: toldParams,
        async handler(this: NodesService, { description, ...mac }) {
          await keepTold(this.sql, mac, description);
          return null;
        },
      }),
      see: action({
        access: INTERNAL,
        input: seeParams,
        async handler(this: NodesService, { macs }) {
          return { strangers: await see(this.sql, macs) };
        },
      }),
      lose: action({
        access: INTERNAL,
        input: macProcess,
        async handler(this: NodesService, mac) {
          await lose(this.sql, mac);
          return null;
        },
      }),
      way: action({
        access: INTERNAL,
        input: wayParams,
        async handler(this: NodesService, { node_id }) {
          const host = (await this.hosts.all()).find(({ id }) => id === node_id);
          return host?.process === undefined ? null : { kind: "process", process: host.process };
        },
      }),
    },
    created() {
      this.hosts = new Hosts(this.broker, this.sql);
    },
    async started() {
      if (!this.ports.outlet.hears("node.joined")) return;
      const { broker, hosts, sql: database, tell } = this;
      this.comings = new ComingsAndGoings({
        broker,
        hosts,
        sql: database,
        tell,
        log: logOf(broker, "nodes"),
      });
      this.comings.start();
    },
    async stopped() {
      await this.comings?.stop();
      this.hosts.close();
    },
  });
}
