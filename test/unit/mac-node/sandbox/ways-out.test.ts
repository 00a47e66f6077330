// Ways out of the sandbox that lead over others who listen, over what was handed down, and over what is left behind.
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { NOWHERE } from "../../../../contracts/hosts.ts";
import { openContext } from "../../../../mac-node/calls/tool-context.ts";
import { openMachine } from "../../../../mac-node/open-machine.ts";
import { openSockets } from "../../../../mac-node/sandbox/open-sockets.ts";

let base = "";
let servers: Server[] = [];
beforeEach(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), "macjarvis-out-")));
  await mkdir(join(base, "root", "deep"), { recursive: true });
});
afterEach(async () => {
  for (const server of servers) await new Promise((resolve) => server.close(resolve));
  servers = [];
  await rm(base, { recursive: true, force: true });
});

/** Says "reached" to whoever connects. */
async function listen(path: string): Promise<void> {
  const server = createServer((socket) => socket.end("reached\n"));
  await new Promise<void>((resolve) => server.listen(path, () => resolve()));
  servers.push(server);
}
const connect = (path: string) =>
  `perl -MIO::Socket::UNIX -e 'my $s = IO::Socket::UNIX->new(Peer => "${path}") or exit 1; print <$s>'`;

async function run(script: string, sandbox = true): Promise<string> {
  const { platform } = process;
  const roots = [join(base, "root")];
  const machine = await openMachine({ roots, sandbox: "on", userHome: "/nowhere", platform });
  const opened = openContext({
    callId: `call_out_${process.pid}`,
    machine,
    guarded: { hidden: [], protected: [], links: [] },
    workFolder: roots[0] ?? "",
    approved: false,
    deadlineAt: Date.now() + 60_000,
    reach: NOWHERE,
    signal: new AbortController().signal,
    publish: () => {},
    started: () => {},
  });
  const { stdout } = await opened.context.run(["/bin/bash", "-c", script], { cwd: roots[0] ?? "", sandbox });
  await opened.end();
  return stdout;
}

describe("G29 a sandboxed command", () => {
  test("connects to nobody who listens in the roots, on the disk or by an abstract name", async () => {
    const [inRoot, deep, outside] = ["root/agent.sock", "root/deep/with space.sock", "out.sock"].map((name) =>
      join(base, name),
    ) as [string, string, string];
    for (const path of [inRoot, deep, outside, `\0macjarvis-${process.pid}`]) await listen(path);
    await symlink(deep, join(base, "root", "link.sock"));
    const abstract = `\\0macjarvis-${process.pid}`;
    const tries = [inRoot, deep, join(base, "root/link.sock"), outside, abstract].map(connect).join("\n");
    expect(await run(tries, false)).toBe("reached\n".repeat(5));
    expect(await run(tries)).toBe("");
    expect(await openSockets([join(base, "root")])).toHaveLength(2);
  });

  test("has sockets of its own all the same", async () => {
    const script = `perl -MIO::Socket::UNIX -e '
      my $l = IO::Socket::UNIX->new(Local => "own.sock", Listen => 1) or die;
      if (fork) { my $c = $l->accept; print $c "mine\\n"; close $c; wait }
      else { my $s = IO::Socket::UNIX->new(Peer => "own.sock"); print <$s> }'`;
    expect(await run(script)).toBe("mine\n");
  });

  test("has no agent, no display, no bus, and no file of other sandboxes or users in /tmp and /dev/shm", async () => {
    await writeFile(join(tmpdir(), `macjarvis-mine-${process.pid}`), "");
    const script = `env | grep -iE 'ssh|dbus|display|xauth|wayland|gpg'; ls /dev/shm; ls /tmp | grep mine;
      ls -d /run/user /run/dbus /tmp/.X11-unix /var/run 2>/dev/null; echo left > /tmp/left; echo left > /dev/shm/left`;
    expect(await run(script)).toBe("");
    await rm(join(tmpdir(), `macjarvis-mine-${process.pid}`));
    expect(await run("cat /tmp/left /dev/shm/left 2>/dev/null")).toBe("");
  });

  test("does not see the server's environment", async () => {
    const said = await run("cat /proc/[0-9]*/environ | tr '\\0' '\\n'");
    expect(said).toContain("HOME=");
    for (const [name, value] of Object.entries(process.env))
      if (value && value.length > 8 && !/^(PATH|LANG|LC_ALL|HOME|TMPDIR|PWD)$/.test(name))
        expect(said.includes(`${name}=${value}`) ? name : "").toBe("");
  });

  test.each([
    ["setsid", "setsid sh -c 'sleep 20; touch survived' &"],
    [
      "a double fork",
      "perl -e 'exit if fork; exit if fork; select(undef, undef, undef, 20); open(F, \">survived\")'",
    ],
    ["nohup", "nohup sh -c 'sleep 20; touch survived' >/dev/null 2>&1 & disown"],
    ["a cleared environment", "env -i setsid sh -c 'sleep 20; touch survived' </dev/null >/dev/null 2>&1 &"],
    ["a trap", "(trap '' HUP TERM INT; sleep 20; touch survived) &"],
  ])("leaves nothing behind by %s", async (_how, script) => {
    await run(`${script}\nexit 0`);
    const left = async () => {
      for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name)))
        if ((await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")).includes("survived"))
          return true;
      return false;
    };
    expect(await left()).toBe(false);
    expect(await readdir(join(base, "root"))).not.toContain("survived");
  });
});
