// Nodes: which machines there are and who may use them. Embedded there is one, this machine (`HOST_TOOLS`); Macs join with
// the edge cluster.
import { hostname } from "node:os";
import type { ServiceSchema } from "moleculer";
import type { Caller } from "../contracts/access.ts";
import {
  type Node,
  nodeParams,
  pairingParams,
  pairParams,
  updateNodeParams,
  usableParams,
} from "../contracts/nodes.ts";
import { emptyParams } from "../contracts/quota.ts";
import type { NodeDescription } from "../contracts/tools.ts";
import { action, callAs, SYSTEM } from "../lib/broker/action.ts";
import { isAdmin, ownsHost } from "../lib/broker/authorization.ts";
import { defineService } from "../lib/broker/define-service.ts";
import type { With } from "../lib/broker/mixin.ts";
import { AppError } from "../lib/errors.ts";
import { logOf } from "../lib/log.ts";
import { domainEvents } from "../mixins/domain-events.ts";
import { sql } from "../mixins/sql.ts";
import { ComingsAndGoings } from "./nodes/comings-and-goings.ts";
import { Known } from "./nodes/known.ts";
import { ensureHost, MIGRATIONS, type NodeRow, type NodesTables, updateNode } from "./nodes/registry.ts";

const MIXINS = [sql<NodesTables>(MIGRATIONS), domainEvents] as const;
type NodesService = With<typeof MIXINS> & {
  /** Another process of the cluster may change its entry; its id stays. */
  host: Known<NodeRow>;
  /** The machine's process may start again with other tools. */
  description: Known<NodeDescription>;
  /** Where somebody hears of it. */
  comings?: ComingsAndGoings;
};

/** @param settings read anew each time: they may change while the service runs */
export function nodesService(settings: { readonly hostTools: "owner" | "all" }): ServiceSchema {
  const mayUseHost = (caller: Caller) => settings.hostTools === "all" || ownsHost(caller);

  async function view({ sql: database, description }: NodesService): Promise<Node> {
    const { platform, version, tools } = await description.get();
    return {
      ...(await ensureHost(database, hostname())),
      platform,
      version,
      status: "online",
      tools: tools.map((tool) => tool.name),
      last_seen_at: new Date().toISOString(),
      queue_length: 0,
    };
  }

  /** Another user's node is not there. */
  async function requireHost({ host }: NodesService, caller: Caller, id: string): Promise<void> {
    if (id !== (await host.get()).id || !mayUseHost(caller))
      throw new AppError("node_not_found", `You have no node "${id}".`);
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
          return { nodes: mayUseHost(caller) ? [await view(this)] : [] };
        },
      }),
      get: action({
        access: { kind: "user", scope: ["nodes:manage", "chat", "tools:execute"] },
        input: nodeParams,
        async handler(this: NodesService, { id }, caller) {
          await requireHost(this, caller, id);
          return { node: await view(this) };
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
          this.host.forget();
          return { node: await view(this) };
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
        access: { kind: "internal" },
        input: usableParams,
        async handler(this: NodesService, { node_id }, caller) {
          if (node_id !== undefined) await requireHost(this, caller, node_id);
          if (!mayUseHost(caller)) return [];
          const { id, name } = await this.host.get();
          return [{ ...(await this.description.get()), id, name }];
        },
      }),
    },
    created() {
      this.host = new Known(() => ensureHost(this.sql, hostname()));
      this.description = new Known(() => callAs(this.broker, "nodes", SYSTEM, "node.describe", {}));
    },
    async started() {
      await this.host.get();
      if (!this.ports.outlet.hears("node.joined")) return;
      const { broker, sql: database, tell } = this;
      const host = async () => (await this.host.get()).id;
      this.comings = new ComingsAndGoings({ broker, sql: database, tell, host, log: logOf(broker, "nodes") });
      this.comings.start();
    },
    async stopped() {
      await this.comings?.stop();
    },
  });
}
