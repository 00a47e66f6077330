// Work on its way into the table of PostgreSQL, where many rows go in one statement.
import type { AddWork } from "../../ports/work.ts";
import { priorityOf } from "../../work/work-queues.ts";

/** Work as it is added; times are of our own clock. */
export type NewWork = {
  id: string;
  queue: string;
  key: string | null;
  /** JSON. */
  payload: string;
  priority: number;
  runAt: number | undefined;
  expiresAt: number | undefined;
};

/** @throws RangeError for a priority that there is not */
export function newWork(id: string, work: AddWork): NewWork {
  const { queue, key = null, payload, priority, runAt, expiresAt } = work;
  return {
    ...{ id, queue, key, runAt, expiresAt },
    ...{ payload: JSON.stringify(payload ?? null), priority: priorityOf(priority) },
  };
}

/** The first of each key, and in one order: two processes that add the same are not in each other's way. */
export function onceEach(added: NewWork[]): NewWork[] {
  const keyOf = ({ id, queue, key }: NewWork) => JSON.stringify(key === null ? [id] : [queue, key]);
  const first = new Map(added.toReversed().map((work) => [keyOf(work), work]));
  return [...first].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, work]) => work);
}
