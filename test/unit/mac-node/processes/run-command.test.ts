import { mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { minimalEnvironment } from "../../../../mac-node/processes/environment.ts";
import { findMarked } from "../../../../mac-node/processes/find-marked.ts";
import { type Command, runCommand } from "../../../../mac-node/processes/run-command.ts";
import { waitFor } from "../../../support/wait-for.ts";

let folder = "";
beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "macjarvis-run-")));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let count = 0;
function command(argv: string[], over: Partial<Command> = {}): Command {
  count += 1;
  const marker = `call_test_${process.pid}_${count}/1`;
  return {
    argv,
    cwd: folder,
    env: minimalEnvironment({ platform: process.platform, home: folder, marker }),
    input: "",
    marker,
    timeoutMs: 60_000,
    signal: new AbortController().signal,
    contained: false,
    ...over,
  };
}
const sh = (script: string, over: Partial<Command> = {}) => command(["/bin/sh", "-c", script], over);

describe("running a command", () => {
  test("gives exit code, output of both streams and what it was fed", async () => {
    const result = await runCommand(sh("cat; echo problem >&2; exit 3", { input: "fed" }));
    expect(result).toEqual({
      exit_code: 3,
      signal: null,
      stdout: "fed",
      stderr: "problem\n",
      truncated: false,
      timed_out: false,
    });
  });

  test("G26 no argument reaches a shell", async () => {
    const nasty = ["$(touch pwned)", "; echo x", "`id`", "a b", "*"];
    const result = await runCommand(command(["printf", "%s\\n", ...nasty]));
    expect(result.stdout).toBe(`${nasty.join("\n")}\n`);
  });

  test("G26 its environment is built from nothing", async () => {
    process.env.MACJARVIS_TEST_SECRET = "sk-test-canary-4711";
    const result = await runCommand(command(["env"]));
    delete process.env.MACJARVIS_TEST_SECRET;
    const names = result.stdout.split("\n").map((line) => line.split("=")[0]);
    expect(names.filter(Boolean).toSorted()).toEqual(
      ["HOME", "LANG", "LC_ALL", "MACJARVIS_COMMAND", "PATH", "TERM", "TMPDIR"].toSorted(),
    );
  });

  test("a program that is not there is exit code 127 and says so", async () => {
    const result = await runCommand(command(["surely-no-such-program"]));
    expect(result).toMatchObject({ exit_code: 127, stderr: expect.stringContaining("no such program") });
  });

  test("one that cannot start is named as it was meant, and not by a helper of ours", async () => {
    const long = command(["/usr/bin/env", "echo", "x".repeat(200_000)], { program: "echo" });
    const result = await runCommand(long);
    expect(result.exit_code).toBe(127);
    expect(result.stderr).toBe("echo cannot be started: its arguments are longer than the system takes");
  });

  test("arguments that the system refuses are a result, not an exception", async () => {
    expect((await runCommand(command(["echo", "a\0b"]))).exit_code).toBe(127);
    expect((await runCommand(command(["echo", "x".repeat(3_000_000)]))).exit_code).toBe(127);
  });

  test("bash reads no start-up file of the user", async () => {
    await writeFile(join(folder, ".bashrc"), "echo from the start-up file");
    const result = await runCommand(command(["bash", "-c", "echo only this"]));
    expect(result.stdout).toBe("only this\n");
  });

  test("a command that does not read its input is no error", async () => {
    const result = await runCommand(command(["true"], { input: "x".repeat(1_000_000) }));
    expect(result.exit_code).toBe(0);
  });

  test("output beyond a mebibyte a stream is cut in the middle and said so", async () => {
    const result = await runCommand(
      sh("echo first; head -c 5000000 /dev/zero | tr '\\0' x; echo; echo last"),
    );
    expect(result.truncated).toBe(true);
    expect(result.stdout.startsWith("first\n")).toBe(true);
    expect(result.stdout.endsWith("last\n")).toBe(true);
    expect(Buffer.byteLength(result.stdout)).toBeLessThan(1_100_000);
  });

  test("live output arrives while it runs, in whole characters", async () => {
    const pieces: string[] = [];
    const stopper = new AbortController();
    const running = runCommand(
      sh("printf 'be\\303'; printf '\\251'; sleep 60", {
        signal: stopper.signal,
        live: (stream, text) => pieces.push(`${stream}:${text}`) > 0,
      }),
    );
    await waitFor("output", () => pieces.map((piece) => piece.slice(7)).join("") === "beé");
    stopper.abort();
    expect((await running).stdout).toBe("beé");
  });

  test("G25 who listens to it and has had enough is told nothing more; its result has head and tail all the same", async () => {
    let told = 0;
    const live = () => {
      told += 1;
      return false;
    };
    const { stdout, truncated } = await runCommand(sh("yes | head -c 5000000; echo the end", { live }));
    expect([told, truncated, stdout.endsWith("the end\n")]).toEqual([1, true, true]);
  });

  test("one that was cancelled before it began is not started", async () => {
    const result = await runCommand(sh("touch began", { signal: AbortSignal.abort() }));
    expect(result.exit_code).toBe(127);
    expect((await runCommand(command(["ls", "began"]))).exit_code).not.toBe(0);
  });
});

/** Starts children of each kind: a plain one, one in a session of its own, one whose parent has ended. */
const FAMILY = "sleep 300 & setsid sleep 300 & (setsid sleep 300 &) ; echo ready; ";

describe("ending a command with all it started", () => {
  test("G11 aborting ends its children, also those in a session of their own", async () => {
    const stopper = new AbortController();
    let ready = false;
    const family = sh(`${FAMILY} wait`, { signal: stopper.signal, live: () => (ready = true) });
    const running = runCommand(family);
    await waitFor("the family", async () => ready && (await findMarked([family.marker])).length >= 4);
    stopper.abort();
    const result = await running;
    expect(result.signal).toBe("SIGTERM");
    expect(await findMarked([family.marker])).toEqual([]);
  });

  test("G29 one that ignores being asked is killed", async () => {
    const stopper = new AbortController();
    let ready = false;
    const deaf = sh("trap '' TERM; echo ready; while :; do sleep 1; done", {
      signal: stopper.signal,
      live: () => (ready = true),
    });
    const running = runCommand(deaf);
    await waitFor("it to listen", () => ready);
    stopper.abort();
    expect((await running).signal).toBe("SIGKILL");
    expect(await findMarked([deaf.marker])).toEqual([]);
  });

  test("G29 the time-out ends the tree and is told apart from a cancel", async () => {
    const slow = sh(`${FAMILY} wait`, { timeoutMs: 300 });
    const result = await runCommand(slow);
    expect(result.timed_out).toBe(true);
    expect(await findMarked([slow.marker])).toEqual([]);
  });

  test("what it leaves behind when it ends by itself does not outlive it, nor hold the call open", async () => {
    const leaving = sh(FAMILY);
    const result = await runCommand(leaving);
    expect(result).toMatchObject({ exit_code: 0, stdout: "ready\n" });
    expect(await findMarked([leaving.marker])).toEqual([]);
  });
});
