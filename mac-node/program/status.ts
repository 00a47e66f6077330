// What `status` tells of this Mac: all of it from the folder, so that it works without a network and beside the one who serves.
import { keyFingerprint } from "../../lib/key-fingerprint.ts";
import { readPolicy } from "../policy/read-policy.ts";
import type { NodeFolder } from "./folder.ts";
import { frozenSince } from "./freeze.ts";
import { type Identity, readIdentity } from "./identity.ts";
import { type LastCall, lastCalls } from "./last-calls.ts";
import { holderOf } from "./lock.ts";
import { readState, type StoredState } from "./serving-state.ts";

export type NodeStatus = {
  folder: string;
  paired: (Omit<Identity, "grant_keys"> & { fingerprint: string }) | null;
  serving: {
    pid: number;
    state: StoredState["state"] | "starting";
    since: string | null;
    trouble: string | null;
  } | null;
  /** Since when, or "unknown". */
  frozen: string | null;
  /** `ok`: false when it is damaged, so that nothing runs; then `faults` say why. */
  policy: { ok: boolean; is_there: boolean; restricts: string[]; faults: string[] };
  last_calls: LastCall[];
};

const SHOWN_CALLS = 5;

/** @throws NodeProblem `damaged` */
export async function statusOf(folder: NodeFolder): Promise<NodeStatus> {
  const identity = readIdentity(folder);
  const pid = await holderOf(folder);
  const frozen = frozenSince(folder.frozen);
  return {
    folder: folder.path,
    paired: identity ? shown(identity) : null,
    serving: pid === undefined ? null : servingOf(folder, pid),
    frozen: frozen === undefined ? null : frozen === "unknown" ? frozen : frozen.toISOString(),
    policy: policyOf(folder),
    last_calls: await lastCalls(folder.journal, SHOWN_CALLS),
  };
}

function shown({ grant_keys: _keys, ...identity }: Identity) {
  return { ...identity, fingerprint: keyFingerprint(identity.public_key) };
}

function servingOf(folder: NodeFolder, pid: number): NodeStatus["serving"] {
  const state = readState(folder, pid);
  return {
    pid,
    state: state?.state ?? "starting",
    since: state?.since ?? null,
    trouble: state?.trouble ?? null,
  };
}

function policyOf({ policy }: NodeFolder): NodeStatus["policy"] {
  const state = readPolicy(policy);
  if (!state.ok) return { ok: false, is_there: true, restricts: [], faults: state.faults };
  return { ok: true, is_there: state.isThere, restricts: Object.keys(state.policy), faults: [] };
}
