// Views of the kernel that are mounted within the roots (`/proc` of a chroot, a container's `/sys`): in them lie the environments of all
// processes and the settings of the machine, which belong to user 0 whatever its capabilities.
import { isKernels, readMounts } from "../../lib/system/mounts.ts";
import { type Hidden, isWithin } from "./visible-paths.ts";

/** What the sandbox puts its own over, or has read-only, where the whole disk is a root. */
const ITS_OWN = ["/proc", "/dev", "/run", "/sys"];

/** None where the system keeps no list of mounts. @param roots real paths */
export async function kernelViews(roots: string[]): Promise<Hidden[]> {
  const mounts = await readMounts().catch(() => []);
  const paths = mounts
    .filter((mount) => isKernels(mount) && roots.some((root) => isWithin(mount.path, root)))
    .map(({ path }) => path)
    .filter((path) => !ITS_OWN.some((folder) => isWithin(path, folder)));
  return [...new Set(paths)].map((path) => ({ path, kind: "folder" }));
}
