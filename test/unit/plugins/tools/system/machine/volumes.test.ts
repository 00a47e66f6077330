// Volumes: mounts of Linux as text, df of macOS as text, and this machine's own.
import { mkdtemp, realpath, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { CommandResult } from "../../../../../../contracts/tools.ts";
import { isNetwork, isPseudo, mountOf, parseMounts } from "../../../../../../lib/system/mounts.ts";
import { resolveNearest } from "../../../../../../lib/system/resolve-nearest.ts";
import { readVolumes } from "../../../../../../plugins/tools/system/machine/volumes.ts";

const MOUNTS = `proc /proc proc rw 0 0
/dev/vda / ext4 rw 0 0
tmpfs /tmp tmpfs rw 0 0
/dev/vdb /media/My\\040Disk ext4 rw 0 0
server:/home /net/home nfs4 rw 0 0
/dev/vdc /media/My\\040Disk xfs rw 0 0
`;
const DF = `Filesystem     1024-blocks      Used Available Capacity  Mounted on
/dev/disk3s1s1   971350180  10485760 500000000     3%    /
devfs                  205       205         0   100%    /dev
/dev/disk3s6     971350180   1048576 500000000     1%    /System/Volumes/VM
/dev/disk3s5     971350180 400000000 500000000    45%    /System/Volumes/Data
map auto_home            0         0         0   100%    /System/Volumes/Data/home
/dev/disk5s1       1000000    250000    750000    25%    /Volumes/My Disk
`;

describe("mounts on Linux", () => {
  const mounts = parseMounts(MOUNTS);

  test("are found for a path, the later one at the same place first", () => {
    expect(mountOf(mounts, "/home/x").path).toBe("/");
    expect(mountOf(mounts, "/tmpfile").path).toBe("/");
    expect(mountOf(mounts, "/tmp/file").path).toBe("/tmp");
    expect(mountOf(mounts, "/media/My Disk/file")).toMatchObject({ type: "xfs", device: "/dev/vdc" });
  });

  test("are told apart by what they hold", () => {
    expect(mounts.filter(isPseudo).map(({ type }) => type)).toEqual(["proc", "tmpfs"]);
    expect(mounts.filter(isNetwork).map(({ path }) => path)).toEqual(["/net/home"]);
  });
});

describe("volumes on macOS", () => {
  const calls: string[][] = [];
  const run = async (argv: string[]): Promise<CommandResult> => {
    calls.push(argv);
    return { exit_code: 0, signal: null, stdout: DF, stderr: "", truncated: false, timed_out: false };
  };

  test("are those of df without the system's inner ones", async () => {
    const context = { run, signal: new AbortController().signal };
    const volumes = await readVolumes(context, undefined, "darwin");
    expect(volumes.map(({ mounted_on }) => mounted_on)).toEqual([
      "/",
      "/System/Volumes/Data",
      "/Volumes/My Disk",
    ]);
    expect(volumes[2]).toEqual({
      device: "/dev/disk5s1",
      type: null,
      mounted_on: "/Volumes/My Disk",
      size_bytes: 1_024_000_000,
      used_bytes: 256_000_000,
      free_bytes: 768_000_000,
      used_percent: 25,
    });
  });

  test("G26 a path is an argument that cannot be an option", async () => {
    calls.length = 0;
    await readVolumes({ run, signal: new AbortController().signal }, "/-rf; reboot", "darwin");
    expect(calls).toEqual([["/bin/df", "-kP", "--", "/-rf; reboot"]]);
  });
});

describe("the nearest real path", () => {
  let folder = "";
  beforeEach(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), "macjarvis-path-")));
  });
  afterEach(() => rm(folder, { recursive: true }));

  test("follows links as far as the path exists", async () => {
    await symlink("/", join(folder, "link"));
    expect(await resolveNearest(join(folder, "link", "nowhere", "deep"))).toBe("/nowhere/deep");
    expect(await resolveNearest(join(folder, "missing"))).toBe(join(folder, "missing"));
  });
});
