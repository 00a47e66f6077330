// One run as its events tell it. Its stream is read while the page can be seen, from where it was left.
import { batch, signal } from "@preact/signals";
import type { Usage } from "../../contracts/answers/quota.ts";
import type { RunEvent } from "../../contracts/run-events.ts";
import { ApiError } from "../../lib/client/api-error.ts";
import { type Beginning, runStream } from "../../lib/client/run-stream.ts";
import { client, seen } from "../store/account.ts";
import {
  type Call,
  type CallView,
  isOver,
  newCall,
  newStep,
  type Output,
  type Said,
  type Step,
  type Turn,
} from "./steps.ts";

const SAY_AFTER_MS = 2_000;
/** Characters of a call's output that are kept: its end. */
const MOST_OUTPUT = 200_000;

export class LiveRun {
  readonly turn: Turn;
  /** The stream is away, and has been for a while. */
  readonly isLost = signal(false);
  /** Why the model is asked again. */
  readonly retry = signal<{ attempt: number; of: number; reason: string } | undefined>(undefined);
  #runId: string | undefined;
  #after = "0";
  #stop: AbortController | undefined;
  #pieces: { step: Step; field: "text" | "reasoning"; text: string }[] = [];
  #frame: number | undefined;
  #usage = new Map<number, Usage>();

  constructor(key: string, said: Said | undefined) {
    this.turn = { key, said: signal(said), steps: signal<Step[]>([]), run: signal(undefined) };
  }

  get runId(): string | undefined {
    return this.#runId;
  }
  get isDone(): boolean {
    const run = this.turn.run.value;
    return run !== undefined && isOver(run.status);
  }

  /**
   * Reads until the run has ended, or `leave`. @param onBegun when it is known which run this is
   * @throws ApiError when the message was refused or the run is not there any more
   */
  async read(beginning: Beginning, onBegun?: (event: RunEvent & { event: "run" }) => void): Promise<void> {
    this.#stop?.abort();
    const stop = new AbortController();
    this.#stop = stop;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const onConnection = (state: "lost" | "back") => {
      clearTimeout(timer);
      if (state === "back") this.isLost.value = false;
      else timer = setTimeout(() => (this.isLost.value = !stop.signal.aborted), SAY_AFTER_MS);
    };
    const onPosition = (id: string) => {
      this.#after = id;
    };
    try {
      for await (const event of runStream(client, beginning, {
        signal: stop.signal,
        onConnection,
        onPosition,
      })) {
        if (event.event === "run") onBegun?.(event);
        this.#take(event);
      }
    } catch (thrown) {
      if (!stop.signal.aborted) throw seen(thrown);
    } finally {
      clearTimeout(timer);
      this.isLost.value = false;
      this.#flush();
    }
  }

  /** Goes on where it was left. @throws as `read` */
  async readOn(): Promise<void> {
    if (this.#runId === undefined || this.isDone) return;
    await this.read({ runId: this.#runId, after: this.#after });
  }

  /** The run goes on without being read. */
  leave(): void {
    this.#stop?.abort();
  }

  #take(event: RunEvent): void {
    // Text is shown once a frame; what changes anything else comes after the text before it.
    if (event.event === "content" || event.event === "reasoning") {
      const field = event.event === "content" ? "text" : "reasoning";
      this.#pieces.push({ step: this.#step(event.data.step), field, text: event.data.text });
      this.#frame ??= requestAnimationFrame(() => this.#flush());
      return;
    }
    this.#flush();
    batch(() => this.#change(event));
  }

  #flush(): void {
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    this.#frame = undefined;
    const pieces = this.#pieces;
    this.#pieces = [];
    batch(() => {
      for (const { step, field, text } of pieces) step[field].value += text;
      const run = this.turn.run.value;
      if (pieces.length > 0) this.retry.value = undefined;
      if (pieces.length > 0 && run?.status === "queued") this.turn.run.value = { ...run, status: "running" };
    });
  }

  #change(event: RunEvent): void {
    const { turn } = this;
    const run = turn.run.value;
    switch (event.event) {
      case "run": {
        const { run_id, model, status } = event.data;
        this.#runId = run_id;
        turn.run.value = {
          id: run_id,
          status,
          finishReason: null,
          model,
          usage: undefined,
          error: undefined,
        };
        return;
      }
      case "usage": {
        const { step, model, ...usage } = event.data;
        this.#usage.set(step, usage);
        if (run) turn.run.value = { ...run, model, usage: sumOf([...this.#usage.values()]) };
        return;
      }
      case "tool_start": {
        const { step, call_id, name, args, node_id } = event.data;
        const found = this.#step(step);
        if (found.calls.value.some(({ id }) => id === call_id)) return;
        const call = newCall({
          ...{ callId: call_id, runId: this.#runId ?? "", name, args, nodeId: node_id },
          ...{ status: "running", result: undefined, durationMs: null },
          ...{ runsSince: performance.now(), question: undefined },
        });
        found.isComplete.value = true;
        found.calls.value = [...found.calls.value, call];
        if (run) turn.run.value = { ...run, status: "running" };
        return;
      }
      case "approval_required": {
        const { step, call_id, risk, because, bound, before, expires_at } = event.data;
        this.#set(step, call_id, (view) => ({
          ...view,
          status: "waiting_approval",
          question: {
            ...{ risk, because, bound, before },
            ...{ expiresAt: expires_at, decision: null, reason: undefined },
          },
        }));
        if (run) turn.run.value = { ...run, status: "waiting_approval" };
        return;
      }
      case "approval_resolved": {
        const { step, call_id, decision, args, reason } = event.data;
        this.#set(step, call_id, (view) => ({
          ...view,
          args: args ?? view.args,
          status: "running",
          runsSince: performance.now(),
          question: view.question && {
            ...{ ...view.question, decision, reason },
            before: args && pathIn(args) !== pathIn(view.args) ? undefined : view.question.before,
          },
        }));
        if (run) turn.run.value = { ...run, status: "running" };
        return;
      }
      case "tool_output": {
        const { step, call_id, stream, text } = event.data;
        const call = this.#call(step, call_id);
        if (call) call.output.value = withOutput(call.output.value, { stream, text });
        return;
      }
      case "tool_result": {
        const { step, call_id, status, result, duration_ms } = event.data;
        this.#set(step, call_id, (view) => ({ ...view, status, result, durationMs: duration_ms }));
        return;
      }
      case "retry":
        this.retry.value = event.data;
        return;
      case "reset": {
        const step = this.#step(event.data.step);
        step.text.value = "";
        step.reasoning.value = "";
        step.calls.value = [];
        step.isComplete.value = false;
        return;
      }
      case "error":
        if (run) turn.run.value = { ...run, error: event.data };
        return;
      case "done": {
        for (const step of turn.steps.value) step.isComplete.value = true;
        this.retry.value = undefined;
        const { status, finish_reason } = event.data;
        if (run) turn.run.value = { ...run, status, finishReason: finish_reason };
        return;
      }
    }
  }

  #step(number: number): Step {
    const known = this.turn.steps.value.find((step) => step.number === number);
    if (known) return known;
    const step = newStep(number);
    for (const before of this.turn.steps.value) before.isComplete.value = true;
    this.turn.steps.value = [...this.turn.steps.value, step].toSorted((a, b) => a.number - b.number);
    return step;
  }

  #call(step: number, callId: string): Call | undefined {
    return this.#step(step).calls.value.find(({ id }) => id === callId);
  }

  #set(step: number, callId: string, change: (view: CallView) => CallView): void {
    const call = this.#call(step, callId);
    if (call) call.view.value = change(call.view.value);
  }
}

/** What the server has forgotten of a run that has ended. */
export const isGone = (thrown: unknown): boolean =>
  thrown instanceof ApiError && (thrown.status === 410 || thrown.status === 404);

const pathIn = (args: unknown) => (args as { path?: unknown } | null)?.path;

function withOutput(before: Output[], piece: Output): Output[] {
  const last = before.at(-1);
  const all =
    last?.stream === piece.stream
      ? [...before.slice(0, -1), { stream: piece.stream, text: last.text + piece.text }]
      : [...before, piece];
  let length = all.reduce((sum, { text }) => sum + text.length, 0);
  while (length > MOST_OUTPUT && all[0]) {
    const over = length - MOST_OUTPUT;
    const first = all[0];
    if (first.text.length <= over) all.shift();
    else all[0] = { ...first, text: first.text.slice(over) };
    length = all.reduce((sum, { text }) => sum + text.length, 0);
  }
  return all;
}

function sumOf(usages: Usage[]): Usage {
  return usages.reduce((sum, usage) => ({
    input_tokens: sum.input_tokens + usage.input_tokens,
    output_tokens: sum.output_tokens + usage.output_tokens,
    cost_usd: sum.cost_usd + usage.cost_usd,
    estimated: sum.estimated || usage.estimated,
  }));
}
