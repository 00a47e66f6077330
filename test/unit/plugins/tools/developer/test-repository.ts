// A repository for tests of the tools that read one: real git, in the first root, and programs that show that they were run.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { appendFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DeveloperContext, developerContext } from "./developer-context.ts";

export type TestRepository = {
  context: DeveloperContext;
  /** The folder `project` in the root. */
  folder: string;
  /** A folder outside of the roots. */
  outside: string;
  /** Runs git as its user does. @param env e.g. dates */
  git(args: string[], env?: Record<string, string>): string;
  file(name: string, text?: string): Promise<void>;
  configure(text: string): Promise<void>;
  /** A program that says by a file that it was run. */
  trap(): Promise<{ program: string; sprung(): boolean }>;
  remove(): Promise<void>;
};

/** With one commit of the files `kept`, `changed` and `gone`. */
export async function testRepository(): Promise<TestRepository> {
  const context = await developerContext();
  const outside = await mkdtemp(join(tmpdir(), "macjarvis-outside-"));
  const folder = join(context.root, "project");
  await mkdir(folder);
  const author = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "init.defaultBranch=main"];
  const git: TestRepository["git"] = (args, env) =>
    execFileSync("git", [...author, "-c", "protocol.file.allow=always", ...args], {
      cwd: folder,
      encoding: "utf8",
      env: { PATH: process.env.PATH, HOME: outside, GIT_CONFIG_NOSYSTEM: "1", ...env },
      stdio: ["ignore", "pipe", "ignore"],
    });
  const file: TestRepository["file"] = (name, text = `${name}\n`) => writeFile(join(folder, name), text);
  git(["init"]);
  for (const name of ["kept", "changed", "gone"]) await file(name);
  git(["add", "."]);
  git(["commit", "-m", "first"], {
    GIT_AUTHOR_DATE: "2026-01-02T03:04:05+02:00",
    GIT_COMMITTER_DATE: "2026-01-02T03:04:06Z",
  });
  return {
    context,
    folder,
    outside,
    git,
    file,
    configure: (text) => appendFile(join(folder, ".git", "config"), `\n${text}\n`),
    async trap() {
      const program = join(folder, "trap.sh");
      const mark = join(outside, "sprung");
      await writeFile(program, `#!/bin/sh\ntouch '${mark}'\ncat\n`, { mode: 0o755 });
      return { program, sprung: () => existsSync(mark) };
    },
    async remove() {
      await context.remove();
      await rm(outside, { recursive: true, force: true });
    },
  };
}
