// How calls get to a machine, whatever kind it is. core-machine.ts is a process of the core; machines.ts finds the right one.
import type { z } from "zod";
import type { ChainPart } from "../../../contracts/node-chain.ts";
import type {
  CallOutcome,
  FencedCall,
  nodeCallParams,
  ResolvedCall,
  resolveParams,
} from "../../../contracts/tools.ts";

export type NodeCall = z.output<typeof nodeCallParams>;

export interface Machine {
  /** What calls would do there now; nothing runs. @throws what the bus says of a machine that does not answer */
  resolve(calls: z.input<typeof resolveParams>["calls"]): Promise<ResolvedCall[]>;
  /**
   * Runs a call there, at most once, however often it is sent; answers its outcome.
   * @param limitMs how long it may take until the answer is here
   * @throws what the bus says of a machine that does not answer: then nobody knows whether it ran
   */
  execute(call: NodeCall, limitMs: number): Promise<CallOutcome>;
  /** Ends the call there, also one that has not come yet. */
  cancel(callId: NodeCall["call_id"]): Promise<void>;
  /** What became of a call there; no owner before `epoch` can run it any more. */
  fence(callId: NodeCall["call_id"], epoch: number): Promise<FencedCall>;
  /** A part of the record that it keeps of its calls. */
  chain(from: number, limit: number): Promise<ChainPart>;
}
