// A refusal, before and after its door has said it in its protocol's words.
import type { ErrorExtras, ErrorType } from "../../lib/errors.ts";

export type Problem = { type: ErrorType; detail: string; extras: ErrorExtras };
export type Refusal = { status: number; contentType: string; body: string };
export type Refuse = (problem: Problem, requestId: string) => Refusal;
