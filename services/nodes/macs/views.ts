// Macs as people and as the tools service see them.
import type { Node, UsableNode } from "../../../contracts/nodes.ts";
import { RETURN_MS } from "../../../lib/edge/keys/edge-signer.ts";
import { keyFingerprint } from "../../../lib/key-fingerprint.ts";
import { mayCall } from "../../../lib/tools/may-call.ts";
import type { MacRow } from "./mac-rows.ts";
import type { SharedMac } from "./shares.ts";

/** @param sharedBy how its owner is called, for whoever it is shared with */
export function macView(mac: MacRow | SharedMac, sharedBy?: string): Node {
  const { id, name, labels, description, last_seen_at, isConnected, revoked_at, vitals } = mac;
  const allows = "grants" in mac ? mac.grants : "all";
  const problem = problemOf(mac);
  return {
    ...{ id, name, labels, last_seen_at },
    platform: description?.platform ?? "",
    version: description?.version ?? "",
    status: revoked_at !== null ? "revoked" : isConnected ? "online" : "offline",
    tools: description?.tools.filter((tool) => mayCall(allows, tool)).map((tool) => tool.name) ?? [],
    queue_length: 0,
    ...vitals,
    frozen: false,
    // As it has said itself, whoever has frozen it besides.
    ...(description?.frozen_since === undefined ? {} : { frozen_since: description.frozen_since }),
    fingerprint: keyFingerprint(mac.public_key),
    ...(sharedBy === undefined ? {} : { shared_by: sharedBy }),
    ...(problem === undefined ? {} : { problem }),
  };
}

/** Told until it has come back. */
function problemOf({ cut_off_at, problem, isConnected, revoked_at }: MacRow): string | undefined {
  if (problem === null || isConnected || revoked_at !== null) return undefined;
  const returnsAt = cut_off_at + RETURN_MS;
  const since = new Date(cut_off_at).toISOString();
  return returnsAt > Date.now()
    ? `It was cut off at ${since}: ${problem}. It may come back at ${new Date(returnsAt).toISOString()}.`
    : `It was cut off at ${since}: ${problem}. It may come back, and has not yet.`;
}

/** Undefined where nothing is known of what it can do. */
export function usableMac(mac: MacRow | SharedMac): UsableNode | undefined {
  const { id, name, labels, description, isConnected, vitals } = mac;
  return (
    description && {
      ...description,
      ...{ id, name, labels, way: isConnected ? { kind: "edge" } : null },
      ...(vitals.load === undefined ? {} : { load: vitals.load }),
      is_own: !("grants" in mac),
      allows: "grants" in mac ? mac.grants : "all",
    }
  );
}
