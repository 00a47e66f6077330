// What we run is not writable by what we guard (cases/security.md 2): every place from which the program is started × every tool
// that writes × commands in the real sandbox. The program is a checkout as people make them: found by a link, in a worktree of git,
// its packages elsewhere, its Node in the home folder.
import {
  access,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { NOWHERE } from "../../../contracts/hosts.ts";
import type { Tool, ToolContext } from "../../../contracts/tools.ts";
import { hiddenPaths } from "../../../lib/tools/hidden-paths.ts";
import { GuardedNow } from "../../../mac-node/calls/guarded-now.ts";
import { type OpenContext, openContext } from "../../../mac-node/calls/tool-context.ts";
import { openMachine } from "../../../mac-node/open-machine.ts";
import { programPaths } from "../../../mac-node/program-paths.ts";
import appendFile from "../../../plugins/tools/files/append-file.ts";
import editFile from "../../../plugins/tools/files/edit-file.ts";
import makeDirectory from "../../../plugins/tools/files/make-directory.ts";
import moveToTrash from "../../../plugins/tools/files/move-to-trash.ts";
import readFileTool from "../../../plugins/tools/files/read-file.ts";
import writeFileTool from "../../../plugins/tools/files/write-file.ts";
import { runTool } from "../plugins/tools/files/run-tool.ts";

let base = "";
const home = () => join(base, "home");
const at = (path: string) => join(home(), path);
const FILES: Record<string, string> = {
  "code/team/jarvis/bin/start.ts": "start",
  "code/team/jarvis/plugins/tools/files/read-file.ts": "tool",
  "code/team/jarvis/package.json": "{}",
  "code/team/jarvis/.git": "gitdir: ../../../repository/.git/worktrees/jarvis\n",
  "repository/.git/worktrees/jarvis/commondir": "../..\n",
  "repository/.git/hooks/pre-commit": "hook",
  "repository/.git/config": "config",
  "store/modules/zod/index.js": "package",
  "tools/node/bin/node": "node",
  "tools/node/lib/node_modules/npm/cli.js": "npm",
  "data/real/plugins/mine.ts": "plugin",
  "data/real/owner.key": "SECRET",
  "data/other/note": "note",
  "code/team/mine/file": "mine",
};

beforeEach(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), "macjarvis-program-")));
  for (const [path, content] of Object.entries(FILES)) {
    await mkdir(dirname(at(path)), { recursive: true });
    await writeFile(at(path), content);
  }
  await mkdir(at("deploy/other"), { recursive: true });
  await symlink("../../../store/modules", at("code/team/jarvis/node_modules"));
  await symlink("../code/team/jarvis", at("deploy/current"));
  await symlink("real", at("data/named"));
});
let opened: OpenContext[] = [];
afterEach(async () => {
  for (const each of opened) await each.end();
  opened = [];
  await rm(base, { recursive: true, force: true });
});

/** @param roots relative to the home folder */
async function contextIn(roots: string[]): Promise<ToolContext> {
  const program = await programPaths({
    folder: at("deploy/current"),
    executable: at("tools/node/bin/node"),
    userHome: home(),
    startedAs: [at("deploy/current/bin/start.ts"), at("data/named")],
  });
  const machine = await openMachine({
    roots: roots.map(at),
    sandbox: "on",
    userHome: home(),
    platform: process.platform,
  });
  const guarded = {
    hidden: hiddenPaths(home(), at("data/named")),
    protected: program.paths,
    links: program.links,
  };
  const context = openContext({
    callId: `call_program_${process.pid}_${opened.length}`,
    machine,
    guarded: await new GuardedNow(guarded).get(),
    workFolder: home(),
    approved: false,
    deadlineAt: Date.now() + 120_000,
    reach: NOWHERE,
    signal: new AbortController().signal,
    publish: () => {},
    started: () => {},
  });
  opened.push(context);
  return context.context;
}

/** The tree with every content, and where links lead. */
async function everything(): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const entry of await readdir(base, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const content = entry.isSymbolicLink() ? `-> ${await realpath(path)}` : "folder";
    found[path.slice(base.length)] = entry.isFile() ? await readFile(path, "utf8") : content;
  }
  return found;
}

/** Files of the program by each of their names, and folders from which something is loaded. */
const PROGRAM_FILES = [
  "code/team/jarvis/bin/start.ts",
  "deploy/current/bin/start.ts",
  "code/team/jarvis/package.json",
  "code/team/jarvis/.git",
  "code/team/jarvis/node_modules/zod/index.js",
  "store/modules/zod/index.js",
  "repository/.git/hooks/pre-commit",
  "repository/.git/config",
  "repository/.git/worktrees/jarvis/commondir",
  "tools/node/bin/node",
  "tools/node/lib/node_modules/npm/cli.js",
  "data/real/plugins/mine.ts",
  "data/named/plugins/mine.ts",
];
const NEW_IN = [
  "code/team/jarvis",
  "code/team/jarvis/plugins/tools/files",
  "deploy/current/plugins",
  "code/team/jarvis/node_modules",
  "store/modules",
  // Where Node looks for packages after its own folder.
  "code/team/node_modules",
  "code/node_modules",
  "node_modules",
  ".node_modules",
  "repository/.git/hooks",
  "tools/node/bin",
  "data/real",
  "data/named/plugins",
];
/** Whoever moves one of these may put another one in its place. */
const MOVED = [
  ...["code", "code/team", "code/team/jarvis", "code/team/jarvis/bin", "deploy", "deploy/current"],
  ...[
    "repository",
    "repository/.git",
    "store",
    "store/modules",
    "tools",
    "tools/node",
    "data",
    "data/named",
    "data/real",
  ],
];

type Attempt = [tool: Pick<Tool, "parameters" | "execute">, args: Record<string, unknown>];
const ATTEMPTS: Attempt[] = [
  ...PROGRAM_FILES.flatMap((path): Attempt[] => [
    [writeFileTool, { path, content: "evil", overwrite: true }],
    [writeFileTool, { path: path.toUpperCase(), content: "evil", overwrite: true }],
    [appendFile, { path, content: "evil" }],
    [editFile, { path, old_text: "o", new_text: "evil", replace_all: true }],
    [moveToTrash, { path }],
  ]),
  ...NEW_IN.flatMap((folder): Attempt[] => [
    [writeFileTool, { path: `${folder}/evil.ts`, content: "evil" }],
    [appendFile, { path: `${folder}/evil.ts`, content: "evil", create_if_missing: true }],
    [makeDirectory, { path: `${folder}/evil`, parents: true }],
  ]),
  ...MOVED.map((path): Attempt => [moveToTrash, { path }]),
];

describe("G29 nothing that the server is run from is changed", () => {
  test.each([
    [[""]],
    [["code", "data", "deploy", "repository", "store", "tools"]],
    [["code/team/jarvis", "data"]],
  ])("by a file tool, with the roots %j", async (roots) => {
    const before = await everything();
    const context = await contextIn(roots);
    for (const [tool, args] of ATTEMPTS) {
      const path = at(String(args.path));
      const result = await runTool(tool, { ...args, path }, context);
      expect([path, result.ok]).toEqual([path, false]);
      expect(["not_allowed", "not_found", "exists"]).toContain(result.code);
    }
    expect(await everything()).toEqual(before);
  });

  test.each([
    [[""]],
    [["code", "data", "deploy", "repository", "store", "tools"]],
    [["code/team/jarvis", "data"]],
  ])("by a command, with the roots %j", async (roots) => {
    const before = await everything();
    const context = await contextIn(roots);
    const attempts = [
      ...PROGRAM_FILES.map(
        (path) => `echo evil >> ${at(path)}; rm -f ${at(path)}; ln -sf /dev/null ${at(path)}`,
      ),
      // A folder that is not there cannot be covered; where it is missing Node finds its packages before it gets there.
      ...NEW_IN.filter(
        (path) => before[`/home/${path}`] || path.startsWith("deploy") || path.includes("named"),
      ).map((path) => `echo evil > ${at(path)}/evil.ts; mkdir ${at(path)}/evil`),
      ...MOVED.map((path) => `mv ${at(path)} ${at(path)}-away; rm -rf ${at(path)}`),
      `ln ${at("code/team/jarvis/bin/start.ts")} ${at("deploy/other/hard")} && echo evil > ${at("deploy/other/hard")}`,
      `mkdir -p ${at("deploy")}/x && mv -T ${at("deploy")}/x ${at("deploy/current")}`,
      `ln -sfn ${at("code/team/mine")} ${at("deploy/current")}; ln -sfn other ${at("data/named")}`,
      `umount ${at("code/team/jarvis")}; mount -o remount,rw ${at("code/team/jarvis")}; chmod -R 777 ${at("code/team/jarvis")}`,
    ];
    await context.run(["/bin/bash", "-c", attempts.join("\n")], { sandbox: true });
    const after = await everything();
    // What is beside the program may go; what it is made of stays.
    for (const path of [...PROGRAM_FILES, "code/team/jarvis/node_modules", "deploy/current", "data/named"])
      expect([path, after[`/home/${path}`]]).toEqual([path, before[`/home/${path}`]]);
    expect(Object.keys(after).filter((path) => path.includes("evil") || path.endsWith("-away"))).toEqual([]);
  });

  test("its code may be read, by tools and by commands; the data folder may not", async () => {
    const context = await contextIn([""]);
    const read = (path: string) => runTool(readFileTool, { path: at(path) }, context);
    expect((await read("deploy/current/bin/start.ts")).data).toMatchObject({ content: "start" });
    expect((await read("data/named/owner.key")).code).toBe("not_allowed");
    const { stdout } = await context.run(
      ["/bin/sh", "-c", `cat ${at("deploy/current/bin/start.ts")} ${at("data/named/owner.key")}`],
      { sandbox: true },
    );
    expect(stdout).toBe("start");
  });

  test("the refusal says why, and what is beside the program is written as ever", async () => {
    const context = await contextIn([""]);
    const write = (path: string) => runTool(writeFileTool, { path: at(path), content: "x" }, context);
    expect((await write("code/team/jarvis/new.ts")).message).toContain("belongs to MacJarvis itself");
    for (const path of ["code/team/mine/new", "code/team/jarvis-notes", "deploy/other/new", "store/new"])
      expect([path, (await write(path)).ok]).toEqual([path, true]);
    const command = `touch ${["code/team/mine/a", "code/team/a", "deploy/other/a", "tools/a", "repository/a"].map(at).join(" ")}`;
    expect(await context.run(["/bin/sh", "-c", command], { sandbox: true })).toMatchObject({ exit_code: 0 });
  });

  test("a root within the program's folder is not written either", async () => {
    const context = await contextIn(["code/team/jarvis/plugins"]);
    const path = at("code/team/jarvis/plugins/new.ts");
    expect((await runTool(writeFileTool, { path, content: "x" }, context)).code).toBe("not_allowed");
    await context.run(["/bin/sh", "-c", `echo x > ${path}`], { sandbox: true });
    await expect(access(path)).rejects.toMatchObject({ code: "ENOENT" });
  });
});

describe("what the server is run from", () => {
  test("is found for this very checkout, with the folder of git and the Node that runs it", async () => {
    const folder = await realpath(process.cwd());
    const { paths } = await programPaths({
      folder,
      executable: process.execPath,
      userHome: "/nowhere",
      startedAs: [join(folder, "bin/start.ts")],
    });
    expect(paths).toEqual(expect.arrayContaining([folder, await realpath(join(folder, "node_modules"))]));
    const node = await realpath(process.execPath);
    expect(paths.some((path) => path === node || node.startsWith(`${path}/`))).toBe(true);
    expect(paths.some((path) => basename(path) === ".git" || path.includes("/.git/"))).toBe(true);
  });

  test("of a Node that is installed for all is not everything that is installed for all", async () => {
    const { paths } = await programPaths({
      folder: at("code/team/jarvis"),
      executable: "/usr/local/bin/node-of-nobody",
      userHome: home(),
      startedAs: [],
    });
    expect(paths).toContain("/usr/local/bin");
    expect(paths).not.toContain("/usr/local");
  });
});
