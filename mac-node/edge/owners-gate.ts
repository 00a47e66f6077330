// The gate of a paired Mac: its policy file, its freezing, and whether the hub is there.
import { ANY_HOST, hostOf } from "../../contracts/hosts.ts";
import type { CallOutcome, Tool } from "../../contracts/tools.ts";
import type { EndReason } from "../../lib/tools/calls/end-reasons.ts";
import { failed } from "../../lib/tools/calls/failure.ts";
import type { Gate, GatedCall } from "../calls/gate.ts";
import { type Ground, groundOf, isGroundOf } from "../policy/ground.ts";
import { judge, policyReaches } from "../policy/judge.ts";
import type { LivePolicy } from "../policy/live-policy.ts";
import type { Freezer } from "../program/freeze.ts";
import { namesIn } from "../secrets/placeholders.ts";

const NO_LIMIT_MS = 3_600_000;

export class OwnersGate implements Gate {
  readonly #policy: LivePolicy;
  readonly #freezer: Freezer;
  readonly #ownerId: string;
  readonly #listeners = new Set<(reason: EndReason) => void>();
  /** With what it was started. */
  readonly ground: Ground;
  #isClosed = false;

  constructor(policy: LivePolicy, freezer: Freezer, ownerId: string) {
    this.#ownerId = ownerId;
    this.#policy = policy;
    this.#freezer = freezer;
    this.ground = groundOf(policy.now());
    freezer.onFreeze(() => this.#end("frozen"));
  }

  refuses({ tool, args, given, userId, running }: GatedCall): CallOutcome | undefined {
    if (this.#freezer.isFrozen())
      return denied("frozen", "This Mac is frozen by its owner: it runs nothing until it is thawed.");
    if (this.#isClosed) return failed("busy", "This Mac's program is being stopped. Try again later.");
    const state = this.#policy.now();
    const verdict = judge(state, {
      ...{ tool, user_id: userId, owner_id: this.#ownerId },
      ...{ hosts: this.#hostsOf(tool, args), secrets: namesIn(given) },
    });
    if (!verdict.ok) return denied(verdict.code, verdict.message);
    // It is about to be served anew (program/serve-node.ts).
    if (!isGroundOf(this.ground, state))
      return failed(
        "busy",
        "The policy of this Mac has other folders or another sandbox now. Try again later.",
      );
    const most = state.ok ? state.policy.limits?.calls_at_once : undefined;
    if (most !== undefined && running >= most)
      return failed("busy", `This Mac runs ${most} calls at once at most, by its policy. Try again later.`);
    return undefined;
  }

  reaches(host: string): boolean {
    const state = this.#policy.now();
    return state.ok && policyReaches(state.policy, host);
  }

  get limitMs(): number {
    const state = this.#policy.now();
    const seconds = state.ok ? state.policy.limits?.call_seconds : undefined;
    return seconds === undefined ? NO_LIMIT_MS : seconds * 1_000;
  }

  get freeScripts(): boolean {
    const state = this.#policy.now();
    return state.ok && state.policy.free_applescript === true;
  }

  get frozenSince(): Date | undefined {
    return this.#freezer.frozenSince();
  }

  onEnd(listener: (reason: EndReason) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Nothing begins any more; what runs goes on. */
  close(): void {
    this.#isClosed = true;
  }

  /** The hub has not been heard for so long that nobody can end what runs for it. */
  cutOff(): void {
    const state = this.#policy.now();
    if (!(state.ok && state.policy.when_cut_off === "keep")) this.#end("cut_off");
  }

  #hostsOf(tool: Tool, args: unknown): string[] {
    const hosts = hostsOf(tool, args);
    // Without a sandbox a command sends wherever it likes.
    return tool.runs && this.ground.sandbox === "off" ? [...hosts, ANY_HOST] : hosts;
  }

  #end(reason: EndReason): void {
    for (const listener of [...this.#listeners]) listener(reason);
  }
}

/** What is no host is refused when the call is bound to what it means. */
function hostsOf({ egress }: Tool, args: unknown): string[] {
  const hosts: unknown = egress?.(args) ?? [];
  return Array.isArray(hosts)
    ? hosts.map((host) => (host === ANY_HOST ? host : (hostOf(String(host)) ?? ANY_HOST)))
    : [ANY_HOST];
}

function denied(code: string, message: string): CallOutcome {
  return { ...failed(code, message), status: "denied" };
}
