// What of `ctx.meta` crosses the bus: only what a callee reads, and only from caller to callee. Moleculer sends all of it, and merges
// the callee's into the caller's: any node that answers could rewrite who the caller is.
import type { Transporters } from "moleculer";
import { readTraceParent } from "../../tracing/trace-parent.ts";

type Packet = Parameters<InstanceType<typeof Transporters.Base>["publish"]>[0];

/**
 * The signed token of lib/broker/authorization.ts, the address that logins are counted by, the program that opens one, the signal of who has left, and where in its
 * trace the call stands.
 */
const TRAVELS = ["identity", "clientAddress", "clientProgram", "left_by", "traceparent"] as const;

/** The packet with the meta that may leave this process. */
export function withTravellingMeta(packet: Packet): Packet {
  return limit(packet.type, packet);
}

/** The packet with the meta that may come in: none of an answer, whatever the other process sent. */
export function withoutForeignMeta(cmd: string, packet: Packet): Packet {
  return limit(cmd, packet);
}

function limit(cmd: string, packet: Packet): Packet {
  const { payload } = packet;
  if (typeof payload !== "object" || payload === null || !("meta" in payload)) return packet;
  payload.meta = cmd === "RES" ? {} : chosen(payload.meta);
  return packet;
}

function chosen(meta: unknown): Record<string, string> {
  const given = Object(meta) as Record<string, unknown>;
  return Object.fromEntries(
    TRAVELS.filter((name) => mayTravel(name, given[name])).map((name) => [name, given[name] as string]),
  );
}

function mayTravel(name: (typeof TRAVELS)[number], value: unknown): boolean {
  return name === "traceparent" ? readTraceParent(value) !== undefined : typeof value === "string";
}
