// Runs steps that span several services, and undoes them in reverse when one fails. Used where an account is made.

export type SagaStep = {
  name: string;
  do(): Promise<void>;
  /** Takes back what `do` did, also when it did it only in part or not at all; may run twice. */
  undo?(): Promise<void>;
};

/**
 * Does the steps in order. When one fails, it and the ones before it are undone in reverse (a step that failed may still
 * have happened: an answer can be lost), and its error is thrown.
 * @param onUndoFailed is told of a step that could not be undone; the others are undone all the same. What is left then is
 *   for the caller's own durable clean-up, as after a crash.
 */
export async function runSaga(
  steps: SagaStep[],
  onUndoFailed: (step: string, error: unknown) => void,
): Promise<void> {
  const begun: SagaStep[] = [];
  try {
    for (const step of steps) {
      begun.push(step);
      await step.do();
    }
  } catch (error: unknown) {
    for (const step of begun.reverse())
      await step.undo?.().catch((failure: unknown) => onUndoFailed(step.name, failure));
    throw error;
  }
}
