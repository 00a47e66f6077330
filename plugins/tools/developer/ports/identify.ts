// Which process this is, beyond its id: an id is given to another process when the first has ended. Used by end-listeners.ts.
import { readFile, readlink } from "node:fs/promises";
import type { ToolContext } from "../../../../contracts/tools.ts";

export type Identity = {
  pid: number;
  uid: number;
  /** Differs for two processes with the same id. */
  started: string;
  /** Program and arguments, to be compared and never shown. */
  words: string[];
  /** Empty when the system does not tell. */
  workingFolder: string;
};

const PS_TIMEOUT_MS = 5_000;
const ENDED = /^[ZX]/;

/** Undefined when it has ended. */
export function identify(
  pid: number,
  context: Pick<ToolContext, "run">,
  platform: NodeJS.Platform,
): Promise<Identity | undefined> {
  return platform === "darwin" ? fromPs(pid, context) : fromProc(pid);
}

/** Format: proc(5). The name before the fields of `stat` may hold spaces and brackets. */
async function fromProc(pid: number): Promise<Identity | undefined> {
  try {
    const folder = `/proc/${pid}`;
    const [stat, status, commandLine, workingFolder] = await Promise.all([
      readFile(`${folder}/stat`, "utf8"),
      readFile(`${folder}/status`, "utf8"),
      readFile(`${folder}/cmdline`, "utf8"),
      readlink(`${folder}/cwd`).catch(() => ""),
    ]);
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (ENDED.test(fields[0] ?? "")) return undefined;
    const uid = Number(/^Uid:\s+(\d+)/m.exec(status)?.[1] ?? -1);
    const words = commandLine.split("\0").filter((word) => word !== "");
    return { pid, uid, started: fields[19] ?? "", words, workingFolder };
  } catch {
    return undefined;
  }
}

const COLUMNS = ["uid=", "stat=", "lstart=", "args="].flatMap((column) => ["-o", column]);
/** `  501 S    Mon Nov 30 15:37:03 2026     node server.js` */
const LINE = /^\s*(-?\d+)\s+(\S+)\s+(\w{3}\s+\w{3}\s+\d+\s+[\d:]{8}\s+\d{4})\s+(.*)$/m;

async function fromPs(pid: number, { run }: Pick<ToolContext, "run">): Promise<Identity | undefined> {
  const options = { timeoutMs: PS_TIMEOUT_MS, env: { LC_ALL: "C" } };
  const [listed, opened] = await Promise.all([
    run(["/bin/ps", "-ww", ...COLUMNS, "-p", String(pid)], options),
    run(["/usr/sbin/lsof", "-nP", "-a", "-d", "cwd", "-p", String(pid), "-Fn"], options),
  ]);
  const [, uid, state = "", started, args = ""] = LINE.exec(listed.stdout) ?? [];
  if (uid === undefined || started === undefined || ENDED.test(state)) return undefined;
  const workingFolder = /^n(\/.*)$/m.exec(opened.stdout)?.[1] ?? "";
  return {
    pid,
    uid: Number(uid),
    started,
    words: args.split(/\s+/).filter((word) => word !== ""),
    workingFolder,
  };
}
