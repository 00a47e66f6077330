// What a Mac takes from the bus: requests of hubs, with a grant for exactly this; and that hubs live. Everything else is dropped.
import type { NodeId } from "../../contracts/ids.ts";
import type { Guard, Said } from "../../lib/edge/bus/edge-transporter.ts";
import { isPlain } from "../../lib/edge/bus/plain.ts";
import { checkGrant, type GrantClaims, readTime } from "../../lib/edge/grants.ts";
import type { HubClock } from "./hub-clock.ts";

/** What the handler of a request finds in its meta; made here, nothing of it comes from outside. */
export type GrantedMeta = { granted?: GrantClaims; refusal?: string };

type Settings = {
  nodeId: NodeId;
  instance: () => string;
  /** Public keys of those whose grants are believed. */
  keys: () => readonly string[];
  clock: HubClock;
  /** A hub lives. */
  heard(): void;
  /** A hub asks for this. */
  asked(hub: string, action: string, params: Said): void;
};

export class MacGuard implements Guard {
  readonly #settings: Settings;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  admit(command: string, sender: string, said: Said): Said | undefined {
    if (!isPlain(said)) return undefined;
    switch (command) {
      case "REQ":
        return this.#request(sender, said);
      case "PING":
        return { id: said.id, time: said.time };
      case "DISCOVER":
        return {};
      case "HEARTBEAT":
        this.#heartbeat(sender, said);
        return undefined;
      default:
        return undefined;
    }
  }

  #heartbeat(hub: string, said: Said): void {
    const { keys, clock, heard } = this.#settings;
    const time = readTime(said, hub, keys());
    if (time !== undefined && clock.heard(time)) heard();
  }

  #request(hub: string, { id, action, params, meta, timeout }: Said): Said | undefined {
    const { nodeId, instance, keys, clock, asked } = this.#settings;
    if (typeof id !== "string" || typeof action !== "string") return undefined;
    const checked = checkGrant((Object(meta) as Said).grant, {
      ...{ action, params, node_id: nodeId, instance: instance(), keys: keys(), now: clock.now() },
    });
    // Another process has the same key: it is the one that is asked, and it answers.
    if ("refusal" in checked && checked.refusal === OF_ANOTHER) return undefined;
    const given = Object(params) as Said;
    if ("granted" in checked) asked(hub, action, given);
    return {
      ...{ id, action, params: this.#byOwnClock(given), timeout, level: 1, tracing: false },
      meta: checked satisfies GrantedMeta,
    };
  }

  /** Deadlines come by the hub's clock. */
  #byOwnClock(params: Said): Said {
    const { deadline_at } = params;
    if (typeof deadline_at !== "number") return params;
    return { ...params, deadline_at: deadline_at + this.#settings.clock.difference };
  }
}

const OF_ANOTHER = "its grant is for another process";
