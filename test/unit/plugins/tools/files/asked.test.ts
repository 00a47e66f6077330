// Places whose files run by themselves (cases/security.md 8): every file tool that changes something, by name and through links.
import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { Tool } from "../../../../../contracts/tools.ts";
import { loadTools } from "../../../../../lib/tools/tool-plugins.ts";
import appendFile from "../../../../../plugins/tools/files/append-file.ts";
import compressFiles from "../../../../../plugins/tools/files/compress-files.ts";
import copyFile from "../../../../../plugins/tools/files/copy-file.ts";
import editFile from "../../../../../plugins/tools/files/edit-file.ts";
import makeDirectory from "../../../../../plugins/tools/files/make-directory.ts";
import moveFile from "../../../../../plugins/tools/files/move-file.ts";
import moveToTrash from "../../../../../plugins/tools/files/move-to-trash.ts";
import readFileTool from "../../../../../plugins/tools/files/read-file.ts";
import writeFileTool from "../../../../../plugins/tools/files/write-file.ts";
import { type TestContext, toolContext } from "../../../../support/tool-context.ts";
import { runTool } from "./run-tool.ts";

let context: TestContext;
beforeEach(async () => {
  context = await toolContext();
  context.home = context.root;
  for (const folder of ["bin", "work/.git/hooks", ".config/autostart"])
    await mkdir(join(context.root, folder), { recursive: true });
  for (const file of [".bashrc", "bin/x", "work/.git/config", "work/.envrc", "work/plain"])
    await writeFile(join(context.root, file), "old");
  await symlink(".bashrc", join(context.root, "to-bashrc"));
  await symlink("../.config", join(context.root, "work/to-config"));
  await symlink("missing-profile", join(context.root, "dangling"));
  await symlink(".zshenv", join(context.root, "to-new"));
});
afterEach(() => context.remove());

type Attempt = [tool: Pick<Tool, "parameters" | "execute">, args: Record<string, unknown>];
const changing = (path: string): Attempt[] => [
  [writeFileTool, { path, content: "evil", overwrite: true }],
  [appendFile, { path, content: "evil", create_if_missing: true }],
  [editFile, { path, old_text: "old", new_text: "evil" }],
  [moveToTrash, { path }],
  [moveFile, { from: path, to: "work/moved" }],
  [moveFile, { from: "work/plain", to: path, overwrite: true }],
  [copyFile, { from: "work/plain", to: path, overwrite: true }],
];
const tree = async () =>
  (await readdir(context.root, { recursive: true, withFileTypes: true })).map(
    ({ parentPath, name }) => `${parentPath}/${name}`,
  );

test("G29 nothing there is changed without a question, also where a link leads there", async () => {
  const before = await tree();
  const attempts = [
    ...[".bashrc", "bin/x", "work/.git/config", "work/.envrc"].flatMap(changing),
    ...["to-bashrc", "to-new"].flatMap((path) => changing(path).slice(0, 2)),
    ...["work/.git/hooks/pre-commit", ".profile", "bin/new", "work/to-config/autostart/x"].flatMap((path) =>
      changing(path).slice(0, 2),
    ),
    ...[".config/autostart/a", "bin/sub", ".new/deep", "work/.husky", "work/to-config/systemd"].map(
      (path): Attempt => [makeDirectory, { path, parents: true }],
    ),
    [compressFiles, { paths: ["work/plain"], output: "bin/a.zip" }] satisfies Attempt,
  ];
  for (const [tool, args] of attempts) {
    const result = await runTool(tool, args, context);
    expect([args, result.code]).toEqual([args, "approval_required"]);
    expect(result.message).toContain("asked about every time");
  }
  expect(await tree()).toEqual(before);
  expect(await readFile(join(context.root, ".bashrc"), "utf8")).toBe("old");
});

test("what was approved is done, and reading is free", async () => {
  context.approved = true;
  for (const path of [".profile", "bin/new", "work/.git/hooks/pre-commit"])
    expect((await runTool(writeFileTool, { path, content: "x" }, context)).ok).toBe(true);
  context.approved = false;
  expect((await runTool(readFileTool, { path: ".bashrc" }, context)).ok).toBe(true);
  expect((await runTool(writeFileTool, { path: "work/notes", content: "x" }, context)).ok).toBe(true);
});

test("every built-in tool of risk write that takes a path says which argument it changes", async () => {
  const { tools } = await loadTools({ pluginFolder: "/nowhere" });
  const silent = tools.filter(
    ({ risk, category, changes }) => risk === "write" && category === "files" && !changes?.length,
  );
  expect(silent.map(({ name }) => name)).toEqual([]);
});
