// What an answer is bound to, on a real disk: what may change between the question and the call, and what may not.

import { execFileSync } from "node:child_process";
import { link, mkdir, mkdtemp, realpath, rename, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { Bound } from "../../../../contracts/bound.ts";
import type { Tool } from "../../../../contracts/tools.ts";
import { bind, driftOf } from "../../../../mac-node/binding/bind.ts";
import executeShellCommand from "../../../../plugins/tools/developer/execute-shell-command.ts";
import editFile from "../../../../plugins/tools/files/edit-file.ts";
import writeFileTool from "../../../../plugins/tools/files/write-file.ts";

let base = "";
let root = "";
beforeEach(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), "macjarvis-bind-")));
  root = join(base, "root");
  await mkdir(join(root, "a"), { recursive: true });
  await mkdir(join(root, "b"));
  await mkdir(join(root, "jarvis"));
});
afterEach(() => rm(base, { recursive: true, force: true }));

const access = () => ({
  ...{ roots: [root], hidden: [join(root, "jarvis")], protected: [], approved: false, home: root },
  signal: AbortSignal.timeout(10_000),
});
const bound = (tool: Tool, args: object): Promise<Bound> =>
  bind(tool, tool.parameters.parse(args), {
    access: access(),
    userHome: root,
    workFolder: root,
    stray: () => {},
  });
const shell = (command: string, working_directory?: string) =>
  bound(executeShellCommand as unknown as Tool, {
    command,
    ...(working_directory ? { working_directory } : {}),
  });
const write = (path: string) => bound(writeFileTool as unknown as Tool, { path, content: "x" });
const at = (...names: string[]) => join(root, ...names);

/** Asked, then changed: what is said of it. */
async function drift(ask: () => Promise<Bound>, change: () => Promise<unknown>): Promise<string | undefined> {
  const before = await ask();
  await change();
  return driftOf(before, await ask());
}

describe("G6 where the paths of a call lead", () => {
  test.each([
    ["its working directory", () => shell("pwd", "link")],
    ["a file it writes", () => write("link/x.txt")],
    [
      "a file it edits",
      () => bound(editFile as unknown as Tool, { path: "link/x.txt", old_text: "a", new_text: "b" }),
    ],
  ])("%s through a link that was swung is told", async (_what, ask) => {
    await symlink(at("a"), at("link"));
    const said = await drift(ask, async () => {
      await rm(at("link"));
      await symlink(at("b"), at("link"));
    });
    expect(said).toMatch(new RegExp(`"link.*" led to ${at("a")}.*leads to ${at("b")}`));
  });

  test("a folder that was exchanged for another of its name is told, also when it gets the same inode", async () => {
    const exchange = async () => {
      await rm(at("a"), { recursive: true });
      await mkdir(at("a"));
    };
    expect(await drift(() => shell("pwd", "a"), exchange)).toBe(
      `the folder ${at("a")} was replaced by another one`,
    );
    expect(await drift(() => write("a/x"), exchange)).toContain("was replaced");
  });

  test("the default folder is bound as well, though no argument names it", async () => {
    const exchange = async () => {
      await rename(root, join(base, "away"));
      await mkdir(root);
    };
    expect(await drift(() => shell("pwd"), exchange)).toContain(root);
  });

  test("a file that became a link to elsewhere is told", async () => {
    await writeFile(at("a", "x"), "1");
    const said = await drift(
      () => write("a/x"),
      async () => {
        await rm(at("a", "x"));
        await symlink(at("b", "y"), at("a", "x"));
      },
    );
    expect(said).toContain(at("b", "y"));
  });

  test("a file's content, its being made, and the folders it needs, are no drift", async () => {
    await writeFile(at("a", "x"), "1");
    expect(
      await drift(
        () => write("a/x"),
        () => writeFile(at("a", "x"), "2"),
      ),
    ).toBeUndefined();
    expect(
      await drift(
        () => write("a/new"),
        () => writeFile(at("a", "new"), "2"),
      ),
    ).toBeUndefined();
    const makeParents = () => mkdir(at("c", "d"), { recursive: true });
    expect(await drift(() => write("c/d/new"), makeParents)).toBeUndefined();
  });

  test("what no tool may see is told by its text only, and a way there from elsewhere is told", async () => {
    await symlink(join(base, "outside"), at("jarvis", "link"));
    for (const path of ["jarvis/link", "/etc/hostname", "../x", "a\u0000b"])
      expect((await write(path)).places).toEqual([{ path, real: null, folder: null, id: null }]);
    await symlink(at("a"), at("way"));
    const said = await drift(
      () => write("way/x"),
      async () => {
        await rm(at("way"));
        await symlink(at("jarvis"), at("way"));
      },
    );
    expect(said).toContain("a place that tools may not see");
  });
});

describe("G6 the programs that a command names", () => {
  test.each([
    ["bash build.sh", "build.sh"],
    ["bash build", "build"],
    [". ./build", "build"],
    ["sh -c 'python3 tool.py'", "tool.py"],
    ["FOO=1 nice -n 5 node app.mjs < data", "app.mjs"],
    ["cd a && bash inner.sh", "a/inner.sh"],
    ["make", "Makefile"],
    ["npm test", "package.json"],
    ["~/deep.py", "deep.py"],
    ["timeout 5 ruby 'with space.rb'", "with space.rb"],
  ])("%s: %s that was changed, or came or went, is told", async (command, name) => {
    const path = at(name);
    await writeFile(path, "one");
    const ask = () => shell(command);
    expect(await drift(ask, () => writeFile(path, "two"))).toBe(`the program ${path} was changed`);
    expect(await drift(ask, () => rm(path))).toBe(`the program ${path} is gone`);
    expect(await drift(ask, () => writeFile(path, "three"))).toBe(`the program ${path} was not there`);
    expect(await drift(ask, () => utimes(path, 1, 1))).toBeUndefined();
  });

  test("one that is code by its mode or its first bytes counts without an interpreter", async () => {
    await writeFile(at("run"), "echo 1\n", { mode: 0o755 });
    await writeFile(at("other"), "#!/bin/sh\n");
    expect((await shell("./run && env ./other")).scripts.map(({ path }) => path)).toEqual([
      at("other"),
      at("run"),
    ]);
    expect(
      await drift(
        () => shell("./run"),
        () => writeFile(at("run"), "echo 2\n"),
      ),
    ).toContain("was changed");
  });

  test("data may change: a log that grows is no drift", async () => {
    await writeFile(at("app.log"), "1\n");
    const ask = () => shell("tail -n 5 app.log > copy.txt");
    expect((await ask()).scripts).toEqual([]);
    expect(await drift(ask, () => writeFile(at("app.log"), "1\n2\n"))).toBeUndefined();
  });

  test("a script through a link is bound by what it leads to, a hard link by what it is", async () => {
    await writeFile(at("a", "one.sh"), "1");
    await symlink(at("a", "one.sh"), at("link.sh"));
    const swing = async () => {
      await rm(at("link.sh"));
      await writeFile(at("b", "one.sh"), "1");
      await symlink(at("b", "one.sh"), at("link.sh"));
    };
    expect(await drift(() => shell("bash link.sh"), swing)).toContain(at("a", "one.sh"));
    await link(at("a", "one.sh"), at("hard.sh"));
    expect(
      await drift(
        () => shell("bash hard.sh"),
        () => writeFile(at("a", "one.sh"), "2"),
      ),
    ).toContain("hard.sh");
  });

  test("neither a FIFO nor a hidden file is opened, and the system's programs are left out", async () => {
    execFileSync("mkfifo", [at("pipe.sh")]);
    await writeFile(at("jarvis", "owner.sh"), "secret");
    expect((await shell("bash pipe.sh; bash jarvis/owner.sh; /bin/sh -c ls")).scripts).toEqual([]);
  });

  test("of many the first are shown and the others bound as one", async () => {
    const names = Array.from({ length: 30 }, (_, n) => `s${String(n).padStart(2, "0")}.sh`);
    for (const name of names) await writeFile(at(name), name);
    const ask = () => shell(names.map((name) => `bash ${name}`).join("\n"));
    expect((await ask()).scripts).toHaveLength(21);
    expect(await drift(ask, () => writeFile(at("s29.sh"), "else"))).toContain("10 more");
  });

  test("a long text costs no look at the disk for each of its words; too many files are refused", async () => {
    const text = Array.from({ length: 15_000 }, (_, n) => `w${n}`).join(" ");
    expect((await shell(`cat > x <<EOF\n${text}\nEOF`)).scripts).toEqual([]);
    const many = Array.from({ length: 6_000 }, (_, n) => `./w${n}`).join(" ");
    await expect(shell(`ls ${many}`)).rejects.toMatchObject({ code: "too_many_files" });
  });
});
