// Nodes: which machines there are and who may use them. Embedded there is one, this machine (`HOST_TOOLS`); Macs join with
// the edge cluster.
import { hostname } from "node:os";
import type { Service, ServiceSchema } from "moleculer";
import { z } from "zod";
import type { Caller } from "../contracts/access.ts";
import { nodeId } from "../contracts/ids.ts";
import { type Node, nodeParams, pairingParams, pairParams, updateNodeParams } from "../contracts/nodes.ts";
import { emptyParams } from "../contracts/quota.ts";
import type { NodeDescription } from "../contracts/tools.ts";
import { action } from "../lib/broker/action.ts";
import { callAs, SYSTEM } from "../lib/broker/call.ts";
import { defineService } from "../lib/broker/define-service.ts";
import { AppError } from "../lib/errors.ts";
import { portsOf } from "../lib/ports/ports.ts";
import { isAdmin, ownsHost } from "../lib/rights.ts";
import { ensureHost, MIGRATIONS, type NodeRow, type NodesTables, updateNode } from "./nodes/registry.ts";

type NodesService = Service & { host: NodeRow; description: NodeDescription | undefined };

export function nodesService(settings: { hostTools: "owner" | "all" }): ServiceSchema {
  const mayUseHost = (caller: Caller) => settings.hostTools === "all" || ownsHost(caller);

  async function describe(service: NodesService): Promise<NodeDescription> {
    service.description ??= await callAs(service.broker, "nodes", SYSTEM, "node.describe", {});
    return service.description;
  }

  async function view(service: NodesService): Promise<Node> {
    const { platform, version, tools } = await describe(service);
    return {
      ...service.host,
      platform,
      version,
      status: "online",
      tools: tools.map((tool) => tool.name),
      last_seen_at: new Date().toISOString(),
      queue_length: 0,
    };
  }

  /** Another user's node is not there. */
  function requireHost(service: NodesService, caller: Caller, id: string): void {
    if (id !== service.host.id || !mayUseHost(caller))
      throw new AppError("node_not_found", `You have no node "${id}".`);
  }

  /** Macs come with the edge cluster: said in words instead of "no such route". */
  const notBuilt = (input: typeof pairParams | typeof pairingParams) =>
    action({
      access: { kind: "user", scope: "nodes:manage" },
      input,
      async handler() {
        throw new AppError(
          "not_implemented",
          "This version cannot pair Macs yet: it uses this machine only.",
        );
      },
    });

  return defineService<NodesService>({
    name: "nodes",
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
          requireHost(this, caller, id);
          return { node: await view(this) };
        },
      }),
      update: action({
        access: { kind: "user", scope: "nodes:manage" },
        input: updateNodeParams,
        async handler(this: NodesService, { id, name, labels }, caller) {
          requireHost(this, caller, id);
          if (!isAdmin(caller))
            throw new AppError("forbidden", "Only an admin may change this machine's entry.");
          this.host = await updateNode(portsOf(this.broker).sql<NodesTables>(), id, { name, labels });
          return { node: await view(this) };
        },
      }),
      revoke: action({
        access: { kind: "user", scope: "nodes:manage" },
        input: nodeParams,
        async handler(this: NodesService, { id }, caller) {
          requireHost(this, caller, id);
          if (!isAdmin(caller)) throw new AppError("forbidden", "Only an admin may revoke this machine.");
          throw new AppError(
            "node_in_use",
            "This is the machine the server runs on: it cannot be revoked. HOST_TOOLS=owner keeps its tools for admins.",
          );
        },
      }),
      pair: notBuilt(pairParams),
      pairing: notBuilt(pairingParams),
      confirm: notBuilt(pairingParams),
      usable: action({
        access: { kind: "internal" },
        input: z.strictObject({ node_id: nodeId.optional() }),
        async handler(this: NodesService, { node_id }, caller) {
          if (node_id !== undefined) requireHost(this, caller, node_id);
          if (!mayUseHost(caller)) return [];
          return [{ ...(await describe(this)), id: this.host.id, name: this.host.name }];
        },
      }),
    },
    async started() {
      const ports = portsOf(this.broker);
      await ports.migrate("nodes", MIGRATIONS);
      this.host = await ensureHost(ports.sql<NodesTables>(), hostname());
    },
  });
}
