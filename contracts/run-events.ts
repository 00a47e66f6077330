// The events of a run as SSE clients read them: their names and their `data`, each described in answers/events.ts.
import type { z } from "zod";
import type { EVENT_DATA } from "./answers/events.ts";
import type * as answers from "./answers/run-states.ts";
import type { failure } from "./answers/run-states.ts";

export type CallStatus = answers.CallStatus;
export type EndStatus = answers.EndStatus;
export type FinishReason = answers.FinishReason;
export type Risk = answers.Risk;
export type RunStatus = answers.RunStatus;

export type RunError = z.infer<typeof failure>;

type EventName = keyof typeof EVENT_DATA;
/**
 * An event as clients get it: `event` is the SSE event's name, `data` its JSON; the SSE id is the number in the run, from 1 without gaps.
 * `run` is the first, `done` the last, once each. Steps count from 1; times are ISO 8601 UTC. `content` and `reasoning` are pieces: those of a
 * step since its last `reset`, joined, are its text. Every `tool_start` has exactly one `tool_result`. `error` comes once, only in a failed
 * run, just before `done`.
 */
export type RunEvent = {
  [Name in EventName]: { event: Name; data: z.infer<(typeof EVENT_DATA)[Name]> };
}[EventName];
