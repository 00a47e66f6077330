// What the owner of a machine lets calls do there, besides what the server lets them: asked before each call begins. The machine that
// the server runs on has none: its owner is who runs the server.
import type { CallOutcome, Tool } from "../../contracts/tools.ts";
import type { EndReason } from "../../lib/tools/calls/end-reasons.ts";

export type GatedCall = {
  tool: Tool;
  /** Checked by the tool's schema. */
  args: unknown;
  /** As they were given, for what stands in their texts. */
  given: unknown;
  userId: string;
  /** Calls that run now. */
  running: number;
};

export interface Gate {
  /** Why it is not run; undefined when it may be. */
  refuses(call: GatedCall): CallOutcome | undefined;
  /** Whether tools may send to the host. */
  reaches(host: string): boolean;
  /** The longest a call may take, in milliseconds. */
  readonly limitMs: number;
  /** Whether scripts may be run that are not fixed ones. */
  readonly freeScripts: boolean;
  /** Since when it was frozen by its owner, where it stands; undefined when it is not. */
  readonly frozenSince: Date | undefined;
  /** To be told when everything that runs is to end at once. @returns how to stop that */
  onEnd(listener: (reason: EndReason) => void): () => void;
}
