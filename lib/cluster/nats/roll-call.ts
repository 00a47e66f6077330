// Who is there: every process of the cluster says what it is when it is asked on one subject. For `npm run doctor` and for what a start
// says of clocks; whoever asks need not be on the bus.
import { reportDefect } from "../../report-defect.ts";
import { ownClock } from "../clocks.ts";
import type { Nats } from "./open-nats.ts";

export type ProcessFacts = { id: string; version: string; services: readonly string[] };
export type Present = ProcessFacts & {
  /** By how much its clock is ahead of this process's. */
  aheadMs: number;
};

const SUBJECT = "mj.who";

/** Until the connection ends. @param clock epoch milliseconds */
export function answerRollCall(nats: Nats, facts: ProcessFacts, clock: () => number = Date.now): void {
  nats.connection.subscribe(SUBJECT, {
    callback: (error, message) => {
      // Without the right to hear it this process is only not seen.
      if (!error) message.respond(JSON.stringify({ ...facts, at: clock() }));
    },
  });
}

/** Those that have answered within so many milliseconds, which it always takes. Never throws. */
export async function rollCall(nats: Nats, forMs: number): Promise<Present[]> {
  const own = ownClock();
  const found: Present[] = [];
  try {
    const answers = await nats.connection.requestMany(SUBJECT, "", { maxWait: forMs, strategy: "timer" });
    for await (const answer of answers) {
      if (!(answer instanceof Error)) found.push(...presentOf(answer.string(), own));
    }
  } catch {
    // Nobody is there, or NATS went away meanwhile.
  }
  return found;
}

function presentOf(text: string, own: ReturnType<typeof ownClock>): Present[] {
  try {
    const { at, id, version, services } = JSON.parse(text) as ProcessFacts & { at: number };
    return [{ id, version, services, aheadMs: own.behind(at) }];
  } catch (thrown) {
    reportDefect(thrown);
    return [];
  }
}
