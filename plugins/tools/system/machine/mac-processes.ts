// Processes from macOS' `ps`; used by processes.ts.
import { AppError } from "../../../../lib/errors.ts";
import { maskSecrets } from "../../../../lib/system/mask-secrets.ts";
import type { ProcessContext, ProcessRow } from "./process-row.ts";

/** One `-o` a column: in `-o pid=,ppid=` all after the first `=` would be a heading. `comm` is the program without arguments. */
const ARGV = [
  "/bin/ps",
  "-ax",
  ...["pid=", "ppid=", "user=", "%cpu=", "rss=", "comm="].flatMap((it) => ["-o", it]),
];
const LINE = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+([\d.,]+)\s+(\d+)\s+(.+)$/;

/** All processes by pid. Throws `internal` when `ps` fails. */
export async function readMacProcesses({ run }: ProcessContext): Promise<ProcessRow[]> {
  const { exit_code, stdout } = await run(ARGV, { env: { LC_ALL: "C" } });
  if (exit_code !== 0)
    throw new AppError("internal", "The command ps did not list the processes; try again.");
  const rows = stdout.split("\n").flatMap((line): ProcessRow[] => {
    const [, pid, parent, user = "", cpu = "", resident, command = ""] = LINE.exec(line) ?? [];
    if (pid === undefined) return [];
    return [
      {
        pid: Number(pid),
        parent_pid: Number(parent),
        user,
        cpu_percent: Number(cpu.replace(",", ".")),
        memory_bytes: Number(resident) * 1024,
        command: maskSecrets(command).slice(0, 200),
      },
    ];
  });
  return rows.toSorted((one, other) => one.pid - other.pid);
}
