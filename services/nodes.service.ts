// Nodes: which machines there are and who may use them. Machines of the core are everybody's whom `HOST_TOOLS` lets; a Mac is the user's
// who has paired it, and theirs whom it is shared with.
import type { Context, ServiceSchema } from "moleculer";
import type { Access } from "../contracts/access.ts";
import { distrustParams, keepHeadParams } from "../contracts/node-chain.ts";
import * as contract from "../contracts/nodes.ts";
import * as pairing from "../contracts/pairing.ts";
import { emptyParams } from "../contracts/quota.ts";
import { shareParams } from "../contracts/shares.ts";
import { NODES_FROZEN } from "../contracts/signals.ts";
import { userParams } from "../contracts/users.ts";
import { action } from "../lib/broker/action.ts";
import { defineService } from "../lib/broker/define-service.ts";
import type { With } from "../lib/broker/mixin.ts";
import type { EdgeSettings } from "../lib/env/edge.ts";
import { logOf } from "../lib/log.ts";
import { audit } from "../mixins/audit.ts";
import { cache } from "../mixins/cache.ts";
import { domainEvents } from "../mixins/domain-events.ts";
import { moments } from "../mixins/moments.ts";
import { signals } from "../mixins/signals.ts";
import { sql } from "../mixins/sql.ts";
import { userData } from "../mixins/user-data.ts";
import { ComingsAndGoings } from "./nodes/comings-and-goings.ts";
import { Edge } from "./nodes/edge/edge.ts";
import { setFrozen } from "./nodes/freezes/freeze.ts";
import { Freezes } from "./nodes/freezes/freezes.ts";
import { distrust, keepHead } from "./nodes/heads/keep-head.ts";
import { Hosts } from "./nodes/hosts.ts";
import { acceptShare, declineShare } from "./nodes/macs/accept.ts";
import { adminListMacs, revokeAny } from "./nodes/macs/admin-macs.ts";
import { cutOff, cutOffMacsOf } from "./nodes/macs/cut-off.ts";
import { leave } from "./nodes/macs/leave.ts";
import { requireOwnMac } from "./nodes/macs/mac-rows.ts";
import { removeMacsOf, revokeMac } from "./nodes/macs/revoke.ts";
import { readShares, replaceShares } from "./nodes/macs/shares.ts";
import { macView } from "./nodes/macs/views.ts";
import { confirmPairing } from "./nodes/pairing/confirm.ts";
import { Guesses } from "./nodes/pairing/guesses.ts";
import { openPairing } from "./nodes/pairing/open-pairing.ts";
import { pairingView, requirePairing } from "./nodes/pairing/pairing-rows.ts";
import { redeem } from "./nodes/pairing/redeem.ts";
import { renew } from "./nodes/pairing/renew.ts";
import { keepTold, lose, meet, see } from "./nodes/presence.ts";
import type { Rooms } from "./nodes/rooms.ts";
import { startSweep } from "./nodes/sweep.ts";
import { MIGRATIONS, type NodesTables } from "./nodes/tables.ts";
import { tellOfNode } from "./nodes/tell-of-node.ts";
import { UsersNodes } from "./nodes/users-nodes.ts";

const MIXINS = [sql<NodesTables>(MIGRATIONS), domainEvents, moments, audit, signals, cache] as const;
type NodesService = With<typeof MIXINS> & {
  hosts: Hosts;
  rooms: Rooms;
  freezes: Freezes;
  /** The machines as their users see them. */
  nodes: UsersNodes;
  /** Where somebody hears of it. */
  comings?: ComingsAndGoings;
  stopSweep?: () => void;
};

export type NodesSettings = {
  /** Read anew each time: it may change while the service runs. */
  readonly hostTools: "owner" | "all";
  /** Without it no Mac can join. */
  edge?: EdgeSettings | undefined;
};

const ADMIN = { kind: "user", scope: "admin", admin: true } as const;
const VIEW: Access = { kind: "user", scope: ["nodes:manage", "chat", "tools:execute"] };
const MANAGE = { kind: "user", scope: "nodes:manage" } as const;
/** A Mac proves itself with its key. */
const SIGNED = { kind: "public" } as const;
const INTERNAL = { kind: "internal" } as const;

/** The client's real address as the gateway found it; calls that come from nowhere share one. */
const addressOf = (ctx: Context) =>
  String((ctx.meta as { clientAddress?: unknown }).clientAddress ?? "local");

export function nodesService(settings: NodesSettings): ServiceSchema {
  return defineService<"nodes", NodesService>({
    name: "nodes",
    mixins: [
      ...MIXINS,
      userData<NodesService>({
        remove(user) {
          return removeMacsOf(this.rooms, user);
        },
      }),
    ],
    actions: {
      list: action({
        access: VIEW,
        input: emptyParams,
        async handler(this: NodesService, _params, caller) {
          return { nodes: await this.nodes.list(caller) };
        },
      }),
      get: action({
        access: VIEW,
        input: contract.nodeParams,
        async handler(this: NodesService, { id }, caller) {
          return { node: await this.nodes.get(caller, id) };
        },
      }),
      update: action({
        access: MANAGE,
        input: contract.updateNodeParams,
        async handler(this: NodesService, { id, ...change }, caller) {
          const node = await this.nodes.update(caller, id, change);
          tellOfNode(this.rooms, id);
          return { node };
        },
      }),
      revoke: action({
        access: MANAGE,
        input: contract.nodeParams,
        async handler(this: NodesService, { id }, caller) {
          await this.nodes.requireNoHost(caller, id);
          await revokeMac(this.rooms, await requireOwnMac(this.sql, caller, id), caller);
          tellOfNode(this.rooms, id);
          return null;
        },
      }),
      freeze: action({
        access: MANAGE,
        input: contract.nodeParams,
        async handler(this: NodesService, { id }, caller) {
          await this.nodes.requireFreezable(caller, id);
          await setFrozen(this, caller, id, true);
          tellOfNode(this.rooms, id);
          return { node: await this.nodes.get(caller, id) };
        },
      }),
      thaw: action({
        access: MANAGE,
        input: contract.nodeParams,
        async handler(this: NodesService, { id }, caller) {
          await this.nodes.requireFreezable(caller, id);
          await setFrozen(this, caller, id, false);
          tellOfNode(this.rooms, id);
          return { node: await this.nodes.get(caller, id) };
        },
      }),
      allFrozen: action({
        access: ADMIN,
        input: emptyParams,
        handler(this: NodesService) {
          return this.freezes.ofAll();
        },
      }),
      freezeAll: action({
        access: ADMIN,
        input: emptyParams,
        async handler(this: NodesService, _params, caller) {
          await setFrozen(this, caller, undefined, true);
          return this.freezes.ofAll();
        },
      }),
      thawAll: action({
        access: ADMIN,
        input: emptyParams,
        async handler(this: NodesService, _params, caller) {
          await setFrozen(this, caller, undefined, false);
          return { frozen: false, frozen_since: null };
        },
      }),
      adminList: action({
        access: ADMIN,
        input: contract.adminListNodesParams,
        handler(this: NodesService, params) {
          return adminListMacs(this.rooms, this.freezes, params);
        },
      }),
      processes: action({
        access: ADMIN,
        input: emptyParams,
        async handler(this: NodesService) {
          const { coreProcesses } = await import("./nodes/core-processes.ts");
          return { processes: coreProcesses(this.broker) };
        },
      }),
      adminRevoke: action({
        access: ADMIN,
        input: contract.nodeParams,
        async handler(this: NodesService, { id }, caller) {
          await revokeAny(this.rooms, id, caller);
          return null;
        },
      }),
      freezes: action({
        access: INTERNAL,
        input: contract.freezesParams,
        async handler(this: NodesService, { node_ids }) {
          return { freezes: await this.freezes.told(node_ids) };
        },
      }),
      keepHead: action({
        access: INTERNAL,
        input: keepHeadParams,
        handler(this: NodesService, given) {
          return keepHead(this.sql, given);
        },
      }),
      distrust: action({
        access: INTERNAL,
        input: distrustParams,
        async handler(this: NodesService, given) {
          await distrust(this.sql, given);
          return null;
        },
      }),
      shares: action({
        access: MANAGE,
        input: contract.nodeParams,
        async handler(this: NodesService, { id }, caller) {
          await requireOwnMac(this.sql, caller, id);
          return { grants: await readShares(this.sql, id) };
        },
      }),
      share: action({
        access: MANAGE,
        input: shareParams,
        async handler(this: NodesService, { id, grants }, caller) {
          await replaceShares(this.rooms, caller, await requireOwnMac(this.sql, caller, id), grants);
          tellOfNode(this.rooms, id);
          return { grants };
        },
      }),
      accept: action({
        access: MANAGE,
        input: contract.nodeParams,
        async handler(this: NodesService, { id }, caller) {
          await acceptShare(this.rooms, caller, id);
          tellOfNode(this.rooms, id);
          return { node: await this.nodes.get(caller, id) };
        },
      }),
      decline: action({
        access: MANAGE,
        input: contract.nodeParams,
        async handler(this: NodesService, { id }, caller) {
          await declineShare(this.rooms, caller, id);
          tellOfNode(this.rooms, id);
          return null;
        },
      }),
      pair: action({
        access: MANAGE,
        input: contract.pairParams,
        handler(this: NodesService, { name }, caller) {
          return openPairing(this.rooms, caller, name);
        },
      }),
      refuse: action({
        access: MANAGE,
        input: contract.pairingParams,
        async handler(this: NodesService, { id }, caller) {
          const { refusePairing } = await import("./nodes/pairing/refuse.ts");
          await refusePairing(this.rooms, caller, id);
          return null;
        },
      }),
      pairing: action({
        access: MANAGE,
        input: contract.pairingParams,
        async handler(this: NodesService, { id }, caller) {
          return pairingView(await requirePairing(this.sql, caller, id));
        },
      }),
      confirm: action({
        access: MANAGE,
        input: contract.confirmParams,
        async handler(this: NodesService, params, caller) {
          const mac = await confirmPairing(this.rooms, caller, params);
          tellOfNode(this.rooms, mac.id);
          return { node: macView(mac) };
        },
      }),
      redeem: action({
        access: SIGNED,
        input: pairing.redeemParams,
        handler(this: NodesService, params, _caller, ctx) {
          return redeem(this.rooms, params, addressOf(ctx));
        },
      }),
      credentials: action({
        access: SIGNED,
        input: pairing.renewParams,
        handler(this: NodesService, params, _caller, ctx) {
          return renew(this.rooms, params, addressOf(ctx));
        },
      }),
      leave: action({
        access: SIGNED,
        input: pairing.leaveParams,
        async handler(this: NodesService, params, _caller, ctx) {
          await leave(this.rooms, params, addressOf(ctx));
          return null;
        },
      }),
      cutOff: action({
        access: INTERNAL,
        input: contract.cutOffParams,
        async handler(this: NodesService, params) {
          await cutOff(this.rooms, params);
          return null;
        },
      }),
      cutOffUser: action({
        access: INTERNAL,
        input: userParams,
        async handler(this: NodesService, { user_id }) {
          await cutOffMacsOf(this.rooms, user_id);
          return null;
        },
      }),
      usable: action({
        access: INTERNAL,
        input: contract.usableParams,
        handler(this: NodesService, { node_id }, caller) {
          return this.nodes.usable(caller, node_id);
        },
      }),
      meet: action({
        access: INTERNAL,
        input: contract.meetParams,
        async handler(this: NodesService, mac) {
          const met = await meet(this.sql, mac);
          if (met.accepted) tellOfNode(this.rooms, mac.node_id);
          return met;
        },
      }),
      told: action({
        access: INTERNAL,
        input: contract.toldParams,
        async handler(this: NodesService, { description, ...mac }) {
          await keepTold(this.sql, mac, description);
          tellOfNode(this.rooms, mac.node_id);
          return null;
        },
      }),
      see: action({
        access: INTERNAL,
        input: contract.seeParams,
        async handler(this: NodesService, { macs }) {
          return { strangers: await see(this.sql, macs) };
        },
      }),
      lose: action({
        access: INTERNAL,
        input: contract.macProcess,
        async handler(this: NodesService, mac) {
          await lose(this.sql, mac);
          tellOfNode(this.rooms, mac.node_id);
          return null;
        },
      }),
      way: action({
        access: INTERNAL,
        input: contract.wayParams,
        handler(this: NodesService, { node_id }) {
          return this.nodes.wayTo(node_id);
        },
      }),
    },
    created() {
      const { broker, sql: database, ports, tell } = this;
      const log = logOf(broker, "nodes");
      this.hosts = new Hosts(broker, database);
      this.rooms = {
        ...{ broker, database, ports, tell, log, guesses: new Guesses(ports.counters) },
        edge: settings.edge && new Edge(settings.edge, database, log),
      };
      this.freezes = new Freezes(database);
      this.nodes = new UsersNodes(this.rooms, this.hosts, this.freezes, settings);
    },
    async started() {
      this.ports.signals.subscribe(NODES_FROZEN, () => this.freezes.forget());
      this.rooms.edge?.claims.start();
      this.stopSweep = startSweep(this.rooms);
      if (!this.ports.outlet.hears("node.joined")) return;
      const { broker, hosts, sql: database, tell } = this;
      this.comings = new ComingsAndGoings({ broker, hosts, sql: database, tell, log: this.rooms.log });
      this.comings.start();
    },
    async stopped() {
      this.stopSweep?.();
      await this.comings?.stop();
      await this.rooms.edge?.claims.stop();
      this.hosts.close();
    },
  });
}
