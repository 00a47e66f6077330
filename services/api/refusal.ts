// A refusal, before and after its door has said it in its protocol's words.
import type { ErrorExtras, ErrorType } from "../../lib/errors.ts";

export type Problem = { type: ErrorType; detail: string; extras: ErrorExtras };
export type Refusal = { status: number; contentType: string; body: string; headers?: Record<string, string> };
export type Refuse = (problem: Problem, requestId: string) => Refusal;
/** What is written last into an event stream that has to be broken off. */
export type BreakOff = (problem: Problem, requestId: string) => string;
