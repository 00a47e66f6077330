// port_killer: real programs that listen on this machine, and what lsof, netstat and ps print on Macs.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "@jest/globals";
import portKiller from "../../../../../plugins/tools/developer/port-killer.ts";
import { type EndOptions, endListeners } from "../../../../../plugins/tools/developer/ports/end-listeners.ts";
import { identify } from "../../../../../plugins/tools/developer/ports/identify.ts";
import { isOurs } from "../../../../../plugins/tools/developer/ports/is-ours.ts";
import { parseLsofPids } from "../../../../../plugins/tools/developer/ports/listeners.ts";
import { fakeCommands } from "../../../../support/fake-commands.ts";
import { describeUnless, notAsRoot, notOnLinux, testUnless } from "../../../../support/unless.ts";

const children: ChildProcess[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) {
    const ended = child.exitCode !== null || child.signalCode !== null || once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  }
});

const SAY = "console.log(s.address().port)";
/** A program that listens, after what `before` does. `then` says when. */
async function listening(
  before = "",
  uid?: number,
  then = SAY,
): Promise<{ port: number; child: ChildProcess }> {
  const work = `${before}; const s = require("net").createServer().listen(0, "127.0.0.1", () => ${then});`;
  const child = spawn(process.execPath, ["-e", work], {
    stdio: ["ignore", "pipe", "inherit"],
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  children.push(child);
  const [said] = child.stdout ? await once(child.stdout, "data") : [];
  return { port: Number(String(said)), child };
}

/** These programs are children of this process, which would be reason enough to leave them alone. */
const strangers = { ours: { own: 2 ** 30, program: "/nowhere" } };
const end = (args: { port: number; force?: boolean }, options: EndOptions = {}) =>
  endListeners({ force: false, ...args }, fakeCommands({}), { ...strangers, ...options }).catch(
    (thrown: { code: string; message: string }) => ({
      ok: false,
      data: undefined,
      error: { code: thrown.code, message: thrown.message },
    }),
  );

describeUnless(notOnLinux)("port_killer", () => {
  test("ends what listens on the port, and says what it was and that the port is free", async () => {
    const { port, child } = await listening();
    const exited = once(child, "exit");
    const other = await listening();
    expect(await end({ port })).toEqual({
      ok: true,
      data: {
        port,
        ended: [
          {
            pid: child.pid,
            user: expect.any(String),
            command: expect.stringContaining("node"),
            signal: "SIGTERM",
          },
        ],
        still_running: [],
        port_free: true,
        listening_now: [],
      },
    });
    expect(await exited).toEqual([null, "SIGTERM"]);
    expect(other.child.exitCode).toBeNull();
    expect(other.child.signalCode).toBeNull();
  });

  test("one that does not end when it is asked to is killed with force only", async () => {
    const { port, child } = await listening('process.on("SIGTERM", () => {})');
    const patienceMs = { term: 300, kill: 60_000 };
    expect(await end({ port }, { patienceMs })).toMatchObject({
      ok: false,
      error: { code: "still_running", message: expect.stringContaining("force") },
      data: { ended: [], still_running: [{ pid: child.pid }], port_free: false, listening_now: [child.pid] },
    });
    const exited = once(child, "exit");
    expect(await end({ port, force: true }, { patienceMs })).toMatchObject({
      ok: true,
      data: { ended: [{ pid: child.pid, signal: "SIGKILL" }], port_free: true },
    });
    expect(await exited).toEqual([null, "SIGKILL"]);
  });

  test("all that share the port are ended", async () => {
    const worker = `require("child_process").spawn(process.execPath, ["-e", "setTimeout(() => 0, 60000)"], { stdio: ["ignore", "ignore", "ignore", s._handle] })`;
    const { port, child } = await listening("", undefined, `${worker}.once("spawn", () => ${SAY})`);
    const result = await end({ port });
    expect(result).toMatchObject({ ok: true, data: { port_free: true } });
    const { ended } = result.data as { ended: { pid: number }[] };
    expect(ended.map(({ pid }) => pid)).toEqual([child.pid, expect.any(Number)]);
  });

  test("a port that nobody listens on is said", async () => {
    const { port } = await listening();
    await end({ port });
    expect(await end({ port })).toMatchObject({ ok: false, error: { code: "not_listening" } });
  });

  test("never ends MacJarvis: not this process, nor what it started, and with it nobody", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
    const { port, child } = await listening();
    const killed: number[] = [];
    const options = { kill: (pid: number) => void killed.push(pid), ours: {} };
    try {
      for (const mine of [(server.address() as AddressInfo).port, port])
        expect(await end({ port: mine, force: true }, options)).toMatchObject({
          ok: false,
          error: { code: "not_allowed", message: expect.stringContaining("MacJarvis itself") },
        });
    } finally {
      server.close();
    }
    expect(killed).toEqual([]);
    expect(child.exitCode).toBeNull();
  });

  testUnless(notAsRoot)("never ends another user's program, not even as root", async () => {
    const { port, child } = await listening("", 12_345);
    expect(await end({ port, force: true })).toMatchObject({
      error: { code: "not_allowed", message: expect.stringContaining("of the user") },
    });
    expect(child.signalCode).toBeNull();
  });

  test("ends nothing once the call has ended", async () => {
    const { port, child } = await listening();
    const context = { ...fakeCommands({}), signal: AbortSignal.abort() };
    await expect(endListeners({ port, force: true }, context, strangers)).rejects.toThrow();
    expect(child.signalCode).toBeNull();
  });
});

describe("whether a process is MacJarvis", () => {
  const rows = [
    { pid: 10, parent_pid: 1 },
    { pid: 20, parent_pid: 10 },
    { pid: 30, parent_pid: 20 },
    { pid: 40, parent_pid: 10 },
    { pid: 50, parent_pid: 51 },
    { pid: 51, parent_pid: 50 },
  ];
  const root = process.cwd();
  const ours = (pid: number, words: string[] = [], workingFolder = "/") =>
    isOurs({ pid, words, workingFolder }, rows, { own: 20, program: root });

  test("is so for this one, those above and those below it; not for its siblings", () => {
    expect([1, 10, 20, 30].map((pid) => ours(pid))).toEqual([true, true, true, true]);
    expect([40, 50, 51, 99].map((pid) => ours(pid))).toEqual([false, false, false, false]);
  });

  test("is so for what runs its code, by whatever path; not for others that work in its folder", () => {
    expect(ours(40, ["node", "bin/start.ts"], root)).toBe(true);
    expect(ours(40, ["/usr/bin/node", join(root, "bin/start.ts")])).toBe(true);
    expect(ours(40, ["node", "../bin/start.ts"], join(root, "docs"))).toBe(true);
    expect(ours(40, ["python3", "-m", "http.server", "8000"], root)).toBe(false);
    expect(ours(40, ["node", "bin/start.ts"], "/elsewhere")).toBe(false);
  });
});

const PS_LIST = "  812     1 ada               23.5 204800 /opt/homebrew/bin/node\n";
const PS_ONE = "  501 S    Mon Nov 30 15:37:03 2026     node server.js --port 8080\n";
const LSOF = "p812\nf22\nf23\n";

describe("port_killer on macOS", () => {
  const uid = process.getuid?.() ?? 0;
  const ps = (line: string) => ({ "/bin/ps -ax": PS_LIST, "/bin/ps -ww": line.replace("501", String(uid)) });
  const lsofOf = (port: number) => `/usr/sbin/lsof -nP -a -iTCP:${port} -sTCP:LISTEN -Fp`;
  const run = (recorded: Parameters<typeof fakeCommands>[0], options: EndOptions = {}) => {
    const mac = fakeCommands(recorded);
    const killed: [number, string][] = [];
    const kill = (pid: number, signal: NodeJS.Signals) => void killed.push([pid, signal]);
    const result = endListeners({ port: 8080, force: false }, mac, {
      platform: "darwin",
      kill,
      patienceMs: { term: 0, kill: 0 },
      ...strangers,
      ...options,
    });
    return { mac, killed, result };
  };

  test("finds who listens by lsof, knows who it is by ps, and asks it to end", async () => {
    const { killed, result } = run({ [lsofOf(8080)]: LSOF, ...ps(PS_ONE) });
    expect(await result).toMatchObject({
      ok: false,
      data: { still_running: [{ pid: 812, user: "ada", command: "/opt/homebrew/bin/node" }] },
    });
    expect(killed).toEqual([[812, "SIGTERM"]]);
  });

  test("leaves another user's program alone, seen or not", async () => {
    const other = run({
      [lsofOf(8080)]: LSOF,
      "/bin/ps -ax": PS_LIST,
      "/bin/ps -ww": PS_ONE.replace("501", String(uid + 1)),
    });
    await expect(other.result).rejects.toMatchObject({
      code: "not_allowed",
      message: expect.stringContaining("user ada"),
    });
    const row =
      "tcp4       0      0  *.8080                 *.*                    LISTEN                 0            0  131072  131072            nginx:99    00100 00000006\n";
    const unseen = run({
      [lsofOf(8080)]: { exit_code: 1 },
      "/usr/sbin/netstat": row,
      "/bin/ps -ax": PS_LIST,
    });
    await expect(unseen.result).rejects.toMatchObject({
      code: "not_allowed",
      message: expect.stringContaining("another user"),
    });
    expect([...other.killed, ...unseen.killed]).toEqual([]);
  });

  test("a process that got the id of one that has ended meanwhile is left alone", async () => {
    const mac = fakeCommands({ [lsofOf(8080)]: LSOF, ...ps(PS_ONE) });
    const later = fakeCommands({
      ...ps(PS_ONE.replace("15:37:03", "15:37:04")),
      [lsofOf(8080)]: { exit_code: 1 },
    });
    let looks = 0;
    const run: typeof mac.run = (argv, options) => {
      looks += argv[1] === "-ww" ? 1 : 0;
      return (looks > 1 ? later : mac).run(argv, options);
    };
    const killed: number[] = [];
    const kill = (pid: number) => void killed.push(pid);
    const context = { ...mac, run };
    await endListeners({ port: 8080, force: true }, context, {
      platform: "darwin",
      kill,
      ...strangers,
    }).catch(() => undefined);
    expect([killed, looks > 1]).toEqual([[], true]);
  });

  test("says when nobody listens, and when lsof fails", async () => {
    const nobody = run({ [lsofOf(8080)]: { exit_code: 1 }, "/usr/sbin/netstat": "" });
    await expect(nobody.result).rejects.toMatchObject({ code: "not_listening" });
    await expect(run({}).result).rejects.toThrow("lsof did not tell");
  });

  test("leaves MacJarvis alone, known by the folder that its process works in", async () => {
    const { killed, result } = run(
      {
        [lsofOf(8080)]: LSOF,
        ...ps(PS_ONE.replace("server.js", "bin/start.ts")),
        "/usr/sbin/lsof -nP -a -d cwd -p 812 -Fn": `p812\nfcwd\nn${process.cwd()}\n`,
      },
      { ours: { own: 2 ** 30, program: process.cwd() } },
    );
    await expect(result).rejects.toMatchObject({ message: expect.stringContaining("MacJarvis itself") });
    expect(killed).toEqual([]);
  });

  test("reads what ps and lsof print; a zombie has ended", async () => {
    const mac = (line: string) =>
      fakeCommands({ "/bin/ps -ww": line, "/usr/sbin/lsof": "p812\nfcwd\nn/Users/ada/My Site\n" });
    expect(await identify(812, mac(PS_ONE), "darwin")).toEqual({
      pid: 812,
      uid: 501,
      started: "Mon Nov 30 15:37:03 2026",
      words: ["node", "server.js", "--port", "8080"],
      workingFolder: "/Users/ada/My Site",
    });
    for (const line of ["", PS_ONE.replace(" S ", " Z ")])
      expect(await identify(812, mac(line), "darwin")).toBeUndefined();
    expect(parseLsofPids("p1\nf3\np22\nf3\np1\n")).toEqual([1, 22]);
    expect(parseLsofPids("lsof: WARNING: p5 is no field\n")).toEqual([]);
  });
});

test("port_killer refuses what is no port, and does not force unless told", () => {
  expect(portKiller.parameters.parse({ port: 8080 })).toEqual({ port: 8080, force: false });
  for (const args of [
    {},
    { port: 0 },
    { port: 65_536 },
    { port: "8080" },
    { port: 80.5 },
    { port: 80, pid: 1 },
  ])
    expect(portKiller.parameters.safeParse(args).success).toBe(false);
});
