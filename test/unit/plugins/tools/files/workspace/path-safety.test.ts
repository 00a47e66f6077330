// Attacks on the way to a file (G27), each through the functions that every file tool begins with.
import { execFileSync } from "node:child_process";
import { link, mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { boundaryOf } from "../../../../../../lib/files/boundary.ts";
import { problemOf } from "../../../../../../lib/files/file-problem.ts";
import { editText } from "../../../../../../plugins/tools/files/workspace/edit-text.ts";
import { makeFolder } from "../../../../../../plugins/tools/files/workspace/make-folder.ts";
import { openEntry, openFile } from "../../../../../../plugins/tools/files/workspace/open-file.ts";
import { openFolder } from "../../../../../../plugins/tools/files/workspace/open-place.ts";
import { readBytes } from "../../../../../../plugins/tools/files/workspace/read-bytes.ts";
import { writeAtomically } from "../../../../../../plugins/tools/files/workspace/write-atomically.ts";
import { type TestContext, toolContext } from "../../../../../support/tool-context.ts";

let context: TestContext;
let outside: string;
beforeEach(async () => {
  context = await toolContext(["private"]);
  outside = await realpath(await mkdtemp(join(tmpdir(), "macjarvis-outside-")));
  await mkdir(join(context.root, "private"));
  await writeFile(join(context.root, "private", "key"), "hidden secret");
  await writeFile(join(outside, "secret"), "outside secret");
  await writeFile(join(context.root, "plain.txt"), "plain");
});
afterEach(async () => {
  await context.remove();
  await rm(outside, { recursive: true });
});

const inRoot = (...names: string[]) => join(context.root, ...names);

async function read(path: string): Promise<string> {
  await using file = await openFile(context, path);
  return (await readBytes(file.handle, 0, 1_000)).toString();
}
const write = (path: string, overwrite = true) =>
  writeAtomically(context, path, { overwrite }, (handle) => handle.writeFile("written"));
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => "it worked",
    (error) => error.code,
  );

describe("what is allowed", () => {
  test("absolute paths, paths relative to the first root, and links that stay inside are read", async () => {
    await symlink("plain.txt", inRoot("link"));
    await symlink(context.root, inRoot("self"));
    for (const path of [
      inRoot("plain.txt"),
      "plain.txt",
      "./private/../plain.txt",
      "link",
      "self/self/link",
    ]) {
      expect(await read(path)).toBe("plain");
    }
  });

  test("a root that is itself a link works by its own name and by its real one", async () => {
    const alias = join(outside, "alias");
    await symlink(context.root, alias);
    context.roots = [alias];
    expect(await read(join(alias, "plain.txt"))).toBe("plain");
    expect(await read(inRoot("plain.txt"))).toBe("plain");
  });

  test("a link in the last place of a write leads to its target inside, and stays a link", async () => {
    await symlink("plain.txt", inRoot("link"));
    await write("link");
    expect(await readFile(inRoot("plain.txt"), "utf8")).toBe("written");
    expect(await realpath(inRoot("link"))).toBe(inRoot("plain.txt"));
  });

  test("links in a circle end with a problem", async () => {
    await symlink("b", inRoot("a"));
    await symlink("a", inRoot("b"));
    expect(await codeOf(read("a"))).toBe("not_found");
  });

  test("without any root that exists nothing is allowed, in words", async () => {
    context.roots = [join(outside, "gone")];
    await expect(read("plain.txt")).rejects.toMatchObject({ code: "not_allowed" });
  });
});

describe("outside of the roots", () => {
  test("G27 `..` does not lead out, whether the file exists or not", async () => {
    for (const path of [
      `${context.root}/../${outside.split("/").at(-1)}/secret`,
      "../x",
      "a/../../../etc/passwd",
    ]) {
      expect(await codeOf(read(path))).toBe("not_allowed");
      expect(await codeOf(write(path))).toBe("not_allowed");
      expect(await codeOf(makeFolder(context, path, true))).toBe("not_allowed");
    }
  });

  test("G27 a neighbour whose name begins like the root is outside", async () => {
    await mkdir(`${context.root}-more`);
    await writeFile(`${context.root}-more/x`, "x");
    expect(await codeOf(read(`${context.root}-more/x`))).toBe("not_allowed");
    await rm(`${context.root}-more`, { recursive: true });
  });

  test("G27 a link to a file outside is not followed, for reading, writing, appending and editing", async () => {
    await symlink(join(outside, "secret"), inRoot("link"));
    expect(await codeOf(read("link"))).toBe("not_allowed");
    expect(await codeOf(write("link"))).toBe("not_allowed");
    expect(await codeOf(openFile(context, "link", { mode: "append", create: true }))).toBe("not_allowed");
    const edit = { old_text: "outside", new_text: "", replace_all: false };
    expect(await codeOf(editText(context, "link", edit))).toBe("not_allowed");
    expect(await readFile(join(outside, "secret"), "utf8")).toBe("outside secret");
  });

  test("G27 a dangling link outwards tells nothing of what is outside and makes nothing there", async () => {
    await symlink(join(outside, "new"), inRoot("link"));
    expect(await codeOf(read("link"))).toBe("not_allowed");
    expect(await codeOf(write("link"))).toBe("not_allowed");
    expect(await codeOf(readFile(join(outside, "new")))).toBe("ENOENT");
  });

  test("G27 a link as a folder on the way does not lead out, also with `parents`", async () => {
    await symlink(outside, inRoot("folder"));
    await symlink("folder", inRoot("again"));
    for (const folder of ["folder", "again"]) {
      expect(await codeOf(read(`${folder}/secret`))).toBe("not_allowed");
      expect(await codeOf(write(`${folder}/new`))).toBe("not_allowed");
      expect(await codeOf(openFolder(context, folder))).toBe("not_allowed");
      expect(await codeOf(makeFolder(context, `${folder}/a/b`, true))).toBe("not_allowed");
    }
    expect(await codeOf(readFile(join(outside, "new")))).toBe("ENOENT");
  });

  test("G27 a hard link to an outside file is neither read nor written", async () => {
    await link(join(outside, "secret"), inRoot("hard"));
    expect(await codeOf(read("hard"))).toBe("not_allowed");
    expect(await codeOf(write("hard"))).toBe("not_allowed");
    expect(await codeOf(openFile(context, "hard", { mode: "append", create: false }))).toBe("not_allowed");
    expect(await readFile(join(outside, "secret"), "utf8")).toBe("outside secret");
  });
});

describe("files that are none", () => {
  test("G27 a FIFO is refused at once, and so is a link to it", async () => {
    execFileSync("mkfifo", [inRoot("fifo")]);
    await symlink("fifo", inRoot("link"));
    for (const name of ["fifo", "link"]) {
      expect(await codeOf(read(name))).toBe("not_a_file");
      expect(await codeOf(write(name))).toBe("not_a_file");
      expect(await codeOf(openFile(context, name, { mode: "append", create: true }))).toBe("not_a_file");
    }
  });

  test("G27 a FIFO or a link that takes the place of a file after it was looked at is not waited for", async () => {
    execFileSync("mkfifo", [inRoot("fifo")]);
    await symlink("plain.txt", inRoot("link"));
    const { boundary, directory: top } = await openFolder(context, ".");
    await using directory = top;
    expect(await codeOf(openEntry(boundary, directory, "fifo"))).toBe("not_a_file");
    expect(await codeOf(openEntry(boundary, directory, "link"))).toBe("ELOOP");
    expect(problemOf({ code: "ELOOP", syscall: "open" }, "link")).toMatchObject({ code: "changed" });
  });

  test("G27 /proc, /sys and /dev are refused even when the root is /", async () => {
    context.roots = ["/"];
    await symlink("/proc/self/environ", inRoot("environ"));
    await symlink("/dev", inRoot("devices"));
    const paths = [
      "/proc/self/environ",
      `/proc/self/root${inRoot("plain.txt")}`,
      "/sys/kernel/uevent_seqnum",
    ];
    for (const path of [...paths, "/dev/zero", "/dev/stdin", inRoot("environ"), inRoot("devices/zero")]) {
      expect(await codeOf(read(path))).toBe("not_allowed");
    }
    expect(await read(inRoot("plain.txt"))).toBe("plain");
  });

  test("a directory is not a file, and a file is no directory", async () => {
    await mkdir(inRoot("folder"));
    expect(await codeOf(read("folder"))).toBe("is_directory");
    expect(await codeOf(write("folder"))).toBe("is_directory");
    expect(await codeOf(read("plain.txt/x"))).toBe("not_a_directory");
    expect(await codeOf(openFolder(context, "plain.txt"))).toBe("not_a_directory");
  });
});

describe("hidden folders", () => {
  test("G27 a hidden folder is refused by every spelling that a volume could take for it", async () => {
    for (const spelling of ["private", "PRIVATE", "Private", "pri\u200cvate", "x/../private"]) {
      expect(await codeOf(read(`${spelling}/key`))).toBe("not_allowed");
      expect(await codeOf(write(`${spelling}/new`))).toBe("not_allowed");
      expect(await codeOf(openFolder(context, spelling))).toBe("not_allowed");
    }
  });

  test("G27 composed and decomposed Unicode, and German ß and SS, are the same hidden name", async () => {
    context.hidden = [inRoot("schlüssel"), inRoot("straße")];
    for (const spelling of [
      "schlüssel",
      "schlüssel".normalize("NFD"),
      "SCHLÜSSEL".normalize("NFD"),
      "STRASSE",
    ]) {
      await mkdir(inRoot(spelling)).catch(() => undefined);
      await writeFile(inRoot(spelling, "key"), "secret");
      expect(await codeOf(read(`${spelling}/key`))).toBe("not_allowed");
    }
  });

  test("G27 a hidden folder is refused through links to it and to a folder above it", async () => {
    await symlink("private", inRoot("link"));
    await symlink(".", inRoot("here"));
    await symlink("private/key", inRoot("key"));
    for (const path of ["link/key", "here/private/key", "key", "here/link/key"]) {
      expect(await codeOf(read(path))).toBe("not_allowed");
    }
  });

  test("G27 a hidden folder is known by its inode when it has got another name since", async () => {
    const boundary = await boundaryOf(context, "look");
    const { directory } = await openFolder({ ...context, hidden: [] }, "private");
    await using held = directory;
    expect(boundary.allows(inRoot("renamed"), held.stats)).toBe(false);
    expect(boundary.allows(inRoot("renamed"))).toBe(true);
  });

  test("G27 where a hidden path is a link, its target is hidden too", async () => {
    await mkdir(inRoot("vault"));
    await writeFile(inRoot("vault", "key"), "secret");
    await symlink("vault", inRoot("credentials"));
    context.hidden = [inRoot("credentials")];
    expect(await codeOf(read("vault/key"))).toBe("not_allowed");
    expect(await codeOf(read("credentials/key"))).toBe("not_allowed");
  });

  test("G27 a hidden folder that does not exist yet cannot be made", async () => {
    context.hidden = [inRoot("later")];
    expect(await codeOf(makeFolder(context, "later", false))).toBe("not_allowed");
    expect(await codeOf(makeFolder(context, "LATER/a", true))).toBe("not_allowed");
    expect(await codeOf(write("later"))).toBe("not_allowed");
  });

  test("a refusal names the allowed folders and not the hidden ones", async () => {
    await expect(read("private/key")).rejects.toMatchObject({
      message: expect.stringContaining(`outside of the folders this machine allows: ${context.root}`),
    });
  });
});
