// What a session shows, as signals: a turn is what a person said and the steps that answer it. Live runs and stored messages become the
// same.
import { type Signal, signal } from "@preact/signals";
import type { Usage } from "../../contracts/answers/quota.ts";
import type { CallStatus, FinishReason, Risk, RunStatus } from "../../contracts/answers/run-states.ts";
import type { Bound } from "../../contracts/bound.ts";
import type { FileBefore } from "../../contracts/file-before.ts";
import type { Attachment } from "./attached.ts";

export type Question = {
  risk: Risk;
  because: string | undefined;
  bound: Bound | undefined;
  before: FileBefore | undefined;
  expiresAt: string;
  decision: "approve" | "deny" | "expired" | null;
  reason: string | undefined;
};

export type CallView = {
  callId: string;
  runId: string;
  name: string;
  args: unknown;
  nodeId: string | null;
  status: "pending" | "waiting_approval" | "running" | CallStatus;
  result: unknown;
  durationMs: number | null;
  /** `performance.now()` when this page heard that it runs; undefined where it did not. */
  runsSince: number | undefined;
  question: Question | undefined;
};

export type Output = { stream: "stdout" | "stderr"; text: string };

export type Call = { id: string; view: Signal<CallView>; output: Signal<Output[]> };

export type Step = {
  number: number;
  text: Signal<string>;
  reasoning: Signal<string>;
  calls: Signal<Call[]>;
  /** Nothing more of it comes. */
  isComplete: Signal<boolean>;
};

export type RunView = {
  id: string;
  status: RunStatus;
  finishReason: FinishReason | null;
  model: string;
  usage: Usage | undefined;
  error: { code: string; message: string; retryable: boolean } | undefined;
};

export type Said = { id: string | undefined; text: string; at: string; files: Attachment[] };

export type Turn = {
  key: string;
  said: Signal<Said | undefined>;
  steps: Signal<Step[]>;
  /** Undefined for what was added without a run. */
  run: Signal<RunView | undefined>;
};

export const newStep = (number: number, text = "", isComplete = false): Step => ({
  number,
  text: signal(text),
  reasoning: signal(""),
  calls: signal<Call[]>([]),
  isComplete: signal(isComplete),
});

export const newCall = (view: CallView): Call => ({
  id: view.callId,
  view: signal(view),
  output: signal<Output[]>([]),
});

export const isOver = (status: RunStatus): boolean =>
  status === "completed" || status === "failed" || status === "cancelled";
