// A page or a comment that names a file leads somebody there: the file exists.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "@jest/globals";

const SKIPPED = new Set(["node_modules", ".git"]);
/** Names that stand for others, or are made later: placeholders, files of a data folder, other projects' files. */
const EXAMPLES = new Set(["services/x.service.ts", "x.service.ts", "word-count.ts", "a/b.ts"]);

const files = filesBelow(".");
const names = new Set(files.map((file) => file.split("/").at(-1)));

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (SKIPPED.has(entry.name)) return [];
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}

const isThere = (name: string) =>
  EXAMPLES.has(name) ||
  (name.includes("/") ? files.some((file) => `/${file}`.endsWith(`/${name}`)) : names.has(name));

// What was true when it was written stays in the log of changes.
const pages = files.filter((file) => file.endsWith(".md") && file !== "CHANGELOG.md");

describe("the pages", () => {
  test("are those that this test knows how to find", () => {
    expect(pages).toEqual(expect.arrayContaining(["README.md", "CONTRIBUTING.md", "docs/request-path.md"]));
  });

  test.each(pages)("every link of %s leads to a file", (page) => {
    const links = [...readFileSync(page, "utf8").matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map(
      ([, to = ""]) => to,
    );
    expect(links.filter((to) => !/^https?:/.test(to) && !existsSync(join(dirname(page), to)))).toEqual([]);
  });

  test.each(pages)("every file that %s names is there", (page) => {
    const code = [...readFileSync(page, "utf8").matchAll(/`([^`\n]+)`/g)].flatMap(([, words = ""]) =>
      words.split(/[\s,]+/),
    );
    const named = code.filter((word) => /^[\w.-]+(?:\/[\w.-]+)*\.(?:ts|cjs|mjs|md)$/.test(word));
    expect(named.filter((name) => !isThere(name))).toEqual([]);
  });
});

test("every file that a comment of the code names is there", () => {
  const missing = files
    .filter((file) => /^(?:bin|contracts|lib|mac-node|mixins|plugins|services)\/.*\.ts$/.test(file))
    .flatMap((file) =>
      readFileSync(file, "utf8")
        .split("\n")
        .filter((line) => /^\s*(?:\/\/|\/?\*)/.test(line))
        .flatMap((line) => [...line.matchAll(/[\w.-]+(?:\/[\w.-]+)*\.(?:ts|md)\b/g)].map(([name]) => name))
        .filter((name) => !isThere(name))
        .map((name) => `${file}: ${name}`),
    );
  expect(missing).toEqual([]);
});
