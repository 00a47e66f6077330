// The volumes of this machine and how full they are, on Linux and on macOS: what disk_usage shows.
import { statfs } from "node:fs/promises";
import type { ToolContext } from "../../../../contracts/tools.ts";
import { AppError } from "../../../../lib/errors.ts";
import { isNetwork, isPseudo, type Mount, mountOf, readMounts } from "../../../../lib/system/mounts.ts";
import { resolveNearest } from "../../../../lib/system/resolve-nearest.ts";

export type Volume = {
  device: string;
  /** File system, e.g. `ext4`; null on macOS. */
  type: string | null;
  mounted_on: string;
  size_bytes: number;
  used_bytes: number;
  /** What an ordinary user may still fill. */
  free_bytes: number;
  /** Of what an ordinary user may fill; null where there is nothing to fill. */
  used_percent: number | null;
};
export type VolumeContext = Pick<ToolContext, "run" | "signal">;

const DF_TIMEOUT_MS = 5_000;
const DF_LINE = /^(.+?)\s+(\d+)\s+(\d+)\s+(-?\d+)\s+\d+%\s+(\/.*)$/;
/** Parts of macOS itself that share their space with the data volume. */
const MAC_INNER = /^\/System\/Volumes\/(?!Data$)/;

/**
 * All volumes with files of their own, or the one on which `path` lies (or would lie, when it does not exist).
 * @param path absolute
 */
export async function readVolumes(
  context: VolumeContext,
  path: string | undefined,
  platform: NodeJS.Platform = process.platform,
): Promise<Volume[]> {
  if (platform === "darwin") return readMacVolumes(context, path);
  const mounts = await readMounts();
  if (path !== undefined) {
    const named = mountOf(mounts, path);
    // A network volume that hangs would hang the look for links too.
    const mount = isNetwork(named) ? named : mountOf(mounts, await resolveNearest(path));
    return measure(context, [mount]);
  }
  const real = mounts.filter((mount) => !isPseudo(mount));
  // A device that is mounted in several places is one volume: the shortest path is its main one.
  const byDevice = new Map<string, Mount>();
  for (const mount of real.toSorted((one, other) => one.path.length - other.path.length)) {
    const key = mount.device.startsWith("/dev/") ? mount.device : `${mount.device} ${mount.path}`;
    if (!byDevice.has(key)) byDevice.set(key, mount);
  }
  return measure(context, [...byDevice.values()]);
}

async function measure(context: VolumeContext, mounts: Mount[]): Promise<Volume[]> {
  context.signal.throwIfAborted();
  const volumes = await Promise.all(
    mounts.map((mount) => (isNetwork(mount) ? measureApart(context, mount) : measureHere(mount))),
  );
  return volumes.filter((volume) => volume !== null);
}

/** Null when the volume may not be looked at or is gone. */
async function measureHere({ device, type, path }: Mount): Promise<Volume | null> {
  const found = await statfs(path).catch(() => null);
  if (found === null) return null;
  const used = (found.blocks - found.bfree) * found.bsize;
  return fill(device, type, path, found.blocks * found.bsize, used, found.bavail * found.bsize);
}

/** By a command, because a server that does not answer would block one of Node's few threads for file work. */
async function measureApart(context: VolumeContext, { device, type, path }: Mount): Promise<Volume | null> {
  const { stdout } = await context.run(["df", "-kP", "--", path], { timeoutMs: DF_TIMEOUT_MS });
  const [volume] = parseDf(stdout);
  return volume ? { ...volume, device, type } : null;
}

async function readMacVolumes(context: VolumeContext, path: string | undefined): Promise<Volume[]> {
  const target = path === undefined ? [] : ["--", await resolveNearest(path)];
  const { stdout } = await context.run(["/bin/df", "-kP", ...target], {
    timeoutMs: DF_TIMEOUT_MS,
    env: { LC_ALL: "C" },
  });
  const volumes = parseDf(stdout);
  if (volumes.length === 0) throw new AppError("internal", "The command df showed no volumes; try again.");
  if (path !== undefined) return volumes;
  return volumes.filter(({ size_bytes, device, mounted_on }) => {
    return size_bytes > 0 && device !== "devfs" && !MAC_INNER.test(mounted_on);
  });
}

function parseDf(text: string): Volume[] {
  return text.split("\n").flatMap((line) => {
    const [, device, size, used, free, path] = DF_LINE.exec(line) ?? [];
    if (device === undefined || path === undefined) return [];
    return [fill(device, null, path, Number(size) * 1024, Number(used) * 1024, Number(free) * 1024)];
  });
}

function fill(
  device: string,
  type: string | null,
  path: string,
  size: number,
  used: number,
  free: number,
): Volume {
  const usable = used + free;
  return {
    device,
    type,
    mounted_on: path,
    size_bytes: size,
    used_bytes: used,
    free_bytes: free,
    used_percent: usable > 0 ? Math.round((used / usable) * 1000) / 10 : null,
  };
}
