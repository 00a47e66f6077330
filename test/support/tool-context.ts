// What a node gives a tool, for unit tests of tools: a temporary root, and real commands without the node's sandbox.
import { execFile } from "node:child_process";
import { mkdtemp, realpath, rm } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import type { CommandResult, ToolContext } from "../../contracts/tools.ts";

export type TestContext = ToolContext & {
  /** The first root: a real path. */
  root: string;
  /** What the tool has sent while it ran. */
  sent: string[];
  abort(): void;
  remove(): Promise<void>;
};

/** @param hidden folders, relative to the root, that no tool may see */
export async function toolContext(hidden: string[] = []): Promise<TestContext> {
  const root = await realpath(await mkdtemp(join(tmpdir(), "macjarvis-tool-")));
  const stopper = new AbortController();
  const sent: string[] = [];
  return {
    root,
    approved: false,
    home: homedir(),
    roots: [root],
    workFolder: root,
    hidden: hidden.map((folder) => join(root, folder)),
    protected: [],
    sent,
    signal: stopper.signal,
    deadlineAt: Date.now() + 60_000,
    mayReach: () => true,
    output: (_stream, text) => void sent.push(text),
    run: (argv, options) =>
      new Promise<CommandResult>((resolve) => {
        const [program = "", ...args] = argv;
        const child = execFile(
          program,
          args,
          {
            cwd: options?.cwd ?? root,
            env: { PATH: process.env.PATH, ...options?.env },
            signal: stopper.signal,
          },
          (error, stdout, stderr) =>
            resolve({
              exit_code: error ? (typeof error.code === "number" ? error.code : 127) : 0,
              signal: error?.signal ?? null,
              stdout,
              stderr,
              truncated: false,
              timed_out: false,
            }),
        );
        // A command may end before it has read anything.
        child.stdin?.on("error", () => undefined);
        child.stdin?.end(options?.input ?? "");
      }),
    abort: () => stopper.abort(),
    remove: () => rm(root, { recursive: true, force: true }),
  };
}
