// G29: a user's commands try to get out of the sandbox, over HTTP as a user's agent calls them. Each attack runs on a server without a
// sandbox as well, where it works: one that cannot fail proves nothing. And each is bounded and aimed at what the scene has brought, since
// whoever takes a protection away to see a test fail does so on a machine that others use: no `kill -1`, no bomb without an end.
import { execFileSync } from "node:child_process";
import { lstat, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { ControlGroups } from "../../mac-node/sandbox/control-groups.ts";
import { ATTACKS, chrootIn } from "../support/escape/attacks.ts";
import { LOOT, type Scene, setScene } from "../support/escape/scene.ts";
import { describeUnless, notAsRoot, notOnLinux, testUnless, without } from "../support/unless.ts";
import { waitFor } from "../support/wait-for.ts";

const group = notOnLinux ? undefined : await (await ControlGroups.open()).make();
await group?.remove();
const noCount = group || notAsRoot ? undefined : "root's processes can only be counted by control groups";
const noMounts =
  notAsRoot ?? without("unshare", ["-m", "mount", "-t", "proc", "x", "/mnt"], "nothing can be mounted");
const noPython = without("/usr/bin/python3", ["--version"], "no script can be run");

describeUnless(notOnLinux)("G29 a sandboxed command", () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await setScene();
  });
  afterAll(() => scene?.stop());

  /** Says so when it was really run. */
  const attack = (command: string, more?: Parameters<Scene["run"]>[1]) =>
    scene.run(`{ ${command}\n}; echo; echo attacked`, more);
  const isAlive = async () => (await scene.run("echo alive")).stdout === "alive\n";
  /** Whether any process of the machine was started with these words. */
  const isThere = async (words: string) => {
    const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
    const lines = await Promise.all(
      pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")),
    );
    return lines.some((line) => line.includes(words));
  };

  for (const [what, attacks] of Object.entries(ATTACKS))
    describe(`does not get out: it ${what}`, () => {
      for (const [name, { before, command, took, isOfRoot }] of Object.entries(attacks))
        test(name, async () => {
          const tryIt = async (isLoose: boolean) => {
            await before?.(scene);
            const { stdout } = await attack(command(scene), { isLoose });
            expect(stdout).toContain("attacked");
            return stdout.includes(LOOT) || ((await took?.(scene)) ?? false);
          };
          expect(await tryIt(false)).toBe(false);
          if (!isOfRoot || !notAsRoot) expect(await tryIt(true)).toBe(true);
          await before?.(scene);
        });
    });

  describe("sees nothing that comes while it runs:", () => {
    /** What it reads when `change` is made after it has begun. */
    async function reads(paths: string[], change: () => Promise<void>, isLoose = false): Promise<string> {
      await rm(join(scene.work, "go"), { force: true });
      await rm(join(scene.work, "ready"), { force: true });
      const ran = attack(`touch ready; until [ -e go ]; do sleep 0.02; done; cat ${paths.join(" ")}`, {
        isLoose,
      });
      await waitFor("it runs", async () => (await readdir(scene.work)).includes("ready"));
      await change();
      await writeFile(join(scene.work, "go"), "");
      return (await ran).stdout;
    }
    const replace = async (path: string) => {
      await writeFile(join(scene.outside, "new"), LOOT);
      await rename(join(scene.outside, "new"), path);
    };

    test.each([
      ["a credential that its program writes anew", ".netrc", true],
      ["one in a folder of its program", ".claude/.credentials.json", true],
      ["one that was not there", ".git-credentials", false],
    ])("%s", async (_what, name, isThere) => {
      const path = join(scene.home, name);
      const begin = async () => {
        await rm(path, { recursive: true, force: true });
        if (isThere) await writeFile(path, "before");
      };
      await begin();
      expect(await reads([path], () => replace(path))).toBe("\nattacked\n");
      await begin();
      expect(await reads([path], () => replace(path), true)).toContain(LOOT);
    });

    test("an agent that begins to listen in the home folder", async () => {
      const path = join(scene.home, "agent");
      const connect = `perl -MSocket -e 'socket(S, PF_UNIX, SOCK_STREAM, 0) and connect(S, pack_sockaddr_un("${path}")) and print <S>' #`;
      expect(await reads([`/dev/null; ${connect}`], () => scene.listen(path))).toBe("\nattacked\n");
    });
  });

  testUnless(noMounts)("sees nothing of the machine in a chroot of the workspace", async () => {
    const proc = await chrootIn(scene);
    execFileSync("mount", ["-t", "proc", "proc", proc]);
    try {
      const command = `cat chroot/proc/${scene.victim()}/environ; find chroot/proc/sys/kernel -writable -name core_pattern`;
      expect((await attack(command)).stdout).toBe("\nattacked\n");
      const { stdout } = await attack(command, { isLoose: true });
      expect(stdout).toContain(LOOT);
      expect(stdout).toContain("core_pattern");
    } finally {
      execFileSync("umount", [proc]);
    }
  });

  test("is handed nothing that is open elsewhere, and no variable of the server's", async () => {
    const { stdout } = await attack(
      "for one in /proc/self/fd/* /proc/1/fd/*; do readlink $one; done; env; cat /proc/*/environ",
    );
    const [places = ""] = stdout.split(/^\w+=/m, 1);
    expect(places).toContain("/dev/null");
    expect(places).not.toMatch(/^\/(?!dev\/null|proc\/)/m);
    expect(stdout).not.toMatch(/LOOT|sk-test|MACJARVIS_HOME|SERVER_TOKEN|NODE_/);
  });

  testUnless(noPython)("as a script of Python it is kept like any other", async () => {
    const script = join(scene.work, "attack.py");
    await writeFile(
      script,
      `import os, socket
for read in (lambda: open("${scene.outside}/loot").read(), lambda: open(os.path.expanduser("~/.ssh/loot")).read(),
             lambda: open("/proc/${scene.victim()}/environ").read(),
             lambda: socket.create_connection(("127.0.0.1", ${scene.tcp})).recv(99).decode()):
    try: print(read())
    except OSError as error: print(error.errno)
print("attacked")`,
    );
    const { stdout } = await scene.call("run_python_script", { path: script });
    expect(stdout).toMatch(/^2\n2\n2\n\d+\nattacked\n$/);
  });

  describe("a place that is swapped between check and use", () => {
    test("leads nobody out: neither commands that start there nor tools that read and write there", async () => {
      const [place, { outside, work }] = [join(scene.work, "place"), scene];
      // RENAME_EXCHANGE: there is always something. At no greater pace, so that the tools come through now and then.
      const exchange = process.arch === "arm64" ? 276 : 316;
      const swap = scene.run(
        `mkdir place; ln -s ${outside} link; perl -e 'my ($a, $b) = ("place", "link"); until (-e "stop") { syscall(${exchange}, -100, $a, -100, $b, 2); select(undef, undef, undef, 0.03) }'`,
        { timeoutS: 300 },
      );
      await waitFor("it swaps", () =>
        lstat(place).then(
          (found) => found.isSymbolicLink(),
          () => false,
        ),
      );
      const counts = { written: 0, refused: 0 };
      const answers: string[] = [];
      for (let round = 0; round < 300 && Math.min(counts.written, counts.refused) < 5; round += 1) {
        const all = await Promise.all([
          scene.call("write_file", { path: join(place, `taken-${round}`), content: "x" }),
          scene.call("read_file", { path: join(place, "loot") }),
          scene.call("list_directory", { path: place }),
          ...(round < 5 ? [scene.run("cat loot; pwd -P", { folder: place })] : []),
        ]);
        counts[all[0]?.ok ? "written" : "refused"] += 1;
        answers.push(JSON.stringify(all));
      }
      await writeFile(join(work, "stop"), "");
      expect((await swap).ok).toBe(true);
      expect(Math.min(...Object.values(counts))).toBeGreaterThan(0);
      expect(answers.filter((answer) => answer.includes(LOOT))).toEqual([]);
      expect((await readdir(outside)).filter((name) => name.startsWith("taken-"))).toEqual([]);
    });
  });

  describe("leaves others alone:", () => {
    test("it ends nobody but itself", async () => {
      const { stdout } = await attack(`kill -9 ${scene.victim()}; kill -9 -- -${scene.victim()}`);
      expect(stdout).toContain("attacked");
      expect(scene.isVictimAlive()).toBe(true);
      expect(await isAlive()).toBe(true);
    });

    test("nothing of it is left when it has ended", async () => {
      const stay = (n: number) => `exec perl -e 'sleep 100' stays-${process.pid}-${n}`;
      const { stdout } = await attack(`
        setsid sh -c "${stay(1)}" &
        perl -e 'exit if fork; exit if fork; exec "sh", "-c", $ARGV[0]' "${stay(2)}"
        nohup sh -c "${stay(3)}" >/dev/null 2>&1 & disown
        env -i setsid sh -c "${stay(4)}" </dev/null >/dev/null 2>&1 &
        (trap '' HUP TERM INT; ${stay(5)}) &
        until [ "$(cat /proc/[0-9]*/cmdline | tr '\\0' '\\n' | grep -c ^stays-)" = 5 ]; do sleep 0.02; done`);
      expect(stdout).toContain("attacked");
      expect(await isThere(`stays-${process.pid}`)).toBe(false);
    });

    testUnless(noCount)(
      "its processes are counted, others are answered meanwhile, and all end with it",
      async () => {
        const many = `many-${process.pid}`;
        const script = `for (1 .. 600) { my $one = fork // last; $count += 1 if $one; if (!$one) { sleep 100; exit } } print "$count\n"; sleep 3`;
        const ran = scene.run(`perl -e '${script}' ${many}`);
        await waitFor("it runs", () => isThere(many));
        expect(await isAlive()).toBe(true);
        const count = Number((await ran).stdout);
        expect([count > 100, count < 256]).toEqual([true, true]);
        expect(await isThere(many)).toBe(false);
      },
    );

    test("memory, files and what is open are bounded", async () => {
      const tries = [
        `perl -e '$all = "x" x 1_500_000_000; print "got"'`,
        "truncate -s 2G big && echo got",
        "head -c 600M /dev/zero > /tmp/big && echo got",
        "head -c 100M /dev/zero > /dev/shm/big && echo got",
        `perl -e 'while (@all < 100_000 and open my $one, "<", "/dev/null") { push @all, $one } print "got" if @all == 100_000'`,
      ];
      const ran = await Promise.all(tries.map((one) => scene.run(`(${one}); sleep 0.1`)));
      expect(ran.map(({ stdout }) => stdout)).toEqual(tries.map(() => ""));
      expect((await scene.run("find /tmp /dev/shm -xdev -name big")).stdout).toBe("");
    });

    test("an output without end is cut, and others are answered meanwhile", async () => {
      const ran = attack("yes", { timeoutS: 3 });
      expect(await isAlive()).toBe(true);
      const { error, stdout, truncated } = await ran;
      expect([error?.code, truncated, stdout.length < 1_200_000]).toEqual(["timeout", true, true]);
    });

    test("folders deeper than any path may be long hold up no tool", async () => {
      const { stdout } = await attack(`perl -e 'for (1 .. 500) { mkdir "d" x 20; chdir "d" x 20 }'`, {
        folder: scene.work,
      });
      expect(stdout).toContain("attacked");
      const pattern = "nowhere";
      for (const [tool, at] of Object.entries({ search_files: "path", grep_recursive: "directory" }))
        expect(await scene.call(tool, { [at]: scene.work, pattern })).toMatchObject({ ok: true });
      expect(await isAlive()).toBe(true);
    });
  });

  test("tools that may reach any host reach none on this machine, however its address is written", async () => {
    const loopback = [
      "127.0.0.1",
      "localhost",
      "2130706433",
      "0x7f.1",
      "[::1]",
      "[::ffff:127.0.0.1]",
      "0.0.0.0",
    ];
    scene.heard.splice(0);
    for (const host of [...loopback, "169.254.169.254"])
      for (const tool of ["check_website_status", "download_file"]) {
        const output = tool === "download_file" ? { output_path: join(scene.work, "got") } : {};
        const answer = await scene.call(tool, { url: `http://${host}:${scene.tcp}/`, ...output });
        expect([host, JSON.stringify(answer).includes(LOOT)]).toEqual([host, false]);
      }
    expect(scene.heard).toEqual([]);
    await fetch(`http://127.0.0.1:${scene.tcp}/`).catch(() => undefined);
    expect(scene.heard).toHaveLength(1);
  });
});
