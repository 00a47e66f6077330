// The machines as a user has them: those of the core, where `HOST_TOOLS` gives them, the user's own Macs, and those that others share.
import { setTimeout as sleep } from "node:timers/promises";
import type { Caller } from "../../contracts/access.ts";
import type { NodeId } from "../../contracts/ids.ts";
import type { Node, UsableNode, Way } from "../../contracts/nodes.ts";
import { callAs, SYSTEM } from "../../lib/broker/action.ts";
import { isAdmin, ownsHost } from "../../lib/broker/authorization.ts";
import { isPassing } from "../../lib/broker/bus-errors.ts";
import { AppError } from "../../lib/errors.ts";
import type { Freezes } from "./freezes/freezes.ts";
import { recordFaults } from "./heads/keep-head.ts";
import type { Host, Hosts } from "./hosts.ts";
import { findMac, hasToldOfItself, type MacRow, ownMacs, requireOwnMac } from "./macs/mac-rows.ts";
import { type SharedMac, sharedMacs } from "./macs/shares.ts";
import { macView, usableMac } from "./macs/views.ts";
import { findUsers, type Rooms } from "./rooms.ts";
import { updateNode } from "./update-node.ts";

type Settings = { readonly hostTools: "owner" | "all" };
/** How long is waited for what a Mac that has just come for the first time says of itself, and how often is looked. */
const TELLS_MS = 2_000;
const LOOK_MS = 50;

type Change = { name?: string | undefined; labels?: Record<string, string> | undefined };

export class UsersNodes {
  readonly #rooms: Rooms;
  readonly #hosts: Hosts;
  readonly #freezes: Freezes;
  readonly #settings: Settings;

  constructor(rooms: Rooms, hosts: Hosts, freezes: Freezes, settings: Settings) {
    this.#rooms = rooms;
    this.#hosts = hosts;
    this.#freezes = freezes;
    this.#settings = settings;
  }

  /** Those of the core first. */
  async list(caller: Caller): Promise<Node[]> {
    const [hosts, own, shared] = await this.#all(caller);
    const nodes = [
      ...(await Promise.all(hosts.map((host) => this.#hostView(host)))),
      ...own.map((mac) => macView(mac)),
      ...(await this.#sharedViews(shared)),
    ];
    return this.#withQueues(await this.#withRecords(await this.#withFreezes(nodes)));
  }

  /** Also one of the caller's that is revoked. @throws node_not_found */
  async get(caller: Caller, id: NodeId): Promise<Node> {
    const [node] = await this.#withQueues(
      await this.#withRecords(await this.#withFreezes([await this.#view(caller, id)])),
    );
    if (!node) throw notFound(id);
    return node;
  }

  async #view(caller: Caller, id: NodeId): Promise<Node> {
    const host = await this.#host(caller, id);
    if (host) return this.#hostView(host);
    const mac = await findMac(this.#rooms.database, id);
    if (mac?.owner_id === caller.user_id) return macView(mac);
    const shared = await sharedMacs(this.#rooms.database, caller.user_id);
    const [view] = await this.#sharedViews(shared.filter((one) => one.id === id));
    if (!view) throw notFound(id);
    return view;
  }

  /** @throws node_not_found, forbidden */
  async update(caller: Caller, id: NodeId, change: Change): Promise<Node> {
    const { database } = this.#rooms;
    if (await this.#host(caller, id)) {
      if (!isAdmin(caller)) throw new AppError("forbidden", "Only an admin may change this machine's entry.");
      await updateNode(database, id, change);
      this.#hosts.forget();
    } else {
      await requireOwnMac(database, caller, id);
      await updateNode(database, id, change);
    }
    return this.get(caller, id);
  }

  /** @throws node_not_found, forbidden: a Mac only its owner freezes and thaws, a machine of the core an admin */
  async requireFreezable(caller: Caller, id: NodeId): Promise<void> {
    if (!(await this.#host(caller, id))) await requireOwnMac(this.#rooms.database, caller, id);
    else if (!isAdmin(caller))
      throw new AppError("forbidden", "Only an admin may freeze and thaw this machine.");
  }

  /** A machine of the core cannot be revoked. @throws forbidden, node_in_use */
  async requireNoHost(caller: Caller, id: NodeId): Promise<void> {
    if (!(await this.#host(caller, id))) return;
    if (!isAdmin(caller)) throw new AppError("forbidden", "Only an admin may revoke this machine.");
    throw new AppError(
      "node_in_use",
      "This is the machine the server runs on: it cannot be revoked. HOST_TOOLS=owner keeps its tools for admins.",
    );
  }

  /** All, or the one. @throws node_not_found for one that the caller may not use */
  async usable(caller: Caller, id?: NodeId): Promise<UsableNode[]> {
    // On the way of every chat: where no Mac can join, nothing is read for them.
    const [hosts, own, shared] = this.#rooms.edge
      ? await this.#allWhenTold(caller)
      : [await this.#hostsOf(caller), [], []];
    const isMeant = (one: { id: NodeId }) => id === undefined || one.id === id;
    const welcome = shared.filter(({ isAccepted }) => isAccepted);
    const wanted = { hosts: hosts.filter(isMeant), macs: [...own, ...welcome].filter(isMeant) };
    if (id !== undefined && wanted.hosts.length + wanted.macs.length === 0) throw notFound(id);
    const described = await Promise.all(wanted.hosts.map((host) => this.#usableHost(host)));
    const frozen = await this.#freezes.now();
    return [...described, ...wanted.macs.map(usableMac)].flatMap((node) => {
      if (node === undefined) return [];
      const freeze = frozen(node, node.frozen_since);
      return [freeze ? { ...node, frozen: freeze } : node];
    });
  }

  /** How a machine is reached now, whoever asks. */
  async wayTo(id: NodeId): Promise<Way | null> {
    const host = (await this.#hosts.all()).find((one) => one.id === id);
    if (host) return wayToHost(host);
    const mac = await findMac(this.#rooms.database, id);
    return mac?.isConnected ? { kind: "edge" } : null;
  }

  /** A Mac says a moment after its first connection what it can do: a chat of that moment is to have its tools. */
  async #allWhenTold(caller: Caller): Promise<[Host[], MacRow[], SharedMac[]]> {
    for (const until = performance.now() + TELLS_MS; ; await sleep(LOOK_MS)) {
      const all = await this.#all(caller);
      const isTold = all[1].every((mac) => !mac.isConnected || hasToldOfItself(mac));
      if (isTold || performance.now() > until) return all;
    }
  }

  #all(caller: Caller): Promise<[Host[], MacRow[], SharedMac[]]> {
    const { database } = this.#rooms;
    const { user_id } = caller;
    return Promise.all([this.#hostsOf(caller), ownMacs(database, user_id), sharedMacs(database, user_id)]);
  }

  async #hostsOf(caller: Caller): Promise<Host[]> {
    return this.#mayUseHosts(caller) ? this.#hosts.all() : [];
  }

  /** Those that are frozen from here, besides what Macs say of themselves. */
  async #withFreezes(nodes: Node[]): Promise<Node[]> {
    const frozen = await this.#freezes.now();
    return nodes.map((node) => {
      const freeze = frozen(node, node.frozen_since);
      return freeze ? { ...node, frozen: true, frozen_since: freeze.since, frozen_by: freeze.by } : node;
    });
  }

  /** What is wrong with the records of those that are Macs. */
  async #withRecords(nodes: Node[]): Promise<Node[]> {
    const macs = nodes.filter(({ fingerprint }) => fingerprint !== undefined);
    const faults = await recordFaults(
      this.#rooms.database,
      macs.map(({ id }) => id),
    );
    if (faults.size === 0) return nodes;
    return nodes.map((node) => {
      const record_problem = faults.get(node.id);
      return record_problem === undefined ? node : { ...node, record_problem };
    });
  }

  /** How many calls wait for each, as far as it can be told now. */
  async #withQueues(nodes: Node[]): Promise<Node[]> {
    const away = nodes.filter(({ status }) => status === "offline").map(({ id }) => id as NodeId);
    if (away.length === 0) return nodes;
    const { broker } = this.#rooms;
    const lengths = await callAs(broker, "nodes", SYSTEM, "tools.queueLengths", { node_ids: away }).catch(
      (thrown: unknown): Record<string, number> => {
        if (isPassing(thrown)) return {};
        throw thrown;
      },
    );
    return nodes.map((node) => ({ ...node, queue_length: lengths[node.id] ?? 0 }));
  }

  #mayUseHosts(caller: Caller): boolean {
    return this.#settings.hostTools === "all" || ownsHost(caller);
  }

  async #host(caller: Caller, id: NodeId): Promise<Host | undefined> {
    return this.#mayUseHosts(caller) ? (await this.#hosts.all()).find((one) => one.id === id) : undefined;
  }

  async #hostView(host: Host): Promise<Node> {
    const { id, name, labels, process, last_seen_at } = host;
    const described = await this.#hosts.describe(host);
    return {
      ...{ id, name, labels },
      platform: described?.platform ?? "",
      version: described?.version ?? "",
      status: process === undefined ? "offline" : "online",
      tools: described?.tools.map((tool) => tool.name) ?? [],
      last_seen_at: process === undefined ? last_seen_at : new Date().toISOString(),
      queue_length: 0,
      frozen: false,
    };
  }

  async #usableHost(host: Host): Promise<UsableNode | undefined> {
    const described = await this.#hosts.describe(host);
    const { id, name, labels } = host;
    return (
      described && { ...described, id, name, labels, way: wayToHost(host), is_own: false, allows: "all" }
    );
  }

  async #sharedViews(macs: SharedMac[]): Promise<Node[]> {
    if (macs.length === 0) return [];
    const owners = await findUsers(this.#rooms, { ids: [...new Set(macs.map(({ owner_id }) => owner_id))] });
    const names = new Map(owners.map(({ id, display_name }) => [id as string, display_name]));
    return macs.map((mac) => ({ ...macView(mac, names.get(mac.owner_id) ?? ""), accepted: mac.isAccepted }));
  }
}

const notFound = (id: string) => new AppError("node_not_found", `You have no node "${id}".`);

const wayToHost = ({ process }: Host): Way | null =>
  process === undefined ? null : { kind: "process", process };
