import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { visiblePaths } from "../../../../mac-node/sandbox/visible-paths.ts";

let base = "";
beforeEach(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), "macjarvis-visible-")));
  for (const folder of ["home/.ssh", "home/Documents", "home/bin", "work/a/b/keys"])
    await mkdir(join(base, folder), { recursive: true });
  await writeFile(join(base, "home/note"), "");
});
afterEach(() => rm(base, { recursive: true, force: true }));

const look = (roots: string[], hidden: string[]) =>
  visiblePaths({
    roots: roots.map((root) => join(base, root)),
    userHome: join(base, "home"),
    hidden: hidden.map((path) => join(base, path)),
    protected: [],
    links: [],
  });

describe("what a sandboxed command may see", () => {
  test("of the home folder only what is no dotfile, no link and no autostart folder may be written", async () => {
    await symlink(join(base, "work"), join(base, "home/link"));
    const seen = await look(["home"], ["home/.ssh"]);
    expect(seen.home).toBe(join(base, "home"));
    expect(seen.homeEntries).toEqual([join(base, "home/Documents"), join(base, "home/note")]);
    expect(seen.readOnly).toContain(join(base, "home/bin"));
    expect(seen.pinned).toContain(join(base, "home/Library"));
  });

  test("of what is read-only and not there the first name that is missing is told, where it could be made", async () => {
    await writeFile(join(base, "work/a/file"), "");
    const seen = await visiblePaths({
      roots: [join(base, "work")],
      userHome: "/nowhere",
      hidden: [],
      protected: ["node_modules", "a/deep/er/code", "a/b", "a/file/x"].map((path) =>
        join(base, "work", path),
      ),
      links: [],
    });
    expect(seen.absent).toEqual([join(base, "work/node_modules"), join(base, "work/a/deep")]);
  });

  test("a home folder that no root contains is not there", async () => {
    expect(await look(["work"], ["home/.ssh"])).toMatchObject({
      home: undefined,
      homeEntries: [],
      hidden: [],
    });
  });

  test("a root above the home folder contains it", async () => {
    expect((await look([""], [])).home).toBe(join(base, "home"));
  });

  test("what is hidden is hidden where it really is, and the folders above it are pinned", async () => {
    await symlink(join(base, "work/a/b/keys"), join(base, "home/.aws"));
    const seen = await look(["work"], ["home/.aws", "work/none"]);
    expect(seen.hidden).toEqual([{ path: join(base, "work/a/b/keys"), kind: "folder" }]);
    expect(seen.pinned).toEqual([join(base, "work/a"), join(base, "work/a/b")]);
  });

  test("G29 what is hidden in a folder of the system is hidden under each name of that folder", async () => {
    const real = await realpath("/bin/sh");
    const seen = await visiblePaths({
      roots: [],
      userHome: "/nowhere",
      hidden: ["/bin/sh"],
      protected: [],
      links: [],
    });
    expect(seen.hidden).toContainEqual({ path: real, kind: "file" });
    expect(seen.hidden).toContainEqual({ path: join("/bin", basename(real)), kind: "file" });
    expect(seen.pinned).toEqual([]);
  });

  test("a file is told from a folder", async () => {
    expect((await look(["home"], ["home/note"])).hidden).toEqual([
      { path: join(base, "home/note"), kind: "file" },
    ]);
  });

  test("G29 the home folder is made of its entries without what is hidden, and so is a read-only folder with a secret as a file", async () => {
    await mkdir(join(base, "home/.tool"));
    await writeFile(join(base, "home/.tool/token"), "");
    await writeFile(join(base, "home/.tool/settings"), "");
    await symlink("note", join(base, "home/.link"));
    const { rebuilt, notYet } = await look(["home"], ["home/.ssh", "home/.netrc", "home/.tool/token"]);
    const at = (...names: string[]) => names.map((name) => ({ path: join(base, name) }));
    const [home, tool] = rebuilt.map(({ path, entries }) => ({
      path,
      entries: entries.toSorted((a, b) => (a.path < b.path ? -1 : 1)),
    }));
    const link = { path: join(base, "home/.link"), link: "note" };
    expect(home).toEqual({
      path: join(base, "home"),
      entries: [link, ...at("home/.tool", "home/Documents", "home/bin", "home/note")],
    });
    expect(tool).toEqual({ path: join(base, "home/.tool"), entries: at("home/.tool/settings") });
    expect(notYet).toEqual([join(base, "home/.netrc")]);
  });

  test("a home folder with very many entries stays as it is on the disk", async () => {
    await Promise.all(Array.from({ length: 200 }, (_, n) => writeFile(join(base, `home/.file${n}`), "")));
    expect((await look(["home"], ["home/.ssh"])).rebuilt).toEqual([]);
  });
});
