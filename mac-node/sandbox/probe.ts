// Whether this machine can sandbox, found out by really starting one once; and the command that mends it where it cannot.
import { isAbsolute } from "node:path";
import { runCommand } from "../processes/run-command.ts";
import { type BubblewrapFeatures, bubblewrapCommand } from "./bubblewrap.ts";
import { seatbeltCommand } from "./seatbelt.ts";
import { seccompFilter } from "./seccomp-filter.ts";
import type { VisiblePaths } from "./visible-paths.ts";

export type SandboxState =
  | { state: "on"; features: BubblewrapFeatures }
  | { state: "off" }
  | { state: "unavailable"; problem: string };

const NOTHING: VisiblePaths = {
  roots: [],
  home: undefined,
  homeEntries: [],
  hidden: [],
  notYet: [],
  rebuilt: [],
  pinned: [],
  readOnly: [],
  absent: [],
  sealed: [],
  links: [],
};
const PROBE_LIMIT_MS = 10_000;
const PROBE = ["/bin/sh", "-c", "exit 0"];

/** @param path where programs are looked for; the system's own folders unless said (a test points it elsewhere) */
export async function probeSandbox(
  platform: NodeJS.Platform,
  path = "/usr/local/bin:/usr/bin:/bin",
): Promise<SandboxState> {
  if (platform === "darwin") return probeMac(path);
  if (platform !== "linux")
    return { state: "unavailable", problem: `There is no sandbox for ${platform}; use macOS or Linux.` };
  const filter = seccompFilter(process.arch);
  if (!filter)
    return {
      state: "unavailable",
      problem: `The sandbox knows no system calls of ${process.arch}; use x64 or arm64.`,
    };
  const help = await attempt(["bwrap", "--help"], path);
  if (help.missing)
    return {
      state: "unavailable",
      problem: "bubblewrap is not installed. Run: sudo apt-get install bubblewrap",
    };
  const features = { size: help.output.includes("--size BYTES") };
  const command = bubblewrapCommand({ argv: PROBE, cwd: "/", paths: NOTHING }, features);
  const tried = await attempt(command, path, filter);
  return tried.ok
    ? { state: "on", features }
    : { state: "unavailable", problem: `bubblewrap cannot start: ${tried.output}. ${mend(tried.output)}` };
}

async function probeMac(path: string): Promise<SandboxState> {
  const tried = await attempt(seatbeltCommand({ argv: PROBE, paths: NOTHING }), path);
  return tried.ok
    ? { state: "on", features: { size: false } }
    : {
        state: "unavailable",
        problem: `sandbox-exec cannot start: ${tried.output}. It is part of macOS; run: ls -l /usr/bin/sandbox-exec`,
      };
}

/** What mends the usual causes: programs that are missing, and systems that keep user namespaces from users. */
function mend(output: string): string {
  if (/execvp (prlimit|nice)/.test(output)) return "Run: sudo apt-get install util-linux coreutils";
  if (/seccomp/i.test(output)) return "Use a kernel with CONFIG_SECCOMP_FILTER.";
  if (/uid map|namespace|permission|not permitted/i.test(output))
    return "This system keeps user namespaces from bubblewrap. Run: sudo sysctl -w kernel.unprivileged_userns_clone=1 kernel.apparmor_restrict_unprivileged_userns=0";
  return "Run: sudo apt-get install --reinstall bubblewrap";
}

type Attempt = { ok: boolean; missing: boolean; output: string };

/** By a path of its own a program needs nobody to look for it. */
async function attempt(argv: string[], path: string, filter?: Buffer): Promise<Attempt> {
  const [program = ""] = argv;
  const { exit_code, stdout, stderr } = await runCommand({
    argv: isAbsolute(program) ? argv : ["/usr/bin/env", ...argv],
    cwd: "/",
    env: { PATH: path },
    input: "",
    filter,
    marker: "",
    timeoutMs: PROBE_LIMIT_MS,
    signal: new AbortController().signal,
    contained: true,
  });
  return { ok: exit_code === 0, missing: exit_code === 127, output: `${stdout}${stderr}`.trim() };
}
