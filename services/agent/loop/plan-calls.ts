// The calls of a step as documents: made when the model has asked for them, read back when a run is taken up.
import type { NodeId } from "../../../contracts/ids.ts";
import type { CallPlan } from "../../../contracts/tools.ts";
import { isShallow } from "../../../lib/json-depth.ts";
import { modelAnswered } from "../moments/model-answered.ts";
import type { AskedCall, CallDocument, RunDocument, StoredStep } from "../run-document.ts";
import { whereOf } from "./read-context.ts";
import { callsOf, carry, ranMs, type Turn } from "./turn.ts";

/** The arguments as the model wrote them, parsed; undefined when they are no JSON object (or nested beyond sense) and so can never run. */
export function parseArguments(text: string): Record<string, unknown> | undefined {
  if (text.trim() === "") return {};
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject && isShallow(value) ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** The document of a call before anything happened; one that cannot or may not run has its result at once. */
function newCall(
  run: RunDocument,
  step: number,
  index: number,
  asked: AskedCall,
  plan: CallPlan,
): CallDocument {
  const refused = plan.decision === "deny" || plan.decision === "invalid";
  return {
    _id: asked.call_id,
    run_id: run._id,
    user_id: run.user_id,
    session_id: run.session_id,
    step,
    index,
    epoch: run.epoch,
    wire_id: asked.wire_id,
    name: asked.name,
    args: plan.args ?? parseArguments(asked.arguments) ?? asked.arguments,
    ...(plan.bound ? { bound: plan.bound } : {}),
    node_id: plan.node_id as CallDocument["node_id"],
    risk: plan.risk,
    decision: plan.decision,
    status: plan.decision === "deny" ? "denied" : refused ? "failed" : "pending",
    idempotent: plan.idempotent,
    timeout_ms: plan.timeout_ms,
    attempt: 1,
    result: refused
      ? { ok: false, error: plan.error ?? { code: "tool_denied", message: "The policy denies it." } }
      : null,
    duration_ms: refused ? 0 : null,
    approval: null,
    ...(plan.because === undefined ? {} : { because: plan.because }),
    asked: null,
  };
}

/** Catalogue and policy decide about the calls of a step; nothing is written yet. */
export async function planCalls(turn: Turn, step: number, asked: AskedCall[]): Promise<CallDocument[]> {
  if (asked.length === 0) return [];
  const { run, agent, caller } = turn;
  const { calls } = await agent.ask(caller, "tools.plan", {
    session_id: run.session_id,
    ...whereOf(run),
    ...placeOf(turn.calls),
    ...(run.options.tools ? { offered: run.options.tools } : {}),
    calls: asked.map(({ call_id, name, arguments: text }) => ({
      call_id,
      name,
      args: parseArguments(text) ?? text,
    })),
  });
  return asked.map((call, index) => {
    const plan = calls[index];
    if (!plan) throw new Error(`tools.plan left out call ${index} of ${asked.length}`);
    return newCall(run, step, index, call, plan);
  });
}

/** Where the run's last call went that went anywhere. */
export function placeOf(calls: CallDocument[]): { at?: NodeId } {
  const at = calls.findLast(({ node_id }) => node_id !== null)?.node_id;
  return at ? { at } : {};
}

/**
 * The turn carries all calls of a journaled step then; those that a crash left out were never sent, so they are planned and
 * written now.
 */
export async function ensureCalls(turn: Turn, step: StoredStep): Promise<void> {
  if (callsOf(turn, step.number).length === step.calls.length) return;
  const { agent, run } = turn;
  const planned = await planCalls(turn, step.number, step.calls);
  const { calls } = await modelAnswered({ agent, run, step, calls: planned, ranMs: ranMs(turn) });
  carry(turn, ...calls);
}
