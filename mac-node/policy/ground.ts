// What of the policy a Mac's program is started with, and cannot change while it serves: where its tools work, and in what.
import { homedir } from "node:os";
import { canonicalJson } from "../../lib/canonical-json.ts";
import type { PolicyState } from "./read-policy.ts";

export type Ground = { roots: string[]; sandbox: "on" | "off" };

/** Of a damaged policy what is usual; nothing runs then. */
export function groundOf(state: PolicyState): Ground {
  const { roots = [homedir()], sandbox = "on" } = state.ok ? state.policy : {};
  return { roots, sandbox };
}

/** Whether a call may run on this ground by the policy as it is now; of a damaged one nobody knows. */
export function isGroundOf(ground: Ground, state: PolicyState): boolean {
  return !state.ok || canonicalJson(groundOf(state)) === canonicalJson(ground);
}
