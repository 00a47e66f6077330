// Runs one tool within its limits and answers its outcome: the tool's own result, or why it was ended. Never throws.
import type { CallOutcome, ToolResult } from "../../../contracts/tools.ts";
import { boundResult } from "../bound-result.ts";
import { LONGEST_MS } from "../check-tool.ts";
import { inScope } from "../strays.ts";
import { ENDED, type EndReason, graceMs } from "./end-reasons.ts";
import { failureOf, OUTCOME_UNKNOWN } from "./failure.ts";

/** Limit of one call when its tool says none, in milliseconds. */
export const DEFAULT_LIMIT_MS = 60_000;
/** How much longer than its commands a tool that was told to stop may take. */
const STOP_MARGIN_MS = 1_500;
const STOP_MARGIN_FROZEN_MS = 350;

/** What of a tool it takes to run it; `Context` is what its machine gives it. */
export type RunnableTool<Context> = {
  name: string;
  timeoutMs?: number | ((args: never) => number) | undefined;
  execute(args: never, context: Context): Promise<ToolResult>;
};

/** `mask` takes secrets out of what the tool gives back, where its call was given some. */
export type OpenContext<Context> = {
  context: Context;
  mask?(result: ToolResult): ToolResult;
  end(): Promise<void>;
};

export type ToolRun<Context> = {
  tool: RunnableTool<Context>;
  /** Checked by the tool's schema. */
  args: unknown;
  /** Its reason is an EndReason. */
  stopper: AbortController;
  deadlineAt: number;
  open(signal: AbortSignal): Promise<OpenContext<Context>>;
  /** Told of what the tool throws where nobody waits for it, perhaps after its call. */
  warn?(error: Error, what: string): void;
};

export async function runTool<Context>({
  tool,
  args,
  stopper,
  deadlineAt,
  open,
  warn,
}: ToolRun<Context>): Promise<CallOutcome> {
  const startedAt = performance.now();
  let timer: NodeJS.Timeout | undefined;
  let opened: OpenContext<Context> | undefined;
  let result: ToolResult;
  try {
    const limitMs = Math.max(1, Math.min(limitOf(tool, args), deadlineAt - Date.now()));
    timer = setTimeout(() => stopper.abort("timeout" satisfies EndReason), limitMs);
    opened = await open(stopper.signal);
    result = await firstOf(tool, args, opened, stopper.signal, warn);
  } catch (thrown) {
    result = failureOf(thrown);
  }
  clearTimeout(timer);
  await opened?.end();
  const shown = opened?.mask?.(result) ?? result;
  return outcomeOf(boundResult(shown), stopper.signal, performance.now() - startedAt);
}

function limitOf<Context>({ timeoutMs }: RunnableTool<Context>, args: unknown): number {
  const limit = typeof timeoutMs === "function" ? timeoutMs(args as never) : timeoutMs;
  // What a plugin computes may be no number; a timer of more than 24 days would fire at once.
  return limit !== undefined && limit > 0 ? Math.min(limit, LONGEST_MS) : DEFAULT_LIMIT_MS;
}

/** The tool's result, or what is said of one that does not stop when it is told to. */
async function firstOf<Context>(
  tool: RunnableTool<Context>,
  args: unknown,
  { context }: OpenContext<Context>,
  signal: AbortSignal,
  warn?: ToolRun<Context>["warn"],
): Promise<ToolResult> {
  let giveUp: NodeJS.Timeout | undefined;
  const gaveUp = new Promise<ToolResult>((resolve) => {
    const message = "The tool did not stop when it was told to; it may still be at work.";
    const wait = () => {
      const limitMs = graceMs(signal) + (signal.reason === "frozen" ? STOP_MARGIN_FROZEN_MS : STOP_MARGIN_MS);
      giveUp = setTimeout(() => resolve({ ok: false, error: { code: "stuck", message } }), limitMs);
    };
    if (signal.aborted) wait();
    else signal.addEventListener("abort", wait, { once: true });
  });
  const { promise: strayed, reject } = Promise.withResolvers<never>();
  // It may come when the call is over: then the log has it.
  strayed.catch(() => undefined);
  const end = (error: Error) => {
    warn?.(error, "a tool threw where nobody waits for it");
    reject(error);
  };
  try {
    // Whoever ended it before it began has been told, or will be, that nothing was done.
    if (signal.aborted) throw new Error("It was ended before it began.");
    const work = inScope({ what: tool.name, end }, async () => tool.execute(args as never, context));
    return await Promise.race([work, gaveUp, strayed]);
  } finally {
    clearTimeout(giveUp);
  }
}

function outcomeOf(result: ToolResult, signal: AbortSignal, duration_ms: number): CallOutcome {
  const reason = signal.aborted ? (signal.reason as EndReason) : undefined;
  const isStopped = reason === "cancelled" || reason === "frozen";
  // The tool has asked somebody else to do it, and nobody can say whether that was done.
  if (result.error?.code === OUTCOME_UNKNOWN && !isStopped)
    return { status: "outcome_unknown", result, duration_ms };
  if (reason === undefined) return { status: result.ok ? "done" : "failed", result, duration_ms };
  const status = isStopped ? "cancelled" : result.ok ? "done" : "failed";
  // What was done before it noticed is done: that stays said.
  if (result.ok) return { status, result, duration_ms };
  return {
    status,
    result: { ...result, ok: false, error: { code: reason, message: ENDED[reason] } },
    duration_ms,
  };
}
