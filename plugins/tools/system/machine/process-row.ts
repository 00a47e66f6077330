// One process as the tools show it, and what reading processes needs; used by processes.ts and the readers of both systems.
import type { ToolContext } from "../../../../contracts/tools.ts";

export type ProcessRow = {
  pid: number;
  parent_pid: number;
  user: string;
  /** Percent of one core; null when it is not known. */
  cpu_percent: number | null;
  /** Resident memory. */
  memory_bytes: number;
  /** The program, without its arguments. */
  command: string;
};
export type ProcessContext = Pick<ToolContext, "run" | "signal">;
