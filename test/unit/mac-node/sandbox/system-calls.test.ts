// What a command in the sandbox asks the kernel for, really asked by Perl's `syscall`, without the sandbox too.
import { chmod, mkdtemp, readdir, realpath, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { NOWHERE } from "../../../../contracts/hosts.ts";
import { openContext } from "../../../../mac-node/calls/tool-context.ts";
import { openMachine } from "../../../../mac-node/open-machine.ts";
import { describeUnless, notOnLinux, testUnless } from "../../../support/unless.ts";

const root = await realpath(await mkdtemp(join(tmpdir(), "macjarvis-calls-")));
afterAll(() => rm(root, { recursive: true, force: true }));

async function run(script: string, sandbox = true): Promise<string> {
  const machine = await openMachine({
    roots: [root],
    sandbox: "on",
    userHome: "/nowhere",
    platform: process.platform,
  });
  const opened = openContext({
    callId: `call_calls_${process.pid}`,
    machine,
    guarded: { hidden: [], protected: [], links: [] },
    workFolder: root,
    approved: false,
    deadlineAt: Date.now() + 60_000,
    reach: NOWHERE,
    signal: new AbortController().signal,
    publish: () => {},
    started: () => {},
  });
  try {
    const { stdout, stderr } = await opened.context.run(["/bin/bash", "-c", script], { cwd: root, sandbox });
    return (stdout + stderr).trim();
  } finally {
    await opened.end();
  }
}
/** "ok", or the number of the error. */
const asked = (call: string, sandbox: boolean) =>
  run(
    `perl -e '$! = 0; my $b = "\\0" x 256; my $r = syscall(${call}); print $r == -1 ? $!+0 : "ok"'`,
    sandbox,
  );

const otherNumbers = process.arch === "x64" ? undefined : "the numbers of the calls are those of x64";
const obstacle = notOnLinux ?? otherNumbers;

/** Who would be got at, the call, and the number of the error in the sandbox. */
const CALLS = [
  ["the key ring of the server's session (keyctl)", "250, 0, -3, 0", 1],
  ["a key of its own in it (add_key)", '248, my $t = "user", my $n = "mine", my $v = "x", 1, -5', 1],
  ["other processes (ptrace)", "101, 0, 0, 0, 0", 1],
  ["namespaces of its own (unshare)", "272, 0x10000000", 1],
  ["io_uring", "425, 4, $b", 38],
  ["userfaultfd", "323, 1", 1],
  ["the host of its virtual machine (AF_VSOCK)", "41, 40, 1, 0", 97],
  ["files by number (name_to_handle_at)", '303, -100, my $p = "/", my $h = "\\x80\\0\\0\\0" . $b, $b, 0', 1],
  ["a handle on a folder's mount (open_tree)", '428, -100, my $p = "/", 0', 1],
] as const;
/** Where the machine itself refuses a call, that it is refused in the sandbox proves nothing. */
const REFUSED_ANYWAY = new Set<string>();
if (obstacle === undefined)
  for (const [what, call] of CALLS) if ((await asked(call, false)) !== "ok") REFUSED_ANYWAY.add(what);

describeUnless(obstacle)("G29 a sandboxed command does not get at", () => {
  for (const [what, call, error] of CALLS)
    testUnless(REFUSED_ANYWAY.has(what) ? "this machine refuses it to every program" : undefined)(
      what,
      async () => expect(await asked(call, true)).toBe(String(error)),
    );

  test("files that run as their owner, by whatever way they would be made", async () => {
    await writeFile(join(root, "made-before"), "");
    await chmod(join(root, "made-before"), 0o4755);
    const ways = [
      "cp /bin/true one; chmod 4755 one",
      "cp /bin/true two; chmod g+s two",
      "install -m 4755 /bin/true three",
      "cp -p made-before four",
      "perl -e 'sysopen(F, \"five\", 0101, 04755)'",
      "perl -e 'syscall(85, my $p = \"six\", 04755)'",
      "perl -e 'syscall(133, my $p = \"seven\", 0104755, 0)'",
      "perl -e 'syscall(452, -100, my $p = \"one\", 04755, 0)'",
      "mkdir -m 2777 eight",
      "cp -a made-before nine; tar cf x.tar made-before; rm -f made-before; tar xpf x.tar",
    ];
    await run(ways.join("\n"));
    const names = await readdir(root);
    expect(names).toEqual(expect.arrayContaining(["one", "two"]));
    for (const name of names) expect([name, (await stat(join(root, name))).mode & 0o6000]).toEqual([name, 0]);
  });

  test("nothing that ordinary programs need: threads, pipes, files, sockets, other languages", async () => {
    const said = await run(`set -e
      python3 -c 'import threading, subprocess, socket, multiprocessing as m, os, tempfile
t = threading.Thread(target=lambda: print("thread")); t.start(); t.join()
print(subprocess.check_output(["echo", "child"]).decode().strip())
a, b = socket.socketpair(); a.send(b"x"); print(b.recv(1).decode())
print(socket.socket(socket.AF_INET).type == 1, tempfile.TemporaryFile().writable())'
      mkdir d && touch d/f && chmod 755 d/f && tar cf d.tar d && tar xf d.tar && git init -q g && echo fine`);
    expect(said.split("\n")).toEqual(["thread", "child", "x", "True True", "fine"]);
  });
});
