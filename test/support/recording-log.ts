// A log that keeps what it was told.
import type { Log } from "../../lib/log.ts";

export type RecordingLog = Pick<Log, "info" | "warn"> & { lines: string[] };

export function recordingLog(): RecordingLog {
  const lines: string[] = [];
  const keep = (level: string) => (line: unknown) => void lines.push(`${level} ${String(line)}`);
  return { lines, info: keep("info"), warn: keep("warn") };
}
