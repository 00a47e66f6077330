// The calls of server tools that this process runs: each at most once, in whichever process of the service (claims.ts). The same
// promises as those of a machine (mac-node/calls/calls.ts).
import { setTimeout as sleep } from "node:timers/promises";
import { LRUCache } from "lru-cache";
import type { Bound } from "../../../contracts/bound.ts";
import { hostOf, mayReach, NOWHERE } from "../../../contracts/hosts.ts";
import type { UserId } from "../../../contracts/ids.ts";
import type {
  ServerDoors,
  ServerSetup,
  ServerTool,
  ServerToolContext,
} from "../../../contracts/server-tools.ts";
import { CALL_CANCELLED, type CallCancelled } from "../../../contracts/signals.ts";
import type { CallUsage } from "../../../contracts/tool-runs.ts";
import type { CallOutcome, FencedCall, ResolvedCall } from "../../../contracts/tools.ts";
import { headOf } from "../../../lib/cut-text.ts";
import { AppError, toError } from "../../../lib/errors.ts";
import { checkFields, inWords } from "../../../lib/field-errors.ts";
import type { Log } from "../../../lib/log.ts";
import type { Signals } from "../../../lib/ports/signals.ts";
import type { EndReason } from "../../../lib/tools/calls/end-reasons.ts";
import { failed } from "../../../lib/tools/calls/failure.ts";
import { type OpenContext, runTool } from "../../../lib/tools/calls/run-tool.ts";
import { unfitText } from "../../../lib/tools/unfit-text.ts";
import type { NodeCall } from "../machines/machine.ts";
import type { Claims } from "./claims.ts";

/** How often is looked for the outcome of a call that runs in another process. */
const LOOK_MS = 500;
/** Characters of one call's output that are sent while it runs. */
const MOST_OUTPUT = 65_536;

type Settings = {
  tools: ServerTool[];
  setup: ServerSetup;
  claims: Claims;
  signals: Signals;
  log: Log;
  /** What one call is given besides. @param spent what it has used of its run's model, to be kept up to date */
  doors(call: NodeCall & { user_id: UserId }, signal: AbortSignal, spent: Spent): ServerDoors;
};

/** Nothing is told of a call that has used nothing. */
export type Spent = { usage: CallUsage };
const NOTHING: CallUsage = { input_tokens: 0, output_tokens: 0, cost_micro: 0, estimated: false };

type Running = { stopper: AbortController; outcome: Promise<CallOutcome> };

export class ServerCalls {
  readonly #settings: Settings;
  readonly #tools: ReadonlyMap<string, ServerTool>;
  readonly #running = new Map<string, Running>();
  /** Calls that were cancelled before they came. */
  readonly #cancelled = new LRUCache<string, true>({ max: 10_000 });
  readonly #quiet: () => void;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#tools = new Map(settings.tools.map((tool) => [tool.name, tool]));
    this.#quiet = settings.signals.subscribe(CALL_CANCELLED, (data) =>
      this.#end((data as CallCancelled).call_id),
    );
  }

  /** What calls would do; nothing runs. */
  resolve(calls: { name: string; args: unknown }[]): ResolvedCall[] {
    return calls.map(({ name, args }) => {
      const tool = this.#tools.get(name);
      const checked = tool?.parameters.safeParse(args);
      if (!tool || !checked?.success)
        return { error: { code: "invalid_arguments", message: "The arguments do not fit the tool." } };
      return { bound: this.#bound(tool, checked.data) };
    });
  }

  /** Runs the call, or answers what became of it. @throws stale_epoch, request_timeout */
  async execute(call: NodeCall, userId: UserId, limitMs: number): Promise<CallOutcome> {
    const known = this.#running.get(call.call_id);
    if (known) return known.outcome;
    const stopper = new AbortController();
    const outcome = this.#runOnce(call, userId, { stopper, until: performance.now() + limitMs }).finally(() =>
      this.#running.delete(call.call_id),
    );
    this.#running.set(call.call_id, { stopper, outcome });
    return outcome;
  }

  /** Ends the call in whichever process it runs; one that has not come yet is not run when it comes. */
  async cancel(call_id: string): Promise<void> {
    this.#end(call_id);
    this.#settings.signals.publish(CALL_CANCELLED, { call_id } satisfies CallCancelled);
  }

  async fence(call_id: string, epoch: number): Promise<FencedCall> {
    return this.#settings.claims.fence(call_id, epoch);
  }

  /** Ends all that runs, for a process that stops. */
  async stop(): Promise<void> {
    this.#quiet();
    for (const { stopper } of this.#running.values()) stopper.abort("interrupted" satisfies EndReason);
    await Promise.allSettled([...this.#running.values()].map(({ outcome }) => outcome));
  }

  #end(call_id: string): void {
    const running = this.#running.get(call_id);
    if (running) running.stopper.abort("cancelled" satisfies EndReason);
    else this.#cancelled.set(call_id, true);
  }

  #bound(tool: ServerTool, args: unknown): Bound {
    const named = tool.egress?.(args, this.#settings.setup) ?? [];
    const hosts = named.flatMap((host) => hostOf(host) ?? []);
    return { hosts: [...new Set(hosts)].toSorted(), places: [], scripts: [] };
  }

  async #runOnce(
    call: NodeCall,
    userId: UserId,
    { stopper, until }: { stopper: AbortController; until: number },
  ): Promise<CallOutcome> {
    const { claims } = this.#settings;
    const tool = this.#tools.get(call.name);
    if (!tool) return failed("unknown_tool", `The server has no tool "${call.name}".`);
    const args = checkFields(tool.parameters, call.args);
    if (!args.ok) return failed("invalid_arguments", inWords(args.faults));
    const unfit = unfitText(call.args);
    if (unfit) return failed("invalid_arguments", inWords([unfit]));
    const { call_id, attempt } = call;
    const known = await this.#claimed(call, userId, tool, { stopper, until });
    if (known) return known;
    const outcome = await claims.whileBeating(() => this.#run(tool, args.data, call, userId, stopper));
    try {
      await claims.end(call_id, attempt, outcome);
    } catch (thrown) {
      this.#warn(toError(thrown), call_id, "the outcome of a call could not be stored");
    }
    return outcome;
  }

  /** Waits for one that runs in another process. @returns what became of the call; undefined when it is to be run here */
  async #claimed(
    { call_id, epoch, attempt }: NodeCall,
    user_id: UserId,
    { idempotent = false }: ServerTool,
    { stopper, until }: { stopper: AbortController; until: number },
  ): Promise<CallOutcome | undefined> {
    for (;;) {
      const claimed = await this.#settings.claims.claim({ call_id, user_id, epoch, attempt, idempotent });
      if (claimed.type === "mine") return undefined;
      if (claimed.type === "ended") return claimed.outcome;
      if (claimed.type === "stale")
        throw new AppError("stale_epoch", "Another process owns this run now; the call is not run.");
      // A cancel has been told to that process too.
      if (performance.now() > until || stopper.signal.reason === ("interrupted" satisfies EndReason))
        throw new AppError("request_timeout", "The call runs in another process and has not ended in time.");
      await sleep(LOOK_MS);
    }
  }

  async #run(
    tool: ServerTool,
    args: unknown,
    call: NodeCall,
    user_id: UserId,
    stopper: AbortController,
  ): Promise<CallOutcome> {
    // Claiming may have taken long.
    if (stopper.signal.aborted) return beforeItBegan(stopper.signal.reason);
    if (this.#cancelled.has(call.call_id)) return beforeItBegan("cancelled");
    if (call.deadline_at <= Date.now())
      return failed("deadline", "It came after its deadline, so it was not run.");
    const host = this.#bound(tool, args).hosts.find((each) => call.bound?.hosts.includes(each) === false);
    if (host !== undefined) return changed(host);
    const spent = { usage: NOTHING };
    const outcome = await runTool<ServerToolContext>({
      ...{ tool, args, stopper },
      deadlineAt: call.deadline_at,
      open: async (signal) => this.#open({ ...call, user_id }, signal, spent),
      warn: (error, what) => this.#warn(error, call.call_id, what),
    });
    return spent.usage === NOTHING ? outcome : { ...outcome, usage: spent.usage };
  }

  #open(
    given: NodeCall & { user_id: UserId },
    signal: AbortSignal,
    spent: Spent,
  ): OpenContext<ServerToolContext> {
    const { signals, doors } = this.#settings;
    const { call_id, run_id, user_id, deadline_at, reach = NOWHERE } = given;
    const call = { call_id, run_id, user_id };
    let left = MOST_OUTPUT;
    let isOver = false;
    return {
      context: {
        ...{ signal, call },
        deadlineAt: deadline_at,
        mayReach: (host) => mayReach(reach, host),
        output(stream, text) {
          if (isOver || left === 0) return;
          const kept = headOf(text, left);
          left -= kept.length;
          signals.publish(`output.${call_id}`, { stream, text: kept });
        },
        doors: doors(given, signal, spent),
      },
      async end() {
        isOver = true;
      },
    };
  }

  #warn(err: Error, call_id: string, what: string): void {
    this.#settings.log.warn({ err, call_id }, what);
  }
}

/** What an answer was given about is what runs (G6). */
function changed(host: string): CallOutcome {
  const message = `Since this was asked about it would send to ${host}. So it was not run. Send the call again: it is asked about as it is now.`;
  return { ...failed("changed_since_asked", message), status: "denied" };
}

function beforeItBegan(reason: unknown): CallOutcome {
  const outcome = failed(String(reason), "It was ended before it began; nothing was done.");
  return reason === "cancelled" ? { ...outcome, status: "cancelled" } : outcome;
}
