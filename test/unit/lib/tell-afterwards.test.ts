import { expect, test } from "@jest/globals";
import type { DomainEvent } from "../../../contracts/domain-events.ts";
import type { UserId } from "../../../contracts/ids.ts";
import { processOutlet } from "../../../lib/embedded/outlet.ts";
import { AppError } from "../../../lib/errors.ts";
import type { Log } from "../../../lib/log.ts";
import type { Work } from "../../../lib/ports/work.ts";
import { Afterwards } from "../../../lib/tell-afterwards.ts";
import { waitFor } from "../../support/wait-for.ts";

const PLAN = { user_id: "usr_1" as UserId, plan: "pro", former_plan: "free" } as const;

function recordingLog() {
  const lines: Record<string, unknown>[] = [];
  const error = (fields: object, msg: string) => void lines.push({ ...fields, msg });
  return { lines, error: error as Log["error"] };
}

/** A work table that is away until it is told to be there; the answer of the first that lands is lost. */
function tableThatIsAway() {
  const tried: DomainEvent[] = [];
  const laid: DomainEvent[] = [];
  const table = { isAway: true };
  const add: Work["add"] = async ({ payload }) => {
    tried.push(payload as DomainEvent);
    if (!table.isAway) laid.push(payload as DomainEvent);
    if (table.isAway || laid.length === 1) throw new AppError("store_unavailable");
  };
  return { work: { add } as Work, tried, laid, table };
}

test("what is stored is answered while the work table is away, and its event is laid ready when it is back: the same one", async () => {
  const { work, tried, laid, table } = tableThatIsAway();
  const log = recordingLog();
  const options = { answerMs: 1, firstWaitMs: 1 };
  const afterwards = new Afterwards(work, processOutlet, "users", log, options);
  await afterwards.tell("subscription.changed", PLAN);
  await waitFor("it is tried again", () => tried.length > 2);
  table.isAway = false;
  await waitFor("it is laid ready, and again", () => laid.length === 2);
  expect(laid[0]).toMatchObject({ type: "subscription.changed", source: "users", data: PLAN, version: 1 });
  for (const event of [...tried, ...laid]) expect(event).toEqual(laid[0]);
  expect(log.lines).toEqual([]);
  afterwards.stop();
});

test("one that is never laid ready is lost after a while, or when the process stops, and is in the log", async () => {
  for (const isStopped of [false, true]) {
    const { work, tried } = tableThatIsAway();
    const log = recordingLog();
    const options = { answerMs: 1, firstWaitMs: isStopped ? 3_600_000 : 0 };
    const afterwards = new Afterwards(work, processOutlet, "users", log, options);
    await afterwards.tell("subscription.changed", PLAN);
    if (isStopped) afterwards.stop();
    const [line] = await waitFor("it is lost", () => log.lines.length > 0 && log.lines);
    expect(line).toMatchObject({ msg: expect.stringMatching(/is lost/), event: { data: PLAN } });
    expect(tried).toHaveLength(isStopped ? 1 : 15);
  }
});

test("nobody waits for a table that does not answer, and what nobody hears is not tried", async () => {
  let asked = 0;
  const add = () => {
    asked += 1;
    return new Promise<void>(() => undefined);
  };
  const log = recordingLog();
  const afterwards = new Afterwards({ add } as unknown as Work, processOutlet, "users", log, { answerMs: 1 });
  await afterwards.tell("subscription.changed", PLAN);
  await afterwards.tell("session.created", { session_id: "ses_1" as never, user_id: PLAN.user_id });
  expect(asked).toBe(1);
});
