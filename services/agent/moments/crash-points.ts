// The crash points of the agent: what its moments' operations are called, and the places between moments where a run can die.
import { pointsOf } from "../../../lib/moments.ts";
import { ACCEPT } from "./accept.ts";
import { APPROVAL_ANSWERED, APPROVAL_ASKED } from "./approval.ts";
import { CANCEL } from "./cancel.ts";
import { FINISH } from "./finish.ts";
import { MODEL_ANSWERED } from "./model-answered.ts";
import { CALL_STOP } from "./stop-call.ts";
import { TOOL_ANSWERED, TOOL_SENT } from "./tool-call.ts";

/** The question is about to go to the model; its first token has left; the end of the events is durable. */
export const BETWEEN_MOMENTS = ["model.asked", "model.first_token", "finish.done"] as const;

export const AGENT_MOMENTS = [
  ACCEPT,
  MODEL_ANSWERED,
  TOOL_SENT,
  TOOL_ANSWERED,
  APPROVAL_ASKED,
  APPROVAL_ANSWERED,
  CANCEL,
  CALL_STOP,
  FINISH,
];

export const AGENT_CRASH_POINTS = [...pointsOf(AGENT_MOMENTS), ...BETWEEN_MOMENTS];
