// The events of a run as SSE clients read them: their names and their `data`.
import type { Bound } from "./bound.ts";
import type { CallId, MessageId, NodeId, RunId, SessionId } from "./ids.ts";

/**
 * `queued` → `running` ⇄ `waiting_approval` → one of EndStatus. `queued`: another run of the session goes first. `waiting_approval`: only
 * answers are missing, nobody works on it and its deadline stands still.
 */
export type RunStatus = "queued" | "running" | "waiting_approval" | "completed" | "failed" | "cancelled";
/** Final. A limit that was reached (`length`, `max_steps`, `budget`) is `completed` with what there is. */
export type EndStatus = "completed" | "failed" | "cancelled";
/**
 * Why a run ended. `completed`: `stop`, `length`, `max_steps` or `budget`; `failed`: `deadline` or `error`; `cancelled`: `cancelled`.
 * null in a run that goes on.
 */
export type FinishReason = "stop" | "length" | "max_steps" | "budget" | "deadline" | "cancelled" | "error";
/**
 * What a tool does to its machine: only looks, changes something, or runs what somebody else wrote. Without a rule `read` is allowed
 * (unless it sends somewhere), the others are asked about.
 */
export type Risk = "read" | "write" | "execute";
/**
 * How a call ended. `expired`: nobody answered its question in time. `outcome_unknown`: nobody can tell whether it ran, and it is not
 * repeated (G3).
 */
export type CallStatus = "done" | "failed" | "denied" | "expired" | "cancelled" | "outcome_unknown";

/**
 * An event as clients get it: `event` is the SSE event's name, `data` its JSON; the SSE id is the number in the run, from 1 without gaps.
 * `run` is the first, `done` the last, once each. Steps count from 1; times are ISO 8601 UTC. `content` and `reasoning` are pieces: those of a
 * step since its last `reset`, joined, are its text. Every `tool_start` has exactly one `tool_result`. `error` comes once, only in a failed
 * run, just before `done`.
 */
export type RunEvent =
  | {
      event: "run";
      data: {
        run_id: RunId;
        session_id: SessionId;
        message_id: MessageId;
        model: string;
        status: RunStatus;
        created_at: string;
      };
    }
  | { event: "content"; data: { step: number; text: string } }
  | { event: "reasoning"; data: { step: number; text: string } }
  | {
      event: "usage";
      data: {
        step: number;
        input_tokens: number;
        output_tokens: number;
        cost_usd: number;
        model: string;
        estimated: boolean;
      };
    }
  | {
      event: "tool_start";
      data: { step: number; call_id: CallId; name: string; args: unknown; node_id: NodeId | null };
    }
  | {
      event: "approval_required";
      data: {
        step: number;
        call_id: CallId;
        name: string;
        args: unknown;
        risk: Risk;
        node_id: NodeId | null;
        /** Why it is asked about whatever was remembered. */
        because?: string;
        /** What the arguments mean on the node: hosts it sends to. */
        bound?: Bound;
        expires_at: string;
      };
    }
  | {
      event: "approval_resolved";
      data: {
        step: number;
        call_id: CallId;
        decision: "approve" | "deny" | "expired";
        by: string;
        args?: unknown;
      };
    }
  | {
      event: "tool_output";
      data: { step: number; call_id: CallId; stream: "stdout" | "stderr"; text: string };
    }
  | {
      event: "tool_result";
      data: {
        step: number;
        call_id: CallId;
        name: string;
        ok: boolean;
        status: CallStatus;
        result: unknown;
        duration_ms: number;
      };
    }
  /** The model failed and is asked again after `wait_ms`; `attempt` is the number of the question that comes, from 1, of at most `of`. */
  | { event: "retry"; data: { step: number; attempt: number; of: number; reason: string; wait_ms: number } }
  | { event: "reset"; data: { step: number; reason: string } }
  | { event: "error"; data: { code: string; message: string; retryable: boolean } }
  | {
      event: "done";
      data: { run_id: RunId; status: EndStatus; finish_reason: FinishReason; message_id: MessageId | null };
    };
