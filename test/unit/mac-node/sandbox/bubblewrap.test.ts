import { describe, expect, test } from "@jest/globals";
import { bubblewrapCommand } from "../../../../mac-node/sandbox/bubblewrap.ts";
import type { VisiblePaths } from "../../../../mac-node/sandbox/visible-paths.ts";

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
const command = (paths: Partial<VisiblePaths>, features = { size: true }) =>
  bubblewrapCommand({ argv: ["ls", "-l"], cwd: "/work", paths: { ...NOTHING, ...paths } }, features);

/** Where in the list these arguments stand next to each other; -1 when they do not. */
function at(argv: string[], ...wanted: string[]): number {
  return argv.findIndex((_word, index) => wanted.every((word, n) => argv[index + n] === word));
}
const has = (argv: string[], ...wanted: string[]) => at(argv, ...wanted) !== -1;

describe("the arguments of bubblewrap", () => {
  test("G29 there is no network, no other process, no capability, and all ends with the server", () => {
    const argv = command({});
    for (const option of [
      "--unshare-net",
      "--unshare-pid",
      "--unshare-ipc",
      "--die-with-parent",
      "--new-session",
    ])
      expect(argv).toContain(option);
    expect(has(argv, "--cap-drop", "ALL")).toBe(true);
    expect(has(argv, "--proc", "/proc", "--remount-ro", "/proc")).toBe(true);
  });

  test("G29 memory, processes and file size are limited", () => {
    const argv = command({});
    expect(argv.slice(argv.indexOf("prlimit"), -2)).toEqual([
      "prlimit",
      "--data=536870912",
      "--as=17179869184",
      "--nproc=256",
      "--fsize=1073741824",
      expect.stringMatching(/^--nofile=\d+$/),
      "--core=0",
      "--",
    ]);
    expect(argv.slice(-2)).toEqual(["ls", "-l"]);
  });

  test("the system is read-only and most of /etc is not there", () => {
    const argv = command({});
    expect(has(argv, "--ro-bind-try", "/usr", "/usr")).toBe(true);
    for (const path of ["/etc", "/etc/shadow", "/etc/ssh", "/root", "/home", "/var", "/run"])
      expect(argv).not.toContain(path);
  });

  test("roots may be written, and a hidden folder in one is covered after it", () => {
    const argv = command({
      roots: ["/work"],
      hidden: [
        { path: "/work/jarvis", kind: "folder" },
        { path: "/work/.netrc", kind: "file" },
      ],
    });
    const root = at(argv, "--bind-try", "/work", "/work");
    expect(root).toBeGreaterThan(-1);
    expect(at(argv, "--tmpfs", "/work/jarvis", "--remount-ro", "/work/jarvis")).toBeGreaterThan(root);
    expect(at(argv, "--ro-bind", "/dev/null", "/work/.netrc")).toBeGreaterThan(root);
  });

  test("a root within something hidden stays hidden", () => {
    const argv = command({
      roots: ["/work", "/work/jarvis/files"],
      hidden: [{ path: "/work/jarvis", kind: "folder" }],
    });
    expect(argv).not.toContain("/work/jarvis/files");
  });

  test("a home folder in a root is read-only, its folders are not, a root in it neither", () => {
    const argv = command({
      roots: ["/home/ada", "/home/ada/.config/app"],
      home: "/home/ada",
      homeEntries: ["/home/ada/Documents"],
      readOnly: ["/home/ada/Documents/autostart"],
    });
    const home = at(argv, "--ro-bind-try", "/home/ada", "/home/ada");
    expect(home).toBeGreaterThan(-1);
    expect(has(argv, "--bind-try", "/home/ada", "/home/ada")).toBe(false);
    const documents = at(argv, "--bind-try", "/home/ada/Documents", "/home/ada/Documents");
    expect(documents).toBeGreaterThan(home);
    expect(has(argv, "--bind-try", "/home/ada/.config/app", "/home/ada/.config/app")).toBe(true);
    expect(at(argv, "--ro-bind-try", "/home/ada/Documents/autostart")).toBeGreaterThan(documents);
  });

  test("a folder above something hidden is mounted as writable as what it lies in", () => {
    const argv = command({
      roots: ["/home/ada"],
      home: "/home/ada",
      homeEntries: ["/home/ada/work"],
      pinned: ["/home/ada/.config", "/home/ada/work/data"],
    });
    expect(has(argv, "--ro-bind-try", "/home/ada/.config", "/home/ada/.config")).toBe(true);
    expect(has(argv, "--bind-try", "/home/ada/work/data", "/home/ada/work/data")).toBe(true);
  });

  test("the whole disk as a root keeps the system read-only", () => {
    const argv = command({ roots: ["/"] });
    expect(at(argv, "--bind", "/", "/")).toBeLessThan(at(argv, "--ro-bind-try", "/usr", "/usr"));
    expect(has(argv, "--remount-ro", "/")).toBe(false);
    expect(has(argv, "--tmpfs", "/run", "--remount-ro", "/run")).toBe(true);
  });

  test("G29 with the whole disk as a root, folders above what is guarded stay as they are: writable, or the system's", () => {
    const argv = command({
      roots: ["/"],
      pinned: ["/srv", "/usr", "/usr/local", "/run"],
      readOnly: ["/srv/jarvis", "/usr/local/bin"],
      hidden: [{ path: "/run/secrets", kind: "folder" }],
    });
    expect(has(argv, "--bind-try", "/srv", "/srv")).toBe(true);
    for (const path of ["/usr", "/usr/local"]) {
      expect(has(argv, "--ro-bind-try", path, path)).toBe(true);
      expect(has(argv, "--bind-try", path, path)).toBe(false);
    }
    // Nothing of /run is there; a mount in it would fail, one of it would bring the sockets back.
    expect(argv.filter((word) => word.startsWith("/run"))).toEqual(["/run", "/run"]);
  });

  test("a root in /run, where disks that are plugged in lie, may be written", () => {
    const argv = command({ roots: ["/run/media/ada/disk"], readOnly: ["/run/media/ada/disk/code"] });
    const root = at(argv, "--bind-try", "/run/media/ada/disk", "/run/media/ada/disk");
    expect(root).toBeGreaterThan(-1);
    expect(at(argv, "--ro-bind-try", "/run/media/ada/disk/code")).toBeGreaterThan(root);
  });

  test("G29 what is read-only and not there is covered where a command could make it, and only there", () => {
    const argv = command({
      roots: ["/home/ada", "/work"],
      home: "/home/ada",
      homeEntries: ["/home/ada/go"],
      readOnly: ["/work/node_modules", "/home/ada/Applications", "/home/ada/go/bin"],
      absent: ["/work/node_modules", "/home/ada/Applications", "/home/ada/go/bin"],
    });
    const work = at(argv, "--bind-try", "/work", "/work");
    expect(at(argv, "--tmpfs", "/work/node_modules", "--remount-ro", "/work/node_modules")).toBeGreaterThan(
      work,
    );
    expect(has(argv, "--tmpfs", "/home/ada/go/bin", "--remount-ro", "/home/ada/go/bin")).toBe(true);
    expect(has(argv, "--tmpfs", "/home/ada/Applications")).toBe(false);
    const disk = command({ roots: ["/"], readOnly: ["/node_modules"], absent: ["/node_modules"] });
    expect(has(disk, "--tmpfs", "/node_modules", "--remount-ro", "/node_modules")).toBe(true);
  });

  test("an older bubblewrap is not given options it does not know", () => {
    expect(command({}, { size: false })).not.toContain("--size");
    expect(has(command({}), "--size", "536870912", "--tmpfs", "/tmp")).toBe(true);
  });
});
