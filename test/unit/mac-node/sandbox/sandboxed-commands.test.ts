// Real commands in the real sandbox of this machine.
import { copyFile, mkdir, mkdtemp, readFile, realpath, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { NOWHERE } from "../../../../contracts/hosts.ts";
import type { CommandResult, ToolContext } from "../../../../contracts/tools.ts";
import { hiddenPaths } from "../../../../lib/tools/hidden-paths.ts";
import type { Machine } from "../../../../mac-node/calls/command-line.ts";
import { type Guarded, GuardedNow } from "../../../../mac-node/calls/guarded-now.ts";
import { type OpenContext, openContext } from "../../../../mac-node/calls/tool-context.ts";
import { openMachine } from "../../../../mac-node/open-machine.ts";
import { ControlGroups } from "../../../../mac-node/sandbox/control-groups.ts";
import { probeSandbox } from "../../../../mac-node/sandbox/probe.ts";
import { workFolderOf } from "../../../../mac-node/work-folder.ts";
import executeShellCommand from "../../../../plugins/tools/developer/execute-shell-command.ts";
import { notAsRoot, testUnless } from "../../../support/unless.ts";
import { waitFor } from "../../../support/wait-for.ts";

const group = await (await ControlGroups.open()).make();
await group?.remove();
// Root's processes are counted by control groups only.
const noLimit = group || notAsRoot ? undefined : "root's processes can only be limited by control groups";
const noCount = group?.isCounted ? undefined : "no control group here counts memory";

let base = "";
let opened: OpenContext | undefined;

beforeEach(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), "macjarvis-sandbox-")));
  for (const folder of [
    "home/.ssh",
    "home/.config/gh",
    "home/work/deep/jarvis",
    "home/bin",
    "other",
    "outside",
  ])
    await mkdir(join(base, folder), { recursive: true });
  for (const file of [
    "home/.ssh/id",
    "home/.netrc",
    "home/.config/gh/hosts",
    "home/work/deep/jarvis/key",
    "outside/file",
  ])
    await writeFile(join(base, file), "SECRET");
  await writeFile(join(base, "home/.profile"), "mine\n");
});
afterEach(async () => {
  await opened?.end();
  opened = undefined;
  await rm(base, { recursive: true, force: true });
});

async function shell(script: string, roots = ["home"], over: Partial<Machine> = {}): Promise<CommandResult> {
  const context = await contextIn(roots, over);
  return context.run(["/bin/bash", "-c", script], { sandbox: true });
}

async function contextIn(
  roots = ["home"],
  over: Partial<Machine> = {},
  guarded: Partial<Guarded> = {},
): Promise<ToolContext> {
  const userHome = join(base, "home");
  const machine = await openMachine({
    roots: roots.map((root) => resolve(base, root)),
    sandbox: "on",
    userHome,
    platform: process.platform,
  });
  opened = openContext({
    callId: `call_sandbox_${process.pid}`,
    machine: { ...machine, ...over },
    guarded: await new GuardedNow({
      hidden: hiddenPaths(userHome, join(userHome, "work/deep/jarvis")),
      protected: [],
      links: [],
      ...guarded,
    }).get(),
    workFolder: await workFolderOf(machine, []),
    approved: false,
    deadlineAt: Date.now() + 60_000,
    reach: NOWHERE,
    signal: new AbortController().signal,
    publish: () => {},
    started: () => {},
  });
  return opened.context;
}
const there = (path: string) =>
  stat(join(base, path)).then(
    () => true,
    () => false,
  );

describe("a sandboxed command", () => {
  test("writes in the workspace and starts in its first folder", async () => {
    const result = await shell('echo hello > new && cat new && test "$PWD" = "$(pwd -P)" && pwd', ["other"]);
    expect(result).toMatchObject({ exit_code: 0, stdout: `hello\n${base}/other\n` });
    expect(await readFile(join(base, "other/new"), "utf8")).toBe("hello\n");
  });

  test("G29 G32 sees no credential, no data folder and nothing outside of the roots", async () => {
    const result = await shell(
      `grep -rs SECRET ${base}; ls ${base}/outside; ls -A ~/work/deep/jarvis ~/.ssh; echo end`,
    );
    expect(result.stdout).not.toContain("SECRET");
    expect(result.stderr).toContain("No such file or directory");
    expect(result.stdout.endsWith("end\n")).toBe(true);
  });

  test("G29 a credential folder that is a link into a root is hidden where it really is", async () => {
    await mkdir(join(base, "other/keys"));
    await writeFile(join(base, "other/keys/credentials"), "SECRET");
    await symlink(join(base, "other/keys"), join(base, "home/.aws"));
    const result = await shell("cat keys/credentials", ["other"]);
    expect(result.stdout).toBe("");
  });

  test("G29 cannot uncover, move or replace what is hidden", async () => {
    const result = await shell(
      "umount ~/.ssh; mount -t tmpfs x ~/work; mv ~/work/deep ~/work/else; mv ~/work/deep/jarvis ~/work/j; rm -rf ~/work/deep; ls -d ~/work/deep/jarvis",
    );
    expect(result.stdout).toBe(`${base}/home/work/deep/jarvis\n`);
    expect(await there("home/work/deep/jarvis/key")).toBe(true);
  });

  test("G29 dotfiles of the home and what starts by itself are read-only, folders in it are not", async () => {
    const result = await shell(
      "cat .profile; echo x >> .profile; echo x > .bash_profile; mkdir .config/autostart; echo x > bin/ls; echo x > work/fine",
    );
    expect(result.stdout).toBe("mine\n");
    expect(await there("home/.bash_profile")).toBe(false);
    expect(await there("home/.config/autostart")).toBe(false);
    expect(await there("home/bin/ls")).toBe(false);
    expect(await there("home/work/fine")).toBe(true);
  });

  test("G29 makes nothing where the server would find code at its next start, and no cover of it stays", async () => {
    const guarded = { protected: [join(base, "home/work/node_modules"), join(base, "home/work/new/code")] };
    const make =
      "mkdir -p ~/work/node_modules/evil ~/work/new/code/x; ln -s /tmp ~/work/node_modules/y; echo fine > ~/work/f$1";
    const context = await contextIn(["home"], {}, guarded);
    const run = (n: number, rest = "") =>
      context.run(["/bin/bash", "-c", `${make}; ${rest}`, "bash", String(n)], { sandbox: true });
    // The cover that one command has made is still there while another one begins, and stays when the first has ended.
    const long = run(1, `until [ -e ~/work/go ]; do sleep 0.02; done; ${make}`);
    await waitFor("the first", () => there("home/work/f1"));
    await run(2);
    await writeFile(join(base, "home/work/go"), "");
    expect((await long).stderr).toMatch(/Read-only file system/);
    expect(await Promise.all(["f1", "f2"].map((name) => there(`home/work/${name}`)))).toEqual([true, true]);
    await waitFor(
      "covers taken away",
      async () => !(await there("home/work/node_modules")) && !(await there("home/work/new")),
    );
  });

  test("G29 sees no other process and no network", async () => {
    const result = await shell(
      "ls /proc | grep -c '^[0-9]'; wc -l < /proc/net/route; exec 3<>/dev/tcp/1.1.1.1/80 && echo connected",
    );
    const [processes, routes] = result.stdout.split("\n");
    expect(Number(processes)).toBeLessThan(8);
    // The heading of a table without a route.
    expect(routes).toBe("1");
    expect(result.stdout).not.toContain("connected");
  });

  test("G29 has no capability, also when the server runs as root", async () => {
    const result = await shell("grep CapEff /proc/self/status; cat /etc/shadow");
    expect(result.stdout.trim()).toBe("CapEff:\t0000000000000000");
  });

  test("G29 with the whole disk as a root there are no sockets of services and no settings of the kernel", async () => {
    const result = await shell(
      `find /run /sys -writable 2>/dev/null | head -3; ls -A /run; grep -rs SECRET ~; touch /usr/x /etc/x; echo end`,
      ["/"],
    );
    expect(result.stdout).toBe("end\n");
  });

  test("G29 cannot change a setting of the kernel, also when the server runs as root", async () => {
    const result = await shell(
      "find /proc/sys /proc/fs /proc/acpi /proc/scsi -writable 2>/dev/null; cat /proc/sys/kernel/core_pattern > /proc/sys/kernel/core_pattern && echo written",
    );
    expect(result.stdout).toBe("");
  });

  test("G29 cannot fill the machine's memory with files in /dev", async () => {
    const result = await shell(
      "echo x > /dev/file || head -c 100000000 /dev/zero > /dev/shm/large || echo both refused; echo y > /dev/shm/small && rm /dev/shm/*",
    );
    expect(result.stdout).toBe("both refused\n");
  });

  test("G26 its environment has nothing of ours", async () => {
    const names = (await shell("env")).stdout.split("\n").map((line) => line.split("=")[0]);
    const expected = ["HOME", "LANG", "LC_ALL", "PATH", "PWD", "SHLVL", "TERM", "TMPDIR", "_", ""];
    expect(names.toSorted()).toEqual(expected.toSorted());
  });

  testUnless(noLimit)(
    "G29 all its processes together are limited, also for root where the kernel has control groups",
    async () => {
      const result = await shell(
        "sh -c 'for n in $(seq 300); do sleep 20 & done' 2>/dev/null; set -- /proc/[0-9]*; echo $#",
      );
      expect(Number(result.stdout)).toBeGreaterThan(200);
      expect(Number(result.stdout)).toBeLessThan(260);
    },
  );

  test("G29 memory and file size are limited", async () => {
    const result = await shell(
      "head -c 700000000 /dev/zero | tail -c 600000000 | wc -c; truncate -s 1000M big && echo ok; truncate -s 1100M big && echo large",
      ["other"],
    );
    expect(result.stdout).not.toContain("600000000");
    expect(result.stdout).toContain("ok");
    expect(result.stdout).not.toContain("large");
  });

  test("a script that needs much address space and little memory runs", async () => {
    const result = await shell("type node >/dev/null 2>&1 && node -e 'console.log(6 * 7)' || echo 42", [
      "other",
    ]);
    expect(result.stdout).toBe("42\n");
  });

  testUnless(noCount)(
    "G29 Node of today runs where a control group counts its memory, and no more than that is used",
    async () => {
      await copyFile(process.execPath, join(base, "other/node"));
      const script =
        "const all = []; for (let n = 0; n < 700; n += 1) all.push(Buffer.alloc(1048576, 1)); console.log('700 MB')";
      const result = await shell(`./node -p 6*7; ./node -e "${script}"`, ["other"]);
      expect(result.stdout).toBe("42\n");
    },
  );

  test("where it cannot start the tool is told the command that mends it", async () => {
    const problem = "bubblewrap is not installed. Run: sudo apt-get install bubblewrap";
    await expect(
      shell("true", ["other"], { sandbox: { state: "unavailable", problem } }),
    ).rejects.toMatchObject({
      code: "sandbox_unavailable",
      message: problem,
    });
  });

  test("switched off, the command runs as it is", async () => {
    const result = await shell("cat ../outside/file", ["other"], { sandbox: { state: "off" } });
    expect(result.stdout).toBe("SECRET");
  });
});

describe("the folder that a command starts in", () => {
  const execute = (context: ToolContext, args: Record<string, unknown>) =>
    executeShellCommand.execute(executeShellCommand.parameters.parse(args), context);

  test("is one that it may write: in the home folder one of our own, made at the first use", async () => {
    const context = await contextIn();
    expect(await there("home/MacJarvis")).toBe(false);
    const first = await execute(context, { command: "echo x > made && pwd" });
    expect(first).toMatchObject({ ok: true, stdout: `${base}/home/MacJarvis\n` });
    expect(first.data).toEqual({ working_directory: `${base}/home/MacJarvis` });
    expect((await execute(context, { command: "cat made" })).stdout).toBe("x\n");
  });

  test("is the first root where commands may write there", async () => {
    const context = await contextIn(["other", "home"]);
    expect(await execute(context, { command: "echo x > made && pwd" })).toEqual({
      ok: true,
      exit_code: 0,
      stdout: `${base}/other\n`,
      stderr: "",
      truncated: false,
    });
    expect(await there("home/MacJarvis")).toBe(false);
  });

  test("is said, with all that may be written, when a command writes elsewhere", async () => {
    const context = await contextIn();
    for (const command of [`touch ${base}/home/new`, `echo x >> ~/.profile`, "touch /usr/new"]) {
      const { ok, error } = await execute(context, { command });
      expect([command, ok]).toEqual([command, false]);
      expect(error?.message).toContain(`Use ${base}/home/MacJarvis`);
      expect(error?.message).toContain("only in its sub-folders");
    }
    expect((await execute(context, { command: "exit 3" })).error?.message).toBe(
      "The command ended with exit code 3.",
    );
  });

  test("is another one where that name is taken by a file or by the program itself", async () => {
    const [userHome, roots] = [join(base, "home"), [join(base, "home")]];
    await writeFile(join(userHome, "MacJarvis"), "");
    expect(await workFolderOf({ roots, userHome }, [])).toBe(join(userHome, "MacJarvis Files"));
    await rm(join(userHome, "MacJarvis"));
    // A volume that takes both for the same name.
    expect(await workFolderOf({ roots, userHome }, [join(userHome, "macjarvis")])).toBe(
      join(userHome, "MacJarvis Files"),
    );
    expect(await workFolderOf({ roots: ["/"], userHome }, [])).toBe(join(userHome, "MacJarvis"));
    const work = [join(base, "other"), join(base, "outside")];
    expect(await workFolderOf({ roots: work, userHome }, [])).toBe(work[0]);
    expect(await workFolderOf({ roots: work, userHome }, [work[0] ?? ""])).toBe(work[1]);
  });
});

describe("whether there is a sandbox", () => {
  test("is found out by starting one", async () => {
    expect(await probeSandbox("linux")).toEqual({ state: "on", features: { size: expect.any(Boolean) } });
  });

  test("without bubblewrap the problem names the command that installs it", async () => {
    expect(await probeSandbox("linux", base)).toEqual({
      state: "unavailable",
      problem: "bubblewrap is not installed. Run: sudo apt-get install bubblewrap",
    });
  });

  test("a bubblewrap that cannot start says why and what to do", async () => {
    await writeFile(
      join(base, "bwrap"),
      "#!/bin/sh\necho 'bwrap: setting up uid map: Permission denied' >&2; exit 1\n",
      { mode: 0o755 },
    );
    const probed = await probeSandbox("linux", `${base}:/usr/bin:/bin`);
    expect(probed).toMatchObject({
      state: "unavailable",
      problem: expect.stringMatching(/uid map: Permission denied.*sudo sysctl -w/s),
    });
  });

  test("other systems have none", async () => {
    expect((await probeSandbox("win32")).state).toBe("unavailable");
  });
});
