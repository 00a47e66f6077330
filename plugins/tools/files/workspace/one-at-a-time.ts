// Lets one change of a file wait for the other: a model edits the same file with several calls of one step.

const tails = new Map<string, Promise<unknown>>();

/** Runs `work` after all earlier work of the same key in this process has ended, however that ended. */
export async function oneAtATime<T>(key: string, work: () => Promise<T>): Promise<T> {
  const before = tails.get(key);
  const mine = before === undefined ? work() : before.then(work, work);
  tails.set(key, mine);
  try {
    return await mine;
  } finally {
    if (tails.get(key) === mine) tails.delete(key);
  }
}
