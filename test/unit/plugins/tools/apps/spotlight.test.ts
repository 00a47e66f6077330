// spotlight_search: what mdfind prints, and a search by names; hidden places stay hidden in both.
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { parsePaths } from "../../../../../plugins/tools/apps/spotlight/mdfind.ts";
import { searchFiles } from "../../../../../plugins/tools/apps/spotlight/search.ts";
import spotlightSearch from "../../../../../plugins/tools/apps/spotlight-search.ts";
import { type TestContext, toolContext } from "../../../../support/tool-context.ts";
import { onMac } from "./mac-commands.ts";

let context: TestContext;
beforeEach(async () => {
  context = await toolContext(["secret"]);
  for (const path of ["a/Tax Report 2025.pdf", "a/REPORT-tax.txt", "a/report.txt", "secret/tax report.txt"]) {
    await mkdir(dirname(join(context.root, path)), { recursive: true });
    await writeFile(join(context.root, path), "x");
  }
  await symlink(join(context.root, "secret/tax report.txt"), join(context.root, "a/tax report link.txt"));
});
afterEach(() => context.remove());

const at = (path: string) => join(context.root, path);
const pathsOf = ({ results }: { results: { path: string }[] }) => results.map(({ path }) => path);
const mdfind = (paths: string[], more: object = {}) =>
  onMac(context, {
    "/usr/bin/mdfind": () => ({ stdout: paths.map((path) => `${path}\0`).join(""), ...more }),
  });

describe("on macOS", () => {
  test("G26 words are interpreted, an expression is literal, each as one argument within a root", async () => {
    const mac = mdfind([]);
    await searchFiles(mac, { query: "tax $(reboot)", limit: 5 }, "darwin");
    await searchFiles(mac, { query: '(kMDItemContentType == "com.adobe.pdf")', limit: 5 }, "darwin");
    expect(mac.ran.map(({ argv }) => argv)).toEqual([
      ["/usr/bin/mdfind", "-0", "-onlyin", context.root, "-interpret", "tax $(reboot)"],
      [
        "/usr/bin/mdfind",
        "-0",
        "-onlyin",
        context.root,
        "-literal",
        '(kMDItemContentType == "com.adobe.pdf")',
      ],
    ]);
  });

  test("G27 gives what is there and may be seen: nothing hidden, nothing outside, nothing through a link", async () => {
    const given = [
      "a/report.txt",
      "secret/tax report.txt",
      "a/tax report link.txt",
      "gone.txt",
      "a/report.txt",
    ].map(at);
    const found = await searchFiles(mdfind([...given, "/etc/passwd"]), { query: "x", limit: 50 }, "darwin");
    expect(found).toEqual({
      results: [{ path: at("a/report.txt"), type: "file", size_bytes: 1, modified: expect.any(String) }],
      truncated: false,
    });
  });

  test("keeps to the limit and says that there are more", async () => {
    const found = await searchFiles(
      mdfind(["a/report.txt", "a"].map(at)),
      { query: "x", limit: 1 },
      "darwin",
    );
    expect([pathsOf(found), found.truncated]).toEqual([[at("a/report.txt")], true]);
  });

  test("passes over the place where the middle of a long list was left out", () => {
    expect(parsePaths("/a\0/b/c\n… 900000 bytes left out …\nd/e\0/f\n/g\0")).toEqual(["/a", "/f\n/g"]);
  });

  test("says when Spotlight does not understand", async () => {
    const mac = mdfind([], { stdout: "Failed to create query for 'kMDItem =='.\n", exit_code: 1 });
    await expect(searchFiles(mac, { query: "kMDItem ==", limit: 1 }, "darwin")).rejects.toMatchObject({
      code: "invalid_query",
    });
  });
});

describe("elsewhere", () => {
  test("names with all the words are found in any case, hidden ones not", async () => {
    const found = await searchFiles(context, { query: "report TAX", limit: 50 }, "linux");
    expect(pathsOf(found).toSorted()).toEqual([at("a/REPORT-tax.txt"), at("a/Tax Report 2025.pdf")]);
  });

  test("G27 a link to a hidden place is found by nobody", async () => {
    const found = await searchFiles(context, { query: "link", limit: 50 }, "linux");
    expect(found.results).toEqual([]);
  });

  test("the limit holds and is said", async () => {
    const found = await searchFiles(context, { query: "report", limit: 2 }, "linux");
    expect([found.results.length, found.truncated]).toEqual([2, true]);
  });

  test("letters are the same however their accents are written", async () => {
    await writeFile(at("a/Übung.txt".normalize("NFD")), "");
    expect((await searchFiles(context, { query: "übung", limit: 5 }, "linux")).results).toHaveLength(1);
  });

  test("ends with the call", async () => {
    context.abort();
    expect(await spotlightSearch.execute({ query: "report", limit: 5 }, context)).toMatchObject({
      ok: false,
      error: { code: "cancelled" },
    });
  });
});

test("has bounds, and no query that could be an option", () => {
  const { parameters } = spotlightSearch;
  expect(parameters.parse({ query: " tax " })).toEqual({ query: "tax", limit: 50 });
  for (const args of [
    {},
    { query: "" },
    { query: "-live" },
    { query: " -count x" },
    { query: "a", limit: 201 },
    { query: "a", x: 1 },
  ])
    expect(parameters.safeParse(args).success).toBe(false);
});
