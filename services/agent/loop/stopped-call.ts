// One call that its user stops, while its run goes on: what is said of it then. The request stands in the call's document
// (moments/stop-call.ts); its owner hears of it by the signal for answers, and looks for it besides (work-calls.ts).
import type { CallOutcome } from "../../../contracts/tools.ts";

const MESSAGE = "The user stopped this call. Do not repeat it; go on without it or ask what to do instead.";
const STOPPED = { code: "stopped_by_user", message: MESSAGE };

/** The end of a call that never left. */
export const stoppedBefore = (): CallOutcome => ({
  status: "cancelled",
  result: { ok: false, error: STOPPED },
  duration_ms: 0,
});

/** The machine says that it has ended it: with what it had printed until then. Any other end is what it is. */
export function asStopped<Ended extends { status: string; result: CallOutcome["result"] }>(
  ended: Ended,
): Ended {
  if (ended.status !== "cancelled") return ended;
  return { ...ended, result: { ...ended.result, error: STOPPED } };
}
