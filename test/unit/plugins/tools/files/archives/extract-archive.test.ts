// extract_archive: what honest archives give, and what no archive may do.
import { execFileSync } from "node:child_process";
import {
  lstat,
  symlink as makeLink,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  realpath,
  rm,
  stat,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import iconv from "iconv-lite";
import type { ExtractedArchive } from "../../../../../../plugins/tools/files/archives/extract-archive-to.ts";
import { makeRecord } from "../../../../../../plugins/tools/files/archives/tar/tar-header.ts";
import extractArchive from "../../../../../../plugins/tools/files/extract-archive.ts";
import { noSmallDisk, SmallDisk } from "../../../../../support/small-disk.ts";
import { type TestContext, toolContext } from "../../../../../support/tool-context.ts";
import { testUnless, without } from "../../../../../support/unless.ts";
import { runTool } from "../run-tool.ts";
import { file, folder, gzipped, symlink, TAR_END, tarEntry, tarGzOf, tarOf, zipOf } from "./made-archives.ts";

const noZip = without("zip", ["-v"], "no archive of another program can be made");

let context: TestContext;
let outside: string;
beforeEach(async () => {
  context = await toolContext(["secret"]);
  outside = await realpath(await mkdtemp(join(tmpdir(), "macjarvis-outside-")));
  await mkdir(inRoot("secret"));
});
afterEach(async () => {
  await context.remove();
  await rm(outside, { recursive: true });
});
const inRoot = (...names: string[]) => join(context.root, ...names);
const extract = (args: Record<string, unknown> = {}) =>
  runTool<ExtractedArchive>(extractArchive, { archive: "a", output: "out", ...args }, context);
async function extractOf(bytes: Buffer, args: Record<string, unknown> = {}) {
  await writeFile(inRoot("a"), bytes);
  return extract(args);
}
const listing = async (path: string) => (await readdir(inRoot(path), { recursive: true })).toSorted();
const isThere = (path: string) =>
  lstat(inRoot(path)).then(
    () => true,
    () => false,
  );
/** Of each format, the same entries. */
const formats = [
  ["zip", zipOf],
  ["tar.gz", tarGzOf],
  ["tar", tarOf],
] as const;

describe("honest archives", () => {
  test.each(formats)("%s: files, folders, links, modes and times arrive", async (format, make) => {
    const long = `${"long ".repeat(30)}/${"name".repeat(30)}`;
    const bytes = await make(
      folder("dir"),
      file("dir/größe 漢.txt", "text"),
      file("run.sh", "#!/bin/sh", 0o6755),
      symlink("dir/link", "../run.sh"),
      folder("empty"),
      file("large", Buffer.alloc(1_000_000, "large")),
      file(long, "x"),
      file("nothing", ""),
    );
    const { data } = await extractOf(bytes);
    expect(data).toEqual({
      ...{ archive: inRoot("a"), format, output: inRoot("out") },
      ...{ files: 5, folders: 2, links: 1, bytes: 1_000_014, left_out: [], left_out_count: 0 },
    });
    expect(await readFile(inRoot("out/dir/größe 漢.txt"), "utf8")).toBe("text");
    expect((await readFile(inRoot("out/large"))).equals(Buffer.alloc(1_000_000, "large"))).toBe(true);
    expect(await readFile(inRoot("out", long), "utf8")).toBe("x");
    expect(await readlink(inRoot("out/dir/link"))).toBe("../run.sh");
    const { mode, mtime } = await stat(inRoot("out/run.sh"));
    expect([mode & 0o7777, mtime.toISOString()]).toEqual([
      0o755 & ~process.umask(),
      "2024-02-03T04:05:06.000Z",
    ]);
    expect((await readdir(context.root)).toSorted()).toEqual(["a", "out", "secret"]);
  });

  testUnless(noZip)("those of zip and tar, and an empty one", async () => {
    await mkdir(inRoot("src/deep"), { recursive: true });
    await writeFile(inRoot("src/deep/a.txt"), "a".repeat(5_000));
    await makeLink("deep/a.txt", inRoot("src/link"));
    await makeLink("deep", inRoot(`src/${"l".repeat(150)}`));
    const long = `${"d".repeat(120)}/${"e".repeat(120)}`;
    await mkdir(inRoot("src", long), { recursive: true });
    await writeFile(inRoot("src", long, "f"), "f");
    const expected = await listing("src");
    const options = { cwd: inRoot("src") };
    execFileSync("zip", ["-qry", inRoot("by.zip"), "."], options);
    for (const form of ["gnu", "pax", "posix"])
      execFileSync("tar", ["-czf", inRoot(`${form}.tgz`), `--format=${form}`, "."], options);
    for (const name of ["by.zip", "gnu.tgz", "pax.tgz", "posix.tgz"]) {
      expect((await extract({ archive: name, output: `out-${name}` })).data).toMatchObject({
        files: 2,
        links: 2,
        left_out: [],
      });
      expect(await listing(`out-${name}`)).toEqual(expected);
    }
    expect((await extractOf(await zipOf())).data).toMatchObject({ files: 0 });
  });

  test("into a folder that has something in it already: put beside, and together with folders of the same name", async () => {
    await mkdir(inRoot("out/dir"), { recursive: true });
    await writeFile(inRoot("out/dir/old"), "old");
    expect((await extractOf(await zipOf(folder("dir"), file("dir/new", "new"), file("top")))).ok).toBe(true);
    expect(await listing("out")).toEqual(["dir", "dir/new", "dir/old", "top"]);
    await mkdir(inRoot("in-root"));
    context.roots = [inRoot("in-root"), context.root];
    expect((await extract({ archive: inRoot("a"), output: "." })).data).toMatchObject({ files: 2 });
    expect(await listing("in-root")).toEqual(["dir", "dir/new", "top"]);
  });

  test("names in the encoding of a Chinese Windows, and backslashes of an old one", async () => {
    const name = "中文文件夹/重要的文件说明.txt";
    const gbk = iconv.encode(name, "gbk");
    const zip = await zipOf(file("x".repeat(gbk.length)), file("win\\dir\\a.txt"));
    const placeholder = Buffer.from("x".repeat(gbk.length));
    for (let at = zip.indexOf(placeholder); at !== -1; at = zip.indexOf(placeholder)) gbk.copy(zip, at);
    await extractOf(zip);
    expect(await listing("out")).toEqual(["win", "win/dir", "win/dir/a.txt", "中文文件夹", name].toSorted());
  });
});

describe("G27 archives that mean harm", () => {
  const evil = [
    "../evil",
    "a/../../evil",
    "/evil",
    "//evil",
    "C:\\evil",
    "C:/evil",
    "..\\evil",
    "a\\..\\..\\evil",
    "..",
    "a/..",
  ];
  test.each(evil.flatMap((path) => formats.map(([format, make]) => [path, format, make] as const)))(
    "%j in %s is refused, and nothing is extracted",
    async (path, _format, make) => {
      const result = await extractOf(await make(file("fine"), file(path, "EVIL")));
      expect([result.code, result.message]).toEqual([
        "bad_archive",
        expect.stringContaining("outside of the folder"),
      ]);
      expect((await readdir(context.root)).toSorted()).toEqual(["a", "secret"]);
    },
  );

  test.each(formats)(
    "%s: links that lead out are left out, and nothing is written through a link",
    async (_format, make) => {
      const leads = [
        "/etc/passwd",
        "..",
        "../x",
        "a/../../x",
        "s/../..",
        "../secret/key",
        "C:\\x",
        "..\\x",
        "",
      ];
      const bytes = await make(
        ...leads.map((target, n) => symlink(`link${n}`, target)),
        symlink("d/in", "../fine"),
        file("fine"),
      );
      const { data } = await extractOf(bytes);
      expect(data.left_out.map(({ path }) => path)).toEqual(leads.map((_, n) => `link${n}`));
      expect(await listing("out")).toEqual(["d", "d/in", "fine"]);
      await writeFile(inRoot("a"), await make(symlink("way", "d"), file("way/evil")));
      expect((await extract({ output: "second" })).code).toBe("bad_archive");
      await writeFile(inRoot("a"), await make(symlink("way", outside), file("way/evil")));
      expect((await extract({ output: "third" })).ok).toBe(true);
      expect([await listing("third"), await readdir(outside)]).toEqual([["way", "way/evil"], []]);
    },
  );

  test("a chain of links that each stay inside leads nowhere else", async () => {
    const { data } = await extractOf(
      await tarOf(
        symlink("a/b/s", "../.."),
        symlink("t", "a/b/s/../.."),
        symlink("a/u", "b/s/../../../x"),
        file("x"),
      ),
    );
    expect(data.left_out.map(({ path }) => path)).toEqual(["t", "a/u"]);
    expect(await realpath(inRoot("out/a/b/s"))).toBe(inRoot("out"));
  });

  test("hard links, devices, FIFOs and sparse files are left out, and said to be", async () => {
    const tar = Buffer.concat([
      tarEntry("hard", "1", "/etc/passwd"),
      tarEntry("device", "3"),
      tarEntry("block", "4"),
      tarEntry("fifo", "6"),
      tarEntry("sparse", "S"),
      tarEntry("volume", "V"),
      await tarOf(file("fine")),
    ]);
    const { data } = await extractOf(await gzipped(tar));
    expect(data.left_out).toMatchObject([
      { path: "hard", why: "hard link" },
      { path: "device", why: "device" },
      { path: "block", why: "device" },
      { path: "fifo", why: "FIFO" },
      { path: "sparse", why: "sparse file" },
      { path: "volume", why: expect.stringContaining('"V"') },
    ]);
    expect(await listing("out")).toEqual(["fine"]);
  });

  test.each([
    ["twice", [file("a"), file("a")]],
    ["in another case", [file("Read.me"), file("READ.ME")]],
    ["with accents composed otherwise", [file("é".normalize("NFC")), file("é".normalize("NFD"))]],
    ["with a character that is not seen", [file("ab"), file("a\u200cb")]],
    ["as a folder and a file", [folder("a"), file("a")]],
    ["as a file with something in it", [file("a"), file("a/b")]],
    ["as folders in two spellings", [file("a/x"), file("A/y")]],
  ])("a name %s is refused", async (_words, entries) => {
    for (const [, make] of formats) {
      expect((await extractOf(await make(...entries))).code).toBe("bad_archive");
      expect(await isThere("out")).toBe(false);
    }
  });

  test("what would run by itself there, or lies in a protected place, is left out, also when nobody was asked", async () => {
    context.home = context.root;
    const entries = [".git/hooks/post-checkout", "sub/.envrc", ".vscode/tasks.json", "code.ts"].map((path) =>
      file(path),
    );
    const { data } = await extractOf(await zipOf(...entries));
    expect(data.left_out.map(({ path }) => path)).toEqual([
      ".git/hooks/post-checkout",
      "sub/.envrc",
      ".vscode/tasks.json",
    ]);
    expect(await listing("out")).toEqual(["code.ts"]);
    expect((await extractOf(await zipOf(file("x")), { output: "bin" })).code).toBe("approval_required");
    expect((await extractOf(await zipOf(file("x")), { output: "work/.git" })).code).toBe("not_found");
    await mkdir(inRoot("whole/secret"), { recursive: true });
    context.hidden = [inRoot("whole/secret")];
    expect(
      (await extractOf(await zipOf(file("secret/x"), file("y")), { output: "whole" })).data.left_out,
    ).toEqual([{ path: "secret/x", why: "a protected place" }]);
  });

  test("an output outside, hidden, a file, or the archive in a hidden place is refused", async () => {
    await writeFile(inRoot("secret/z"), await zipOf(file("x")));
    await makeLink(outside, inRoot("out-link"));
    for (const [args, code] of [
      [{ output: "../x" }, "not_allowed"],
      [{ output: "secret/x" }, "not_allowed"],
      [{ output: "SECRET" }, "not_allowed"],
      [{ output: "out-link" }, "not_allowed"],
      [{ output: "out-link/x" }, "not_allowed"],
      [{ output: "a" }, "not_a_directory"],
      [{ output: "gone/x" }, "not_found"],
      [{ archive: "secret/z" }, "not_allowed"],
      [{ archive: "gone" }, "not_found"],
      [{ archive: "." }, "not_allowed"],
    ] as const)
      expect([args, (await extractOf(await zipOf(file("x")), args)).code]).toEqual([args, code]);
    expect(await readdir(outside)).toEqual([]);
  });

  test("bombs are refused before anything is written", async () => {
    const zeros = Buffer.alloc(68 * 1_048_576);
    for (const make of [zipOf, tarGzOf]) {
      const result = await extractOf(await make(file("zeros", zeros)));
      expect([result.code, result.message]).toEqual(["too_large", expect.stringContaining("200 times")]);
    }
    const huge = Buffer.concat([makeSize("99999999999999"), tarEntry("huge", "0"), TAR_END]);
    expect((await extractOf(huge)).code).toBe("too_large");
    const many = Array.from({ length: 50_001 }, (_, n) => tarEntry(`${n}`, "5"));
    expect((await extractOf(await gzipped(Buffer.concat([...many, TAR_END])))).code).toBe("too_large");
    expect(await isThere("out")).toBe(false);
  });

  test("a zip that says a file is smaller than it is, or has a wrong checksum, leaves nothing", async () => {
    for (const [at, to] of [
      [24, 3],
      [16, 1],
    ] as const) {
      const zip = await zipOf(file("fine"), file("lies", "longer than three"));
      const central = zip.lastIndexOf(Buffer.from("PK\x01\x02"));
      zip.writeUInt32LE(to, central + at);
      expect((await extractOf(zip)).code).toBe("bad_archive");
      expect(await readdir(context.root)).not.toContain("out");
    }
    expect((await readdir(context.root)).toSorted()).toEqual(["a", "secret"]);
  });

  test.each(formats)(
    "%s: cut off anywhere, or damaged anywhere, it ends in a problem or in what it says",
    async (_format, make) => {
      const whole = await make(
        folder("d"),
        file("d/one", "one".repeat(500)),
        symlink("l", "d/one"),
        file("two", "2"),
      );
      for (let length = 0; length < whole.length; length += Math.ceil(whole.length / 40)) {
        const result = await extractOf(whole.subarray(0, length), { output: `cut${length}` });
        if (!result.ok) expect(["bad_archive"]).toContain(result.code);
        const damaged = Buffer.from(whole);
        damaged[length] = (damaged[length] ?? 0) ^ 0xff;
        const other = await extractOf(damaged, { output: `damaged${length}` });
        if (!other.ok) expect(["bad_archive", "too_large"]).toContain(other.code);
      }
      expect((await readdir(context.root)).filter((name) => name.endsWith(".tmp"))).toEqual([]);
    },
  );

  test("a name or a header of megabytes is refused", async () => {
    for (const type of ["x", "L", "K", "g"])
      expect(
        (await extractOf(Buffer.concat([tarEntry("x", type, "", 10_000_000), Buffer.alloc(20_000)]))).code,
      ).toBe("bad_archive");
  });

  test("an archive that never comes to its end, or has names upon names, is refused", async () => {
    const behind = Buffer.concat([await tarOf(file("x")), Buffer.alloc(20 * 1_048_576)]);
    const upon = Buffer.concat(Array.from({ length: 30 }, () => tarEntry("x", "g")));
    for (const tar of [behind, upon, await tarOf(file("x/".repeat(3_000)))]) {
      expect((await extractOf(await gzipped(tar))).code).toBe("bad_archive");
      expect(await isThere("out")).toBe(false);
    }
    const deep = Array.from({ length: 500 }, (_, n) => file(`${n}${"/ab".repeat(70)}`));
    expect((await extractOf(await tarGzOf(...deep, file("fine")))).data).toMatchObject({
      files: 1,
      left_out_count: 500,
    });
  });

  test("a folder or a link that says it has content has none", async () => {
    const tar = Buffer.concat([
      tarEntry("dir", "5", "", 4_096),
      tarEntry("link", "2", "dir", 10),
      await tarOf(file("x")),
    ]);
    expect((await extractOf(tar)).data).toMatchObject({ files: 1, folders: 1, links: 1 });
  });

  test("what is no archive is told as that", async () => {
    expect((await extractOf(Buffer.from("hello"))).message).toContain("no zip, tar.gz or tar");
    expect((await extractOf(await gzipped(Buffer.from("only text, compressed. ".repeat(40))))).code).toBe(
      "bad_archive",
    );
    expect((await extractOf(Buffer.alloc(0))).code).toBe("bad_archive");
  });
});

describe("nothing half-left", () => {
  test("when something of it is there already, nothing is extracted", async () => {
    await mkdir(inRoot("out/dir"), { recursive: true });
    await writeFile(inRoot("out/dir/b"), "mine");
    const result = await extractOf(await zipOf(file("a"), file("dir/b", "theirs")));
    expect([result.code, result.message]).toEqual(["exists", expect.stringContaining(inRoot("out/dir/b"))]);
    expect([await listing("out"), await readFile(inRoot("out/dir/b"), "utf8")]).toEqual([
      ["dir", "dir/b"],
      "mine",
    ]);
    await rm(inRoot("out/dir"), { recursive: true });
    await makeLink(outside, inRoot("out/dir"));
    expect((await extract()).code).toBe("exists");
    expect(await readdir(outside)).toEqual([]);
  });

  test("a cancelled call leaves nothing", async () => {
    context.abort();
    expect((await extractOf(await zipOf(file("x")))).code).toBe("cancelled");
    expect((await readdir(context.root)).toSorted()).toEqual(["a", "secret"]);
  });

  testUnless(noSmallDisk)("a full volume leaves nothing", async () => {
    await mkdir(inRoot("full"));
    const disk = new SmallDisk(inRoot("full"), 2);
    try {
      const noise = Buffer.from(Array.from({ length: 3_000_000 }, (_, n) => (n * 7_919) % 251));
      await writeFile(inRoot("a"), await zipOf(file("first", "x"), file("noise", noise)));
      expect((await extract({ output: "full/out" })).code).toBe("no_space");
      expect((await extract({ output: "full" })).code).toBe("no_space");
      expect(await listing("full")).toEqual([]);
    } finally {
      disk.remove();
    }
  });

  test("two calls at once to one folder both come out whole, or one is refused", async () => {
    await writeFile(inRoot("a"), await zipOf(file("x", "one"), file("y", "one")));
    const results = await Promise.all([extract(), extract(), extract()]);
    expect(results.filter(({ ok }) => ok)).toHaveLength(1);
    expect(results.filter(({ code }) => code === "exists")).toHaveLength(2);
    expect(await listing("out")).toEqual(["x", "y"]);
  });
});

test("arguments out of bounds are refused", async () => {
  for (const args of [{ archive: "" }, { output: "" }, { overwrite: true }, { output: "x".repeat(4_097) }])
    await expect(extract(args)).rejects.toThrow();
});

/** A pax header that says how large the next entry is. */
function makeSize(size: string): Buffer {
  const body = makeRecord("size", size);
  return Buffer.concat([tarEntry("PaxHeader", "x", "", body.length), body, Buffer.alloc(512 - body.length)]);
}
