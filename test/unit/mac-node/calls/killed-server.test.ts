// What is left of commands when the server is killed: nothing, at the latest once it has started again.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { endLeftovers } from "../../../../mac-node/calls/end-leftovers.ts";
import { Journal } from "../../../../mac-node/journal/journal.ts";
import { findMarked } from "../../../../mac-node/processes/find-marked.ts";
import { startTimeOf } from "../../../../mac-node/processes/start-time.ts";
import { waitFor } from "../../../support/wait-for.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..", "..");
let folder = "";
let server: ChildProcess | undefined;
let callId = "";

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "macjarvis-killed-")));
  callId = `call_killed_${process.pid}_${Math.random().toString(36).slice(2)}`;
  await mkdir(join(folder, "root"));
});
afterEach(async () => {
  server?.kill("SIGKILL");
  await rm(folder, { recursive: true, force: true });
});

/** A process that runs one command as a call's tool would. */
async function startServer(argv: string[], sandbox: boolean): Promise<void> {
  const script = `
    import { openContext } from "${ROOT}/mac-node/calls/tool-context.ts";
    import { openMachine } from "${ROOT}/mac-node/open-machine.ts";
    const root = "${folder}/root";
    const machine = await openMachine({ roots: [root], sandbox: "on", userHome: root, platform: process.platform });
    const { context } = openContext({ callId: "${callId}", machine, guarded: { hidden: [], protected: [], links: [] }, approved: false, workFolder: root, deadlineAt: Date.now() + 300_000,
      signal: new AbortController().signal, publish: () => {}, started: () => {} });
    await context.run(${JSON.stringify(argv)}, { sandbox: ${sandbox} });`;
  await writeFile(join(folder, "server.mjs"), script);
  server = spawn(process.execPath, [join(folder, "server.mjs")], { stdio: "ignore" });
}
const commands = () => findMarked([`${callId}/`]);
/** Processes with this text in their arguments: those in a sandbox carry no marker. */
async function named(text: string): Promise<string[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(pids.map(lineOf));
  return pids.filter((_pid, index) => lines[index]?.includes(text));
}
const lineOf = (pid: number | string) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");

async function killServer(): Promise<void> {
  const gone = new Promise((resolve) => server?.once("exit", resolve));
  server?.kill("SIGKILL");
  await gone;
}

describe("a server that is killed", () => {
  test("G3 takes sandboxed commands with it, also those in a session of their own", async () => {
    await startServer(["/bin/sh", "-c", `: ${callId}; setsid sh -c "sleep 300; : ${callId}" & wait`], true);
    await waitFor("the commands", async () => (await named(callId)).length >= 3);
    await killServer();
    await waitFor("all to be gone", async () => (await named(callId)).length === 0);
  });

  test("takes other commands with it on Linux", async () => {
    await startServer(["sleep", "300"], false);
    // Not only what starts it: that asks the kernel first to die with its parent.
    await waitFor("the command itself", async () => {
      const [pid] = await commands();
      return pid !== undefined && (await lineOf(pid)) === ["sleep", "300", ""].join("\0");
    });
    await killServer();
    await waitFor("it to be gone", async () => (await commands()).length === 0);
  });

  test("G3 what still runs when it starts again is ended before the call is answered", async () => {
    await startServer(["/bin/sh", "-c", "setsid sleep 300 & sleep 300"], false);
    await waitFor("the commands", async () => (await commands()).length >= 3);
    await killServer();
    expect((await commands()).length).toBeGreaterThan(0);
    const journal = await Journal.open(join(folder, "journal"));
    await journal.append({ kind: "seen", call_id: callId, name: "x", epoch: 1, attempt: 1, at: 0 }, true);
    await endLeftovers(journal);
    expect(await commands()).toEqual([]);
    await journal.close();
  });

  test("a process that is written down is ended with its group, and only if it is still the same", async () => {
    const journal = await Journal.open(join(folder, "journal"));
    const [same, other] = await Promise.all([aSleeper(), aSleeper()]);
    const started = (await startTimeOf(same.pid)) ?? "";
    await journal.append({ kind: "seen", call_id: callId, name: "x", epoch: 1, attempt: 1, at: 0 }, true);
    await journal.append({ kind: "process", call_id: callId, pid: same.pid, started }, false);
    await journal.append(
      { kind: "process", call_id: callId, pid: other.pid, started: "another time" },
      false,
    );
    await endLeftovers(journal);
    await same.gone;
    expect(await startTimeOf(other.pid)).toBeDefined();
    process.kill(other.pid, "SIGKILL");
    await other.gone;
    await journal.close();
  });
});

async function aSleeper(): Promise<{ pid: number; gone: Promise<unknown> }> {
  const child = spawn("sleep", ["300"], { detached: true, stdio: "ignore" });
  const gone = new Promise((resolve) => child.once("exit", resolve));
  await new Promise((resolve) => child.once("spawn", resolve));
  return { pid: child.pid ?? 0, gone };
}
