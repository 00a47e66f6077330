// Tells the run's readers what happened, each thing once: a new owner reads what was told before and tells only the rest.
import type { CallId } from "../../../contracts/ids.ts";
import type { RunEvent } from "../../../contracts/run-events.ts";
import type { RunWriter } from "../../../lib/ports/events.ts";
import { boundResult } from "../../../lib/tools/bound-result.ts";
import { withoutImageData } from "../../../lib/tools/images.ts";
import { type CallDocument, hasEnded, type RunDocument, type StoredStep } from "../run-document.ts";
import { costUsd } from "../runs/view.ts";
import type { Witness } from "./witness.ts";

/**
 * Bytes of a result in an event, and of each stream in it. The run's steps keep more; an event of more than a mebibyte would
 * cost every live reader its connection.
 */
const EVENT_RESULT_LIMIT = 131_072;

type Told = { seq: number; event: RunEvent };

export class Announcer {
  readonly #writer: RunWriter;
  readonly #witness: Witness;
  readonly #told = new Set<string>();
  /** Text told for a step since its last reset; only of what a former owner told. */
  readonly #texts = new Map<number, string>();

  /**
   * @param witness hears of everything that is told once
   * @param history events of the run that a former owner wrote; empty for a new run
   */
  constructor(writer: RunWriter, witness: Witness, history: Told[] = []) {
    this.#writer = writer;
    this.#witness = witness;
    for (const { event } of history) this.#remember(event);
  }

  started(run: RunDocument): void {
    this.#once("run", {
      event: "run",
      data: {
        run_id: run._id,
        session_id: run.session_id,
        message_id: run.message_id,
        model: run.model,
        status: run.status,
        created_at: run.created_at,
      },
    });
  }

  text(step: number, text: string): void {
    this.#writer.append({ event: "content", data: { step, text } });
  }

  reasoning(step: number, text: string): void {
    this.#writer.append({ event: "reasoning", data: { step, text } });
  }

  /** A thought of the model alone is whole; one that would cost live readers their connection stands in the run only. */
  thought(step: number, value: unknown): void {
    if (JSON.stringify(value).length <= EVENT_RESULT_LIMIT)
      this.#writer.append({ event: "thought", data: { step, value } });
  }

  /** The model is asked again: nothing that was told is void by it. */
  retry(step: number, retry: Omit<Extract<RunEvent, { event: "retry" }>["data"], "step">): void {
    this.#writer.append({ event: "retry", data: { step, ...retry } });
  }

  /** What was sent for the step is void and comes anew. */
  reset(step: number, reason: string): void {
    this.#writer.append({ event: "reset", data: { step, reason } });
    this.#texts.delete(step);
    this.#told.delete(`partial:${step}`);
  }

  /** Whether a former owner has sent something of a step that the journal does not have. */
  hasPartial(step: number): boolean {
    return this.#told.has(`partial:${step}`);
  }

  /** Makes what was told of a journaled step whole: its text, its usage and all that happened to its calls. */
  step(step: StoredStep, calls: CallDocument[], tellText: boolean): void {
    if (tellText && (this.#texts.get(step.number) ?? "") !== step.content) {
      this.reset(step.number, "resumed");
      if (step.content !== "") this.text(step.number, step.content);
    }
    this.usage(step);
    for (const call of calls) {
      this.callStarted(call);
      this.approvalAsked(call);
      this.approvalResolved(call);
      this.callEnded(call);
    }
  }

  usage(step: StoredStep): void {
    const { usage } = step;
    this.#once(`usage:${step.number}`, {
      event: "usage",
      data: {
        step: step.number,
        input_tokens: usage.input_tokens,
        output_tokens: usage.output_tokens,
        cost_usd: costUsd(usage.cost_micro),
        model: step.model,
        estimated: usage.estimated,
      },
    });
  }

  callStarted(call: CallDocument): void {
    this.#once(`tool_start:${call._id}`, {
      event: "tool_start",
      data: { step: call.step, call_id: call._id, name: call.name, args: call.args, node_id: call.node_id },
    });
  }

  approvalAsked(call: CallDocument): void {
    if (!call.approval) return;
    this.#once(`approval_required:${call._id}`, {
      event: "approval_required",
      data: {
        step: call.step,
        call_id: call._id,
        name: call.name,
        args: call.args,
        risk: call.risk,
        node_id: call.node_id,
        ...(call.because === undefined ? {} : { because: call.because }),
        ...(call.bound ? { bound: call.bound } : {}),
        ...(call.before ? { before: call.before } : {}),
        expires_at: call.approval.expires_at,
      },
    });
  }

  approvalResolved(call: CallDocument): void {
    const { approval } = call;
    if (!approval?.decision) return;
    this.#once(`approval_resolved:${call._id}`, {
      event: "approval_resolved",
      data: {
        step: call.step,
        call_id: call._id,
        decision: approval.decision,
        by: approval.decided_by ?? "system",
        ...(approval.decision === "approve" ? { args: call.args } : {}),
        ...(approval.reason === undefined ? {} : { reason: approval.reason }),
      },
    });
  }

  output(step: number, callId: CallId, stream: "stdout" | "stderr", text: string): void {
    this.#writer.append({ event: "tool_output", data: { step, call_id: callId, stream, text } });
  }

  callEnded(call: CallDocument): void {
    if (!hasEnded(call)) return;
    this.callStarted(call);
    // An answer may have come while the call was ended for another reason.
    this.approvalResolved(call);
    this.#once(`tool_result:${call._id}`, {
      event: "tool_result",
      data: {
        step: call.step,
        call_id: call._id,
        name: call.name,
        ok: call.result?.ok ?? false,
        status: call.status as "done",
        result: call.result && boundResult(withoutImageData(call.result), EVENT_RESULT_LIMIT),
        duration_ms: call.duration_ms ?? 0,
      },
    });
  }

  /** `error` (for a failed run) and `done`: the end of the stream. */
  done(run: RunDocument): void {
    if (run.error) this.#once("error", { event: "error", data: run.error });
    if (run.status !== "completed" && run.status !== "failed" && run.status !== "cancelled") return;
    this.#once("done", {
      event: "done",
      data: {
        run_id: run._id,
        status: run.status,
        finish_reason: run.finish_reason ?? "error",
        message_id: run.answer_id,
      },
    });
  }

  flush(): Promise<void> {
    return this.#writer.flush();
  }

  close(): void {
    this.#writer.close();
  }

  #once(key: string, event: RunEvent): void {
    if (this.#told.has(key)) return;
    this.#told.add(key);
    this.#writer.append(event);
    this.#witness(event);
  }

  #remember(event: RunEvent): void {
    switch (event.event) {
      case "content":
        this.#texts.set(event.data.step, (this.#texts.get(event.data.step) ?? "") + event.data.text);
        this.#told.add(`partial:${event.data.step}`);
        return;
      case "reasoning":
      case "thought":
        this.#told.add(`partial:${event.data.step}`);
        return;
      case "reset":
        this.#texts.delete(event.data.step);
        this.#told.delete(`partial:${event.data.step}`);
        return;
      case "usage":
        this.#told.add(`usage:${event.data.step}`);
        return;
      case "retry":
      case "tool_output":
        return;
      case "tool_start":
      case "tool_result":
      case "approval_required":
      case "approval_resolved":
        this.#told.add(`${event.event}:${event.data.call_id}`);
        return;
      case "run":
      case "error":
      case "done":
        this.#told.add(event.event);
        return;
    }
  }
}
