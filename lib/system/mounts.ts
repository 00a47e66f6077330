// What is mounted where on Linux, from /proc/mounts (fstab(5) form); used by disk_usage and the sandbox.
import { readFile } from "node:fs/promises";

/** A line of fstab(5): `path` is where it is mounted, `options` are its fourth field. */
export type Mount = { device: string; path: string; type: string; options: string[] };

/** File systems that hold no files of their own: the kernel's views, memory, and read-only images of packages. */
const PSEUDO =
  /^(?:proc|sysfs|dev(?:tmpfs|pts)|tmpfs|ramfs|cgroup2?|securityfs|debugfs|tracefs|pstore|bpf|configfs|fusectl|fuse\.(?:portal|lxcfs|gvfsd-fuse|snapfuse)|mqueue|hugetlbfs|autofs|binfmt_misc|efivarfs|rpc_pipefs|nfsd|nsfs|selinuxfs|squashfs)$/;
/** Those through which the kernel and its devices are asked and set. */
const KERNEL =
  /^(?:proc|sysfs|dev(?:tmpfs|pts)|cgroup2?|securityfs|debugfs|tracefs|pstore|bpf|configfs|binfmt_misc|efivarfs|rpc_pipefs|nfsd|nsfs|selinuxfs)$/;
const NETWORK = /^(?:nfs4?|cifs|smb3|smbfs|9p|ceph|afs|glusterfs|fuse\..+)$/;

/** All mounts in the order in which they were made. */
export async function readMounts(): Promise<Mount[]> {
  return parseMounts(await readFile("/proc/mounts", "utf8"));
}

/** Lines that are none are left out. */
export function parseMounts(text: string): Mount[] {
  return text.split("\n").flatMap((line) => {
    const [device = "", path, type, options = ""] = line.split(" ");
    if (!path || !type) return [];
    return [{ device: unquote(device), path: unquote(path), type, options: options.split(",") }];
  });
}

/** The mount on which an absolute path lies; of two at the same place the later, which hides the earlier. */
export function mountOf(mounts: Mount[], path: string): Mount {
  let found: Mount = { device: "none", path: "/", type: "unknown", options: [] };
  for (const mount of mounts) {
    const holds = mount.path === "/" || path === mount.path || path.startsWith(`${mount.path}/`);
    if (holds && mount.path.length >= found.path.length) found = mount;
  }
  return found;
}

export function isPseudo({ type }: Mount): boolean {
  return PSEUDO.test(type);
}

/** Whether what lies in it is no file but the machine itself. */
export function isKernels({ type }: Mount): boolean {
  return KERNEL.test(type);
}

/** Whether a server that is away could hold up whoever looks at it. */
export function isNetwork({ type }: Mount): boolean {
  return NETWORK.test(type);
}

/** Spaces, tabs, newlines and backslashes are written in octal. */
function unquote(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_all, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}
