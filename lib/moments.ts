// A moment as a table: named operations that belong together, and the one executor of them. Crash points are the operations'
// names; recovery is to perform the moment again (docs/decisions/2026-11-28-moments-as-tables.md). Used by the agent and by the sessions it asks.
import { isPassing } from "./broker/bus-errors.ts";
import type { Crash } from "./crash-points.ts";
import type { Moments } from "./ports/moments.ts";

type Operation<Carried> = {
  /** What is done then; `<key>.<name>` is the crash point behind it. */
  name: string;
  /**
   * Idempotent, and true by what it finds in the stores, not by what an earlier one left in memory: whoever takes over begins
   * with the first. Answers what it adds to, or changes of, what the moment carries.
   */
  do(carried: Carried): Promise<Partial<Carried> | undefined>;
  /** Takes back what `do` may have done, when this operation or a later one refuses. Idempotent. */
  undo?(carried: Carried): Promise<void>;
};

/** `key` names it in crash points; the operations are in the order that recovery relies on. */
export type Moment<Carried> = { key: string; operations: readonly Operation<Carried>[] };

/** What a moment is performed with. */
type Performer = { moments: Moments; crash: Crash };

/** `again`: an earlier one went through, as far as anybody has seen; a refusal takes nothing of it back. */
type Round = "first" | "again";

/**
 * Does the operations in order and answers what they carry when all of it is durable.
 * A refusal takes back what came before it, the last first, and is thrown. A store that is away or an answer that never came
 * takes nothing back: the late operation may still land, and what undid it would be undone by it. Whoever performs the moment
 * again repeats it.
 * @throws what an operation throws
 */
export function perform<Carried extends object>(
  { moments, crash }: Performer,
  { key, operations }: Moment<Carried>,
  carried: Carried,
  round: Round = "first",
): Promise<Carried> {
  return moments.run(async () => {
    let now = carried;
    for (const [index, operation] of operations.entries()) {
      try {
        now = { ...now, ...(await operation.do(now)) };
      } catch (thrown) {
        if (round === "first" && !isPassing(thrown)) await takeBack(operations.slice(0, index + 1), now);
        throw thrown;
      }
      await crash(`${key}.${operation.name}`);
    }
    return now;
  });
}

async function takeBack<Carried>(done: readonly Operation<Carried>[], carried: Carried): Promise<void> {
  for (const { undo } of done.toReversed()) await undo?.(carried);
}

/** The crash points of moments, each once, in their order. */
export function pointsOf(
  moments: readonly { key: string; operations: readonly { name: string }[] }[],
): string[] {
  return [
    ...new Set(moments.flatMap(({ key, operations }) => operations.map(({ name }) => `${key}.${name}`))),
  ];
}
