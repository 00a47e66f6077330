// The calls of this node: each runs at most once, whoever sends it how often (G3). The service's actions are its methods.
import { hash } from "node:crypto";
import { LRUCache } from "lru-cache";
import type { z } from "zod";
import type { Bound } from "../../contracts/bound.ts";
import type { UserId } from "../../contracts/ids.ts";
import type { CallOutcome, FencedCall, nodeCallParams, Tool } from "../../contracts/tools.ts";
import { NO_HASH } from "../../lib/audit/chain.ts";
import { headOfEntry } from "../../lib/audit/node-chain.ts";
import { hashOf } from "../../lib/canonical-json.ts";
import { AppError, toError } from "../../lib/errors.ts";
import { checkFields, inWords } from "../../lib/field-errors.ts";
import type { EndReason } from "../../lib/tools/calls/end-reasons.ts";
import { failed, failureOf, UNKNOWN } from "../../lib/tools/calls/failure.ts";
import { runTool } from "../../lib/tools/calls/run-tool.ts";
import type { FoundTool } from "../../lib/tools/found-tool.ts";
import { unfitText } from "../../lib/tools/unfit-text.ts";
import { driftOf } from "../binding/bind.ts";
import type { Journal } from "../journal/journal.ts";
import { type CallSecrets, type SecretSource, secretsOf } from "../secrets/call-secrets.ts";
import type { Gate } from "./gate.ts";
import type { ServerFreeze } from "./server-freeze.ts";
import type { OpenContext } from "./tool-context.ts";

export type NodeCall = z.output<typeof nodeCallParams>;

export type CallsSettings = {
  journal: Journal;
  tools: ReadonlyMap<string, FoundTool>;
  /** Why tools of risk `execute` are refused here; undefined when they are not. */
  sandboxProblem: string | undefined;
  /** What the call means now. */
  bind(tool: Tool, args: unknown): Promise<Bound>;
  /** Of a machine whose owner has a say of its own. */
  gate?: Gate | undefined;
  /** What the server has frozen it stays: nothing runs until it is thawed from there. */
  frozen: ServerFreeze;
  /** Of a machine that keeps secrets for its commands. */
  secrets?: SecretSource;
  /** @param secrets of a call whose arguments name some */
  open(call: NodeCall, signal: AbortSignal, secrets: CallSecrets | undefined): Promise<OpenContext>;
  /** Told of what goes wrong and cannot be answered. */
  warn(error: Error, callId: string, what: string): void;
};

type Running = { stopper: AbortController; outcome: Promise<CallOutcome> };

export class Calls {
  readonly #settings: CallsSettings;
  readonly #running = new Map<string, Running>();
  /** Calls that were cancelled before they came: a cancel is shorter on its way than the call it follows. */
  readonly #cancelled = new LRUCache<string, true>({ max: 10_000 });

  constructor(settings: CallsSettings) {
    this.#settings = settings;
    settings.gate?.onEnd((reason) => this.#endAll(reason));
  }

  /** How many run now. */
  get running(): number {
    return this.#running.size;
  }

  /**
   * Runs the call, or answers what became of it: joins it while it runs, tells its stored outcome, or that nobody knows.
   * @param grant the hash of what allows it, on a machine that asks for such
   * @throws stale_epoch when the call was fenced against the sender's epoch
   */
  async execute(call: NodeCall, grant = NO_HASH): Promise<CallOutcome> {
    const { journal, tools } = this.#settings;
    const entry = journal.entry(call.call_id);
    if (entry && call.epoch < entry.fencedBefore)
      throw new AppError("stale_epoch", "Another process owns this run now; the call is not run.");
    const running = this.#running.get(call.call_id);
    if (running) return running.outcome;
    if (entry && entry.attempt > 0) {
      const again = tools.get(call.name)?.described.idempotent === true && call.attempt > entry.attempt;
      if (!again) return (await journal.outcome(call.call_id)) ?? UNKNOWN;
    }
    if (this.#cancelled.has(call.call_id)) return beforeItBegan("cancelled");
    return this.#begin(call, grant);
  }

  /** Ends the call if it runs; its outcome says so. One that has not come yet is not run when it comes. */
  cancel(callId: string): void {
    const running = this.#running.get(callId);
    if (running) running.stopper.abort("cancelled" satisfies EndReason);
    else if (!this.#settings.journal.entry(callId)?.attempt) this.#cancelled.set(callId, true);
  }

  /** What became of a call; whoever owned it before `epoch` can no longer run it here. */
  async fence({ call_id, epoch }: { call_id: string; epoch: number }): Promise<FencedCall> {
    const { journal } = this.#settings;
    const known = journal.entry(call_id);
    const isRunning = this.#running.has(call_id);
    if ((known?.fencedBefore ?? 0) < epoch)
      await journal.append({ kind: "fenced", call_id, epoch, at: Date.now() }, true);
    if (isRunning) return { state: "running" };
    if (!known || known.attempt === 0) return { state: "never_seen" };
    const outcome = await journal.outcome(call_id);
    return outcome ? { state: "ended", outcome } : { state: "unknown" };
  }

  /** Told by the server; what runs ends when it is frozen. */
  freeze(told: { frozen: boolean; changed_at: number }): void {
    if (this.#settings.frozen.told(told)) this.#endAll("frozen");
  }

  /** Ends all that runs, for a server that stops. */
  async stop(): Promise<void> {
    this.#endAll("interrupted");
    await Promise.allSettled([...this.#running.values()].map(({ outcome }) => outcome));
  }

  #endAll(reason: EndReason): void {
    for (const { stopper } of this.#running.values()) stopper.abort(reason);
  }

  #begin(call: NodeCall, grant: string): Promise<CallOutcome> {
    const stopper = new AbortController();
    const outcome = this.#runOnce(call, stopper, grant).finally(() => this.#running.delete(call.call_id));
    this.#running.set(call.call_id, { stopper, outcome });
    return outcome;
  }

  async #runOnce(call: NodeCall, stopper: AbortController, grant: string): Promise<CallOutcome> {
    const { journal, tools, sandboxProblem, warn, open, gate } = this.#settings;
    const { call_id, name, epoch, attempt } = call;
    const found = tools.get(name);
    if (!found) return failed("unknown_tool", `This machine has no tool "${name}".`);
    const tool = await found.load().catch(refusalOf);
    if ("status" in tool) return tool;
    const args = checkFields(tool.parameters, call.args);
    if (!args.ok) return failed("invalid_arguments", inWords(args.faults));
    const unfit = unfitText(call.args);
    if (unfit) return failed("invalid_arguments", inWords([unfit]));
    if (tool.risk === "execute" && sandboxProblem !== undefined)
      return failed("sandbox_unavailable", sandboxProblem);
    if (this.#settings.frozen.isFrozen)
      return denied("frozen", "This machine is frozen: it runs nothing until it is thawed.");
    // This one is among those that run.
    const running = this.#running.size - 1;
    const gated = { tool, args: args.data, given: call.args, userId: call.user_id ?? "", running };
    const refused = gate?.refuses(gated);
    if (refused) return refused;
    const secrets = await secretsOf(tool, call.args, this.#settings.secrets).catch(refusalOf);
    if (secrets && "status" in secrets) return secrets;
    if (call.deadline_at <= Date.now()) return deadlinePassed();
    // What only reads and may be repeated need not survive a power cut.
    const durable = tool.risk !== "read" || tool.idempotent !== true;
    try {
      const seen = { kind: "seen", call_id, name, epoch, attempt, at: Date.now() } as const;
      await journal.append(seen, durable, begunFact(call, grant));
    } catch (thrown) {
      return failed("store_unavailable", `It was not run: ${toError(thrown).message}`);
    }
    // Writing may have taken long: a machine that slept through the deadline must not run it when it wakes (G24).
    let opened: OpenContext | undefined;
    const outcome = stopper.signal.aborted
      ? beforeItBegan(stopper.signal.reason as EndReason)
      : call.deadline_at <= Date.now()
        ? deadlinePassed()
        : ((await this.#drifted(call, tool, args.data)) ??
          (await runTool({
            tool,
            args: args.data,
            stopper,
            deadlineAt: Math.min(call.deadline_at, Date.now() + (gate?.limitMs ?? Number.POSITIVE_INFINITY)),
            open: async (signal) => {
              opened = await open(call, signal, secrets);
              return opened;
            },
            warn: (error, what) => warn(error, call_id, what),
          })));
    const output = opened?.printed?.() ?? NOTHING_PRINTED;
    const fact = {
      kind: "ended",
      call_id,
      status: outcome.status,
      result: hashOf(outcome.result),
      output,
    } as const;
    try {
      const link = await journal.append({ kind: "ended", call_id, at: Date.now(), outcome }, durable, fact);
      return link ? { ...outcome, node_head: headOfEntry(link) } : outcome;
    } catch (thrown) {
      warn(toError(thrown), call_id, "the outcome of a call could not be stored");
      return outcome;
    }
  }

  /** What an answer was given about is what runs: anything else is refused, and says what changed (G6). */
  async #drifted({ bound }: NodeCall, tool: Tool, args: unknown): Promise<CallOutcome | undefined> {
    if (!bound) return undefined;
    try {
      const drift = await driftOf(bound, await this.#settings.bind(tool, args));
      return drift === undefined ? undefined : changed(`Since this was asked about ${drift}`);
    } catch (thrown) {
      return changed(`It cannot be told any more what this does (${toError(thrown).message})`);
    }
  }
}

const NOTHING_PRINTED = hash("sha256", "");

function begunFact(
  { call_id, run_id, name, args, user_id = "" as UserId, attempt }: NodeCall,
  grant: string,
) {
  return { kind: "begun", grant, call_id, run_id, tool: name, args: hashOf(args), user_id, attempt } as const;
}

function changed(what: string): CallOutcome {
  const message = `${what}. So it was not run. Send the call again: it is asked about as it is now.`;
  return denied("changed_since_asked", message);
}

function denied(code: string, message: string): CallOutcome {
  return { ...failed(code, message), status: "denied" };
}

function refusalOf(thrown: unknown): CallOutcome {
  return { status: "failed", result: failureOf(thrown), duration_ms: 0 };
}

function deadlinePassed(): CallOutcome {
  return failed("deadline", "It came after its deadline, so it was not run.");
}

function beforeItBegan(reason: EndReason): CallOutcome {
  const outcome = failed(reason, "It was ended before it began; nothing was done.");
  return reason === "cancelled" || reason === "frozen" ? { ...outcome, status: "cancelled" } : outcome;
}
