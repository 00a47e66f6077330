// Nothing waits for what is outside without an end.

/** What comes of the promise, or `late` when that takes longer. What it throws afterwards is nobody's any more. */
export async function within<T, Late>(limitMs: number, promise: Promise<T>, late: Late): Promise<T | Late> {
  let timer: NodeJS.Timeout | undefined;
  const end = new Promise<Late>((resolve) => {
    timer = setTimeout(() => resolve(late), limitMs);
  });
  // It is not always waited for to its end.
  promise.catch(() => undefined);
  return Promise.race([promise, end]).finally(() => clearTimeout(timer));
}
