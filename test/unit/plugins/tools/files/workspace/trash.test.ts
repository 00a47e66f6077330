// The trash: nothing is lost, nothing in it is replaced, and nothing protected goes into it.
import { spawnSync } from "node:child_process";
import {
  access,
  chmod,
  chown,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  rmdir,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { moveToTrash, type TrashSystem } from "../../../../../../plugins/tools/files/workspace/trash.ts";
import { noSmallDisk, SmallDisk } from "../../../../../support/small-disk.ts";
import { type TestContext, toolContext } from "../../../../../support/tool-context.ts";
import { testUnless } from "../../../../../support/unless.ts";

const OTHER_VOLUME = "/dev/shm";
const isOther = await stat(OTHER_VOLUME).then(
  async ({ dev }) => dev !== (await stat(tmpdir())).dev,
  () => false,
);
const noOtherVolume = isOther ? undefined : `${OTHER_VOLUME} is no other volume here`;

let context: TestContext;
let home: string;
let system: TrashSystem;
beforeEach(async () => {
  context = await toolContext(["docs/private"]);
  home = await realpath(await mkdtemp(join(tmpdir(), "macjarvis-home-")));
  system = { home, platform: "linux", uid: process.getuid?.() ?? 0 };
});
afterEach(async () => {
  await context.remove();
  await rm(home, { recursive: true });
});

const inRoot = (...names: string[]) => join(context.root, ...names);
const inTrash = (...names: string[]) => join(home, ".local/share/Trash", ...names);
const isThere = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

/** Takes a trashed file out of a volume's trash, and that trash when it is empty. */
async function emptyAgain(trashed: string): Promise<void> {
  const trash = dirname(dirname(trashed));
  await rm(trashed);
  await rm(join(trash, "info", `${basename(trashed)}.trashinfo`));
  for (const folder of [join(trash, "files"), join(trash, "info"), trash]) {
    if ((await readdir(folder)).length === 0) await rmdir(folder);
  }
}

describe("on Linux", () => {
  test.each(["n".repeat(250), `${"漢".repeat(80)}.pdf`, `x.${"y".repeat(248)}`])(
    "the longest names find room, twice: %#",
    async (name) => {
      const places: string[] = [];
      for (const text of ["one", "two"]) {
        await writeFile(inRoot(name), text);
        places.push((await moveToTrash(context, name, system)).trashed_to);
      }
      expect(await Promise.all(places.map((place) => readFile(place, "utf8")))).toEqual(["one", "two"]);
      expect((await readdir(inTrash("info"))).toSorted()).toEqual(
        places.map((place) => `${basename(place)}.trashinfo`).toSorted(),
      );
      expect(await readFile(inTrash("info", `${basename(places[0] ?? "")}.trashinfo`), "utf8")).toContain(
        `Path=${context.root}/${encodeURIComponent(name)}\n`,
      );
    },
  );

  test("XDG_DATA_HOME says where the trash is", async () => {
    await writeFile(inRoot("a"), "");
    const dataHome = join(home, "data");
    const { trashed_to } = await moveToTrash(context, "a", { ...system, dataHome });
    expect(trashed_to).toBe(join(dataHome, "Trash/files/a"));
    expect(await readdir(join(dataHome, "Trash/info"))).toEqual(["a.trashinfo"]);
  });

  test("a file goes to the XDG trash with a note of where it was and when", async () => {
    await writeFile(inRoot("größe 1%.txt"), "text");
    const trashed = await moveToTrash(context, "größe 1%.txt", system);
    expect(trashed).toEqual({ path: inRoot("größe 1%.txt"), trashed_to: inTrash("files/größe 1%.txt") });
    expect(await readFile(trashed.trashed_to, "utf8")).toBe("text");
    const note = await readFile(inTrash("info/größe 1%.txt.trashinfo"), "utf8");
    const path = `${context.root}/gr%C3%B6%C3%9Fe%201%25.txt`;
    expect(note).toMatch(/^\[Trash Info\]\nPath=.*\nDeletionDate=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\n$/);
    expect(note).toContain(`Path=${path}\n`);
    expect((await stat(inTrash())).mode & 0o777).toBe(0o700);
  });

  test("things of the same name, thrown away at once or by another program, all stay", async () => {
    await mkdir(inTrash("files"), { recursive: true });
    await writeFile(inTrash("files/a.txt"), "by another program, without a note");
    for (let n = 0; n < 10; n += 1) {
      await mkdir(inRoot(`folder${n}`));
      await writeFile(inRoot(`folder${n}`, "a.txt"), `text ${n}`);
    }
    const all = Array.from({ length: 10 }, (_, n) => moveToTrash(context, `folder${n}/a.txt`, system));
    const texts = await Promise.all((await Promise.all(all)).map((one) => readFile(one.trashed_to, "utf8")));
    expect(texts).toEqual(Array.from({ length: 10 }, (_, n) => `text ${n}`));
    expect(await readFile(inTrash("files/a.txt"), "utf8")).toMatch("another program");
    expect(await readdir(inTrash("files"))).toHaveLength(11);
    expect(await readdir(inTrash("info"))).toHaveLength(10);
  });

  test("a folder goes with all that is in it; a second of its name does not go into the first", async () => {
    for (const text of ["one", "two"]) {
      await mkdir(inRoot("folder"));
      await writeFile(inRoot("folder", "file"), text);
      const { trashed_to } = await moveToTrash(context, "folder", system);
      expect(await readFile(join(trashed_to, "file"), "utf8")).toBe(text);
    }
    expect(await readdir(inTrash("files"))).toHaveLength(2);
  });

  test("of a link the link goes, and its target stays", async () => {
    await writeFile(inRoot("target"), "text");
    await symlink(inRoot("target"), inRoot("link"));
    await moveToTrash(context, "link", system);
    expect(await readdir(context.root)).toEqual(["target"]);
  });

  test("a trash folder that is a link is refused, and nothing moves", async () => {
    await writeFile(inRoot("a.txt"), "text");
    await mkdir(join(home, ".local/share"), { recursive: true });
    await symlink(context.root, join(home, ".local/share/Trash"));
    await expect(moveToTrash(context, "a.txt", system)).rejects.toMatchObject({ code: "not_allowed" });
    expect(await readdir(context.root)).toEqual(["a.txt"]);
  });

  testUnless(noOtherVolume)(
    "what lies on another volume goes to a trash there or stays, and is never copied",
    async () => {
      const farHome = await mkdtemp(join(OTHER_VOLUME, "macjarvis-home-"));
      await writeFile(inRoot("a.txt"), "text");
      const { ino } = await stat(inRoot("a.txt"));
      try {
        const outcome = await moveToTrash(context, "a.txt", { ...system, home: farHome }).catch(
          (error) => error,
        );
        const now = outcome.code === "other_volume" ? inRoot("a.txt") : outcome.trashed_to;
        expect((await stat(now)).ino).toBe(ino);
        expect(await readdir(farHome)).toEqual([]);
        if (outcome.trashed_to) await emptyAgain(outcome.trashed_to);
      } finally {
        await rm(farHome, { recursive: true });
      }
    },
  );
});

describe("on macOS", () => {
  test("things go to ~/.Trash under names that never collide, without notes", async () => {
    for (const text of ["one", "two"]) {
      await writeFile(inRoot("a.txt"), text);
      await moveToTrash(context, "a.txt", { ...system, platform: "darwin" });
    }
    const names = await readdir(join(home, ".Trash"));
    expect(names).toHaveLength(2);
    const texts = await Promise.all(names.map((name) => readFile(join(home, ".Trash", name), "utf8")));
    expect(texts.sort()).toEqual(["one", "two"]);
  });
});

describe("on macOS, on another volume", () => {
  let disk: SmallDisk | undefined;
  const volume = () => inRoot("volume");
  const NOBODY = 65_534;
  beforeEach(async () => {
    await mkdir(volume());
    if (noSmallDisk !== undefined) return;
    disk = new SmallDisk(volume(), 4);
    for (const folder of [context.root, home, volume()]) await chmod(folder, 0o755);
    await mkdir(join(volume(), "own"));
    await writeFile(join(volume(), "own/a.txt"), "one");
    await chown(join(volume(), "own"), NOBODY, NOBODY);
  });
  afterEach(() => disk?.remove());

  /** As a user of the Mac, who may enter `.Trashes` and not read it. */
  function asUser() {
    const script = `
      import { moveToTrash } from ${JSON.stringify(join(process.cwd(), "plugins/tools/files/workspace/trash.ts"))};
      process.setuid(${NOBODY});
      const context = { approved: false, home: "/nowhere", roots: [${JSON.stringify(context.root)}], hidden: [], protected: [], signal: AbortSignal.timeout(30_000) };
      const system = { home: ${JSON.stringify(home)}, platform: "darwin", uid: ${NOBODY} };
      const answer = ({ code, message }) => ({ code, message });
      console.log(JSON.stringify(await moveToTrash(context, "volume/own/a.txt", system).catch(answer)));`;
    const { stdout } = spawnSync(process.execPath, ["--input-type=module-typescript", "-e", script], {
      encoding: "utf8",
    });
    return JSON.parse(stdout);
  }

  testUnless(noSmallDisk)(
    "things go to the user's folder in .Trashes, which is never read, and never collide",
    async () => {
      await mkdir(join(volume(), ".Trashes"));
      await chmod(join(volume(), ".Trashes"), 0o1333);
      const first = asUser();
      expect(first).toEqual({
        path: join(volume(), "own/a.txt"),
        trashed_to: join(volume(), `.Trashes/${NOBODY}/a.txt`),
      });
      await writeFile(join(volume(), "own/a.txt"), "two");
      const second = asUser();
      expect([await readFile(first.trashed_to, "utf8"), await readFile(second.trashed_to, "utf8")]).toEqual([
        "one",
        "two",
      ]);
      expect((await stat(dirname(first.trashed_to))).mode & 0o777).toBe(0o700);
    },
  );

  testUnless(noSmallDisk)(
    "a volume without a sticky bit, such as a stick in FAT, has it as the user's own folder",
    async () => {
      await mkdir(join(volume(), ".Trashes"));
      await chown(join(volume(), ".Trashes"), NOBODY, NOBODY);
      expect(asUser().trashed_to).toBe(join(volume(), `.Trashes/${NOBODY}/a.txt`));
    },
  );

  testUnless(noSmallDisk)(
    "without such a folder, or with one of somebody else's, nothing moves",
    async () => {
      expect(asUser()).toMatchObject({ code: "other_volume" });
      await mkdir(join(volume(), ".Trashes"));
      expect(asUser()).toMatchObject({ code: "other_volume" });
      await rmdir(join(volume(), ".Trashes"));
      await symlink(home, join(volume(), ".Trashes"));
      expect(asUser()).toMatchObject({ code: "other_volume" });
      expect(await readFile(join(volume(), "own/a.txt"), "utf8")).toBe("one");
    },
  );
});

describe("what must stay", () => {
  test("G27 a root, a folder with a root in it, and a folder with a hidden one in it stay", async () => {
    await mkdir(inRoot("docs/private"), { recursive: true });
    await mkdir(inRoot("work/project"), { recursive: true });
    context.roots = [context.root, inRoot("work/project")];
    for (const path of [".", context.root, "docs", "DOCS", "docs/private", "work", "work/project"]) {
      const code = await moveToTrash(context, path, system).then(
        () => "moved",
        (error) => error.code,
      );
      expect(`${path} ${code}`).toBe(`${path} ${path === "DOCS" ? "not_found" : "not_allowed"}`);
    }
    expect((await readdir(context.root)).sort()).toEqual(["docs", "work"]);
  });

  test("a folder that has the trash in it stays", async () => {
    context.roots = [home];
    await expect(moveToTrash(context, ".local", system)).rejects.toMatchObject({ code: "not_found" });
    await writeFile(join(home, "a"), "a");
    await moveToTrash(context, "a", system);
    await expect(moveToTrash(context, ".local", system)).rejects.toMatchObject({ code: "not_allowed" });
    expect(await isThere(inTrash("files/a"))).toBe(true);
  });

  test("what does not exist is not found, and leaves no note", async () => {
    await expect(moveToTrash(context, "gone", system)).rejects.toMatchObject({ code: "not_found" });
    expect(await isThere(inTrash("info/gone.trashinfo"))).toBe(false);
  });
});
