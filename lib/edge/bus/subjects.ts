// Subjects of the edge bus: `MOL-edge.<CMD>.<sender>.<target>`. NATS lets a Mac say only those with itself as the sender, so who sent
// a packet is known from its subject, whatever the packet says (docs/decisions/2026-11-30-macs.md).
import { EDGE_PREFIX } from "../keys/subjects.ts";

/** Moleculer's packets, and a piece of what a call prints. */
export type Command =
  | "REQ"
  | "RES"
  | "INFO"
  | "DISCOVER"
  | "HEARTBEAT"
  | "DISCONNECT"
  | "PING"
  | "PONG"
  | "EVENT"
  | "OUT";

const HUB = "hub";
const ALL = "all";
/** A hub's id at its broker; the word and the rest of it are two words of a subject. */
export const hubId = (name: string) => `${HUB}-${name}`;
export const isHub = (id: string) => id.startsWith(`${HUB}-`);

/** One of the two sides of the bus, as it writes and reads subjects. */
export type Side = {
  /** All that is for it. */
  hears: string[];
  /** @param target everybody on the other side unless given */
  subjectOf(command: string, target: string | null | undefined): string;
  /** Who has sent what; undefined for what is none of ours. */
  read(subject: string): { command: string; sender: string } | undefined;
};

/** @param id `hub-<name>` */
export function hubSide(id: string): Side {
  const name = id.slice(HUB.length + 1);
  return {
    hears: [`${EDGE_PREFIX}.*.*.${HUB}.${name}`, `${EDGE_PREFIX}.*.*.${HUB}.${ALL}`],
    subjectOf: (command, target) => `${EDGE_PREFIX}.${command}.${HUB}.${name}.${target ?? ALL}`,
    read(subject) {
      const [, command, sender, hub, target, more] = subject.split(".");
      const isOurs = command && sender && hub === HUB && target && more === undefined;
      return isOurs ? { command, sender } : undefined;
    },
  };
}

/** @param id of the Mac */
export function macSide(id: string): Side {
  return {
    hears: [`${EDGE_PREFIX}.*.${HUB}.*.${id}`, `${EDGE_PREFIX}.*.${HUB}.*.${ALL}`],
    subjectOf(command, target) {
      const name = target && isHub(target) ? target.slice(HUB.length + 1) : ALL;
      return `${EDGE_PREFIX}.${command}.${id}.${HUB}.${name}`;
    },
    read(subject) {
      const [, command, hub, name, target, more] = subject.split(".");
      const isOurs = command && hub === HUB && name && target && more === undefined;
      return isOurs ? { command, sender: hubId(name) } : undefined;
    },
  };
}
