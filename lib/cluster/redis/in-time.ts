// How long anything asked of Redis may take.
import { NoAnswer } from "./fault.ts";

/** Of one operation: far more than it takes, and beyond that the store is as quick. */
export const OPERATION_MS = 250;

/** @throws NoAnswer, and what `answer` throws before */
export function inTime<T>(answer: Promise<T>, ms: number): Promise<T> {
  return new Promise((resolve, reject) => {
    // Where this process itself stood still, the answer is here already and only waits to be read.
    const late = setTimeout(() => setImmediate(() => reject(new NoAnswer())), ms);
    answer.then(resolve, reject).finally(() => clearTimeout(late));
  });
}
