// How long an answer is held open for questions that only a person can answer, and what is said when nobody has: these protocols have no word for
// a question of ours.
import type { RunEvent } from "../../../contracts/run-events.ts";
import { AppError } from "../../../lib/errors.ts";

const USUAL_S = 60;
const MOST_S = 24 * 3_600;

/** Milliseconds, by the header `X-Approval-Wait` (whole seconds). @throws invalid_request */
export function approvalWaitMs(header: string | string[] | undefined): number {
  if (header === undefined) return USUAL_S * 1_000;
  const seconds = typeof header === "string" && /^\d{1,5}$/.test(header) ? Number(header) : MOST_S + 1;
  if (seconds <= MOST_S) return seconds * 1_000;
  const message = `must be whole seconds, at most ${MOST_S}`;
  throw new AppError("invalid_request", `X-Approval-Wait ${message}.`, {
    errors: [{ path: "X-Approval-Wait", message }],
  });
}

type Asked = Extract<RunEvent, { event: "approval_required" }>["data"];

/** The questions of a run that nobody has answered yet. */
export class OpenQuestions {
  readonly #asked = new Map<string, Asked>();

  take({ event, data }: RunEvent): void {
    if (event === "approval_required") this.#asked.set(data.call_id, data);
    else if (event === "approval_resolved" || event === "tool_result") this.#asked.delete(data.call_id);
  }

  get isWaiting(): boolean {
    return this.#asked.size > 0;
  }

  /** One sentence: what waits, where, and where to answer. */
  sentence(run: string): string {
    const [first, ...others] = this.#asked.values();
    if (!first) return "";
    const where = first.node_id === null ? "" : ` on ${first.node_id}`;
    const more = others.length === 0 ? "" : ` and ${others.length} more`;
    return `This waits for your approval: ${first.name}${where}${more}. Answer it in the console, in \`npm run chat\`, or with POST /api/v1/agent/runs/${run}/approvals/${first.call_id}; the run goes on then.`;
  }
}
