// The Linux sandbox as an argument list for bwrap(1): a pure function of what is on the disk, so that a test reads what a
// command could see. Why each part is there: docs/sandbox.md.
import { dirname } from "node:path";
import { MARKER } from "../processes/environment.ts";
import { FILTER_DESCRIPTOR, INFO_DESCRIPTOR } from "../processes/sandbox-descriptors.ts";
import { limited, MEMORY_BYTES, SHARED_MEMORY_BYTES } from "./limits.ts";
import { isWithin, SYSTEM_FOLDERS, type VisiblePaths } from "./visible-paths.ts";

/** Options that older versions do not have. */
export type BubblewrapFeatures = { size: boolean };

/** The files of /etc that programs need; the rest (shadow, keys of services) is not there. */
const SYSTEM_FILES = [
  "/etc/alternatives",
  "/etc/bash.bashrc",
  "/etc/ca-certificates",
  "/etc/fonts",
  "/etc/group",
  "/etc/host.conf",
  "/etc/hosts",
  "/etc/inputrc",
  "/etc/java",
  "/etc/ld.so.cache",
  "/etc/ld.so.conf",
  "/etc/ld.so.conf.d",
  "/etc/locale.alias",
  "/etc/localtime",
  "/etc/lsb-release",
  "/etc/magic",
  "/etc/mime.types",
  "/etc/nsswitch.conf",
  "/etc/os-release",
  "/etc/passwd",
  "/etc/perl",
  "/etc/pki/tls/certs",
  "/etc/protocols",
  "/etc/python3",
  "/etc/services",
  "/etc/ssl/certs",
  "/etc/ssl/openssl.cnf",
  "/etc/terminfo",
  "/etc/timezone",
];

/** With the whole disk as a root these stay as they are: the system, and what it runs by itself and starts with. */
const KEPT = [
  ...[...SYSTEM_FOLDERS, "/etc", "/sys"],
  ...["/boot", "/var/spool/cron", "/var/spool/at", "/var/lib/systemd"],
];
/** Then these are the sandbox's own: nothing of the disk is in them, and nothing can be mounted there. */
const REPLACED = ["/proc", "/dev", "/run"];

export type SandboxedCommand = {
  argv: string[];
  cwd: string;
  paths: VisiblePaths;
  /** A control group limits its memory. */
  isCounted?: boolean;
};

/** The whole command line, `bwrap` first, which reads the program of seccomp-filter.ts as it starts. Later mounts cover earlier ones, so their order is the policy. */
export function bubblewrapCommand(command: SandboxedCommand, features: BubblewrapFeatures): string[] {
  const { argv, cwd, paths, isCounted = false } = command;
  const all = paths.roots.includes("/");
  return [
    "bwrap",
    ...isolation(),
    ...(all ? wholeDisk() : [...SYSTEM_FOLDERS, ...SYSTEM_FILES].flatMap(readOnly)),
    ...kernelMounts(features),
    ...mounts({ ...paths, roots: paths.roots.filter((root) => root !== "/") }, all ? WHOLE_DISK : NOTHING),
    ...(all ? [] : ["--remount-ro", "/"]),
    "--chdir",
    cwd,
    "--",
    ...limited(isCounted),
    ...argv,
  ];
}

/** Root keeps no capability: with CAP_SYS_ADMIN it could lift the covers off what is hidden. */
function isolation(): string[] {
  return [
    "--unshare-pid",
    "--unshare-net",
    "--unshare-ipc",
    "--unshare-uts",
    "--unshare-cgroup-try",
    "--hostname",
    "sandbox",
    "--die-with-parent",
    "--new-session",
    "--cap-drop",
    "ALL",
    "--seccomp",
    String(FILTER_DESCRIPTOR),
    "--info-fd",
    String(INFO_DESCRIPTOR),
    // By it the node finds bwrap itself; what runs in the sandbox ends with that, and learns no id of ours.
    "--unsetenv",
    MARKER,
  ];
}

const readOnly = (path: string) => ["--ro-bind-try", path, path];

/** The system stays as it is; sockets of services (docker's is the machine) are not there. */
function wholeDisk(): string[] {
  return [...["--bind", "/", "/"], ...KEPT.flatMap(readOnly), ...["--tmpfs", "/run", "--remount-ro", "/run"]];
}

function kernelMounts(features: BubblewrapFeatures): string[] {
  const size = (bytes: number) => (features.size ? ["--size", String(bytes)] : []);
  return [
    // Read-only: to user 0 the settings in /proc/sys belong, whatever its capabilities; core_pattern alone is the machine.
    ...["--proc", "/proc", "--remount-ro", "/proc"],
    // Its own memory file system is as large as half of the machine's memory.
    ...["--dev", "/dev", ...size(SHARED_MEMORY_BYTES), "--tmpfs", "/dev/shm", "--remount-ro", "/dev"],
    ...[...size(MEMORY_BYTES), "--tmpfs", "/tmp"],
  ];
}

type Mode = "write" | "read" | "pinned" | "hidden" | "absent" | "rebuilt";

type Ground = ReadonlyMap<string, "write" | "read">;
const NOTHING: Ground = new Map();
const WHOLE_DISK: Ground = new Map([["/", "write"], ...KEPT.map((path) => [path, "read"] as const)]);

/**
 * One mount a path: a folder always before what lies in it, or it would cover it. What is hidden stays hidden.
 * @param ground what is mounted already
 */
function mounts(paths: VisiblePaths, ground: Ground): string[] {
  const modes = new Map<string, Mode>();
  const rebuilt = new Map(paths.rebuilt.map(({ path, entries }) => [path, entries]));
  // Each line wins over those before it where they name the same path.
  for (const { path, link } of [...rebuilt.values()].flat()) if (link === undefined) modes.set(path, "read");
  for (const path of paths.pinned) modes.set(path, "pinned");
  for (const path of [...paths.roots, ...paths.homeEntries]) modes.set(path, "write");
  for (const { entries } of paths.sealed) for (const path of entries) modes.set(path, "write");
  for (const { path } of paths.sealed) modes.set(path, "read");
  if (paths.home !== undefined) modes.set(paths.home, "read");
  // Also a root within is not written.
  for (const path of modes.keys())
    if (paths.readOnly.some((folder) => isWithin(path, folder))) modes.set(path, "read");
  for (const path of paths.readOnly) modes.set(path, "read");
  for (const path of rebuilt.keys()) modes.set(path, "rebuilt");
  for (const path of paths.absent)
    if (modeOfParent(path, modes, ground) === "write") modes.set(path, "absent");
  for (const { path } of paths.hidden) {
    // Its folder does not have it.
    if (rebuilt.has(dirname(path))) modes.delete(path);
    else modes.set(path, "hidden");
  }
  const folders = paths.hidden.filter(({ kind }) => kind === "folder").map(({ path }) => path);
  const seen = [...modes]
    .filter(([path]) => !folders.some((folder) => path !== folder && isWithin(path, folder)))
    .filter(([path]) => ground !== WHOLE_DISK || !REPLACED.some((folder) => isWithin(path, folder)))
    .toSorted(([a], [b]) => a.length - b.length);
  const made = seen.flatMap(([path, mode]) => {
    if (mode === "rebuilt") return ["--tmpfs", path, ...(rebuilt.get(path) ?? []).flatMap(symlink)];
    // A folder that something is mounted on cannot be renamed. It stays as writable as what it lies in.
    const own = mode === "pinned" ? (ground.get(path) ?? modeOfParent(path, modes, ground)) : mode;
    return mount(path, own, folders.includes(path));
  });
  // Until all that lies in them is there they must be writable.
  const closed = seen.flatMap(([path, mode]) => (mode === "rebuilt" ? ["--remount-ro", path] : []));
  return [...made, ...closed];
}

const symlink = ({ path, link }: { path: string; link?: string }) =>
  link === undefined ? [] : ["--symlink", link, path];

function mount(path: string, mode: Exclude<Mode, "pinned" | "rebuilt">, isFolder: boolean): string[] {
  switch (mode) {
    case "hidden":
      return isFolder ? ["--tmpfs", path, "--remount-ro", path] : ["--ro-bind", "/dev/null", path];
    case "absent":
      return ["--tmpfs", path, "--remount-ro", path];
    case "read":
      return readOnly(path);
    case "write":
      return ["--bind-try", path, path];
  }
}

function modeOfParent(path: string, modes: Map<string, Mode>, ground: Ground): "read" | "write" {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const mode = modes.get(folder);
    if (mode === "read" || mode === "write") return mode;
    if (mode === "rebuilt") return "read";
    const below = ground.get(folder);
    if (below || folder === "/") return below ?? "read";
  }
}
