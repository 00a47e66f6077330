// One clock for all processes of a benchmark: the machine's monotonic clock, so that a stamp made by the fake upstream can be
// subtracted from a time seen by the client.

const OFFSET = Number(process.hrtime.bigint()) / 1_000 - performance.now() * 1_000;

/** Microseconds since the machine started, comparable between processes of one machine. */
export function microseconds(): number {
  return performance.now() * 1_000 + OFFSET;
}
