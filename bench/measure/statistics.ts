// Medians, percentiles and ratios: how every goal sums up its rounds.

/** What several rounds gave, in the unit of the values. */
export type Spread = { median: number; min: number; max: number; rounds: number };

export type Distribution = { p50: number; p95: number; p99: number; max: number; count: number };

/** Of no values it is 0; of an even number the mean of the two in the middle. */
export function median(values: number[]): number {
  return middle(sort(values));
}

export function spread(values: number[]): Spread {
  const sorted = sort(values);
  return { median: middle(sorted), min: at(sorted, 0), max: at(sorted, 1), rounds: values.length };
}

export function distribution(values: number[]): Distribution {
  const sorted = sort(values);
  return {
    ...{ p50: middle(sorted), p95: at(sorted, 0.95), p99: at(sorted, 0.99) },
    ...{ max: at(sorted, 1), count: values.length },
  };
}

/** The ratio of each round, because only values of one round were measured under the same noise. */
export function ratios(values: number[], references: number[]): number[] {
  return values.flatMap((value, round) => {
    const reference = references[round];
    return reference ? [value / reference] : [];
  });
}

function sort(values: number[]): Float64Array {
  return Float64Array.from(values).sort();
}

function middle(sorted: Float64Array): number {
  const half = sorted.length / 2;
  const upper = sorted[Math.floor(half)] ?? 0;
  return Number.isInteger(half) ? ((sorted[half - 1] ?? 0) + upper) / 2 : upper;
}

function at(sorted: Float64Array, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}
