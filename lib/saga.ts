// Runs steps that span several services, and undoes them in reverse when one fails. Used where an account is made.
import { isUnanswered } from "./broker/bus-errors.ts";

/** One of the steps, each of another service. */
export type SagaStep = {
  name: string;
  do(): Promise<void>;
  /** Takes back what `do` did, also when it did it only in part or not at all; may run twice. */
  undo?(): Promise<void>;
};

/**
 * Does the steps in order. When one fails, it and the ones before it are undone in reverse (a step that failed may still
 * have happened: an answer can be lost), and its error is thrown. When nobody answered in time nothing is undone: the step may still
 * be under way, and would then land behind its own undoing.
 * @param onLeft is told of each step that is not undone, or could not be; the others are undone all the same. What is left then is
 *   for the caller's own durable clean-up, as after a crash.
 */
export async function runSaga(
  steps: SagaStep[],
  onLeft: (step: string, error: unknown) => void,
): Promise<void> {
  const begun: SagaStep[] = [];
  try {
    for (const step of steps) {
      begun.push(step);
      await step.do();
    }
  } catch (error: unknown) {
    const mayStillHappen = isUnanswered(error);
    for (const step of begun.reverse()) {
      if (!step.undo) continue;
      if (mayStillHappen) onLeft(step.name, error);
      else await step.undo().catch((failure: unknown) => onLeft(step.name, failure));
    }
    throw error;
  }
}
