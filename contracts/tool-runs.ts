// What tools of the server ask of the run that called them: its circumstances, and its model (internal actions of the agent).
import { z } from "zod";
import { callId, type KeyId, type NodeId, runId, type SessionId } from "./ids.ts";
import type { Labels } from "./labels.ts";

/** Tokens and micro-dollars that a call has used of its run's. */
export const callUsage = z.strictObject({
  input_tokens: z.number().int().min(0),
  output_tokens: z.number().int().min(0),
  cost_micro: z.number().int().min(0),
  estimated: z.boolean(),
});
export type CallUsage = z.infer<typeof callUsage>;

export const runOfToolParams = z.strictObject({ run_id: runId });
/**
 * `node_id`, `labels`: what the run is narrowed to; `at`: the machine that its calls went to last. `key_id`: the key that has begun it.
 * `window`: tokens its model takes.
 */
export type RunOfTool = {
  session_id: SessionId;
  node_id?: NodeId;
  labels?: Labels;
  at?: NodeId;
  key_id?: KeyId;
  window: number;
};

/** Parameters of `agent.askModel`: one question of a call to the model of its run, within what the run may spend. */
export const askModelParams = z.strictObject({
  run_id: runId,
  call_id: callId,
  instruction: z.string().max(20_000),
  /** What it is about: data. */
  text: z.string().max(4_000_000),
  max_output_tokens: z.number().int().min(1).max(100_000),
  /** What the call has used before. */
  spent: callUsage,
  /** What its other questions that are under way may use: tokens, as they are guessed. */
  under_way: z.strictObject({
    input_tokens: z.number().int().min(0),
    output_tokens: z.number().int().min(0),
  }),
  /** Epoch milliseconds. */
  deadline_at: z.number(),
});
export type ModelSaid =
  | { text: string; isCut: boolean; usage: CallUsage }
  /** It said nothing, and why, for the model that has called the tool; what it used all the same. */
  | { refused: { code: string; message: string }; usage: CallUsage };
