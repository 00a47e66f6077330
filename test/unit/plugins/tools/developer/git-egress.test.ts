// A repository may name remotes, rewrite their addresses, and be a clone that fetches what it lacks when it is looked at: for
// a tool that only reads that would be a way to carry data out. A listener on loopback stands for the address.
import { execFile, execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { appendFile, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer, type Server } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import gitDiff from "../../../../../plugins/tools/developer/git-diff.ts";
import gitLog from "../../../../../plugins/tools/developer/git-log.ts";
import gitStatus from "../../../../../plugins/tools/developer/git-status.ts";
import { type DeveloperContext, developerContext } from "./developer-context.ts";

let context: DeveloperContext;
let repository = "";
let server: Server;
let port = 0;
let connections = 0;

beforeEach(async () => {
  context = await developerContext();
  repository = join(context.root, "project");
  await mkdir(join(repository, "part"), { recursive: true });
  await writeFile(join(repository, "kept"), "kept\n");
  await writeFile(join(repository, "part", "file"), "part\n");
  git("init", "-q");
  git("add", ".");
  git("commit", "-q", "-m", "first");
  connections = 0;
  server = createServer((socket) => {
    connections += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  port = (server.address() as AddressInfo).port;
});
afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
  await context.remove();
});

function git(...args: string[]): void {
  const author = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "init.defaultBranch=main"];
  execFileSync("git", [...author, ...args], {
    cwd: repository,
    env: { PATH: process.env.PATH, HOME: context.root, GIT_CONFIG_NOSYSTEM: "1" },
    stdio: "ignore",
  });
}

const configure = (text: string) => appendFile(join(repository, ".git", "config"), `\n${text}\n`);

/** Now git has to fetch what it looks at. */
async function loseObjects(): Promise<void> {
  const objects = join(repository, ".git", "objects");
  for (const name of await readdir(objects))
    if (name.length === 2) await rm(join(objects, name), { recursive: true });
}

/** All that reads a repository, as far as each gets. */
async function readAll(): Promise<void> {
  for (const tool of [gitStatus, gitLog, gitDiff]) {
    const args = tool.parameters.parse({ repository: "project" });
    await Promise.resolve(tool.execute(args as never, context)).catch(() => undefined);
  }
}

describe("G30 git_status, git_log and git_diff", () => {
  test.each([
    ["a partial clone over git", () => `[remote "origin"]\nurl = git://127.0.0.1:${port}/SECRET`],
    ["one over http", () => `[remote "origin"]\nurl = http://127.0.0.1:${port}/SECRET`],
    [
      "an address that is rewritten",
      () => `[url "git://127.0.0.1:${port}/"]\ninsteadOf = nice://\n[remote "origin"]\nurl = nice://x`,
    ],
    [
      "a submodule that was not fetched",
      () =>
        `[submodule "part"]\nurl = git://127.0.0.1:${port}/SECRET\nactive = true\n[remote "origin"]\nurl = x`,
    ],
  ])("send nothing for %s", async (_what, remote) => {
    await configure(`[extensions]\npartialClone = origin\n${remote()}\n[remote "origin"]\npromisor = true`);
    await writeFile(
      join(repository, ".gitmodules"),
      `[submodule "part"]\npath = part\nurl = git://127.0.0.1:${port}/x\n`,
    );
    await loseObjects();
    await readAll();
    expect(connections).toBe(0);
  });

  test("run no program that a remote is to be reached by", async () => {
    const mark = join(context.root, "ran");
    const program = join(repository, "program.sh");
    await writeFile(program, `#!/bin/sh\ntouch '${mark}'\n`, { mode: 0o755 });
    await configure(`[extensions]\npartialClone = origin
[remote "origin"]\nurl = ext::${program}\npromisor = true\nuploadpack = ${program}
[core]\nsshCommand = ${program}\ngitProxy = ${program}\naskPass = ${program}
[credential]\nhelper = ${program}\n[protocol "ext"]\nallow = always`);
    await loseObjects();
    await readAll();
    expect(existsSync(mark)).toBe(false);
  });
});

test("G30 without our settings such a repository does reach for its remote", async () => {
  await configure(
    `[extensions]\npartialClone = origin\n[remote "origin"]\nurl = git://127.0.0.1:${port}/x\npromisor = true`,
  );
  await loseObjects();
  await new Promise<void>((resolve) => {
    execFile("git", ["-C", repository, "status"], { env: { PATH: process.env.PATH } }, () => resolve());
  });
  expect(connections).toBeGreaterThan(0);
});
