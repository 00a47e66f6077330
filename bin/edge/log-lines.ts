// What nats-server says, in the log of this process: its warnings and errors, and of a flood of them only how many there were.

type Log = Record<"warn" | "error", (fields: object, words: string) => void>;

const LINE = /\[(WRN|ERR|FTL)\] (.*)$/;
const WINDOW_MS = 10_000;
/** A Mac that is refused and tries again and again says the same each time. */
const MOST_IN_WINDOW = 20;
const LONGEST = 1_000;

/** @returns takes each line that it says */
export function logLines(log: Log, now: () => number = performance.now.bind(performance)) {
  let began = Number.NEGATIVE_INFINITY;
  let count = 0;
  return (line: string): void => {
    const [, level, words = ""] = LINE.exec(line) ?? [];
    if (level === undefined) return;
    if (now() - began >= WINDOW_MS) {
      const dropped = count - MOST_IN_WINDOW;
      if (dropped > 0) log.warn({ server: "nats-server" }, `${dropped} more of its lines were left out`);
      [began, count] = [now(), 0];
    }
    count += 1;
    if (count > MOST_IN_WINDOW) return;
    log[level === "WRN" ? "warn" : "error"]({ server: "nats-server" }, words.slice(0, LONGEST));
  };
}
