/** Does the work for each item as it comes, so many at a time, until one throws. @throws that, when all that were begun have ended */
export async function aFewAtOnce<T>(
  items: AsyncIterable<T>,
  count: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const underWay = new Set<Promise<void>>();
  let failure: { thrown: unknown } | undefined;
  for await (const item of items) {
    if (underWay.size >= count) await Promise.race(underWay);
    if (failure) break;
    const one: Promise<void> = work(item)
      .catch((thrown: unknown) => {
        failure ??= { thrown };
      })
      .finally(() => underWay.delete(one));
    underWay.add(one);
  }
  await Promise.all(underWay);
  if (failure) throw failure.thrown;
}
