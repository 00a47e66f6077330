// Globs and expressions from a model: what fits, and that none of them takes more than linear time.
import { describe, expect, test } from "@jest/globals";
import picomatch from "picomatch";
import { globMatcher, lineMatcher } from "../../../../../../plugins/tools/files/workspace/linear-patterns.ts";

const PATHS = [
  "a.ts",
  "b.js",
  ".env",
  "src/a.ts",
  "src/deep/er/b.ts",
  "src/deep/.hidden/c.ts",
  "x/src/a.tsx",
  "node_modules/p/i.js",
  "we ird/na\nme.ts",
  "größe.ts",
  "a*b",
  "[x].ts",
];
const GLOBS = [
  "*.ts",
  "**/*.ts",
  "src/**",
  "src/**/*.ts",
  "src/*/er/*.ts",
  "*.{ts,js}",
  "?.ts",
  "[ab].*",
  "[^a].*",
  ".*",
  "**/.hidden/**",
  "*",
  "**",
  "a\\*b",
  "\\[x\\].ts",
  "gr??e.ts",
  "{src,x}/**/a.*",
];

describe("globs", () => {
  test.each(GLOBS)("%s fits the same paths as picomatch's own matcher", (glob) => {
    const own = globMatcher(glob);
    const options = { dot: true, noextglob: true, nonegate: true, basename: !glob.includes("/") };
    const paths = PATHS.filter((path) => !path.includes("\n"));
    const theirs = picomatch(glob, options);
    expect(paths.filter(own)).toEqual(paths.filter((path) => theirs(path)));
  });

  test("a name with a line break fits too", () => {
    expect(globMatcher("we ird/**")("we ird/na\nme.ts")).toBe(true);
    expect(globMatcher("*.ts")("we ird/na\nme.ts")).toBe(true);
  });

  test.each([
    ["*(1).txt", "report(1).txt"],
    ["report (1).pdf", "report (1).pdf"],
    ["*.(bak|old)", "a.(bak|old)"],
    ["a|b", "a|b"],
    ["a{b", "a{b"],
    ["a}b", "a}b"],
    ["a[b", "a[b"],
    ["a?(b)*", "ax(b)c"],
    ["@(a)", "@(a)"],
    ["+(a)", "+(a)"],
    ["\\(a\\)", "(a)"],
    ["[(]a[)]", "(a)"],
    ["{a (1),b}.txt", "a (1).txt"],
    ["[!b]*.txt", "a.txt"],
    ["[!a-c]x", "dx"],
    ["$a^b.txt", "$a^b.txt"],
  ])("%s fits the name %s", (glob, name) => {
    expect(globMatcher(glob)(name)).toBe(true);
    expect(globMatcher(glob)(`${name}.not`)).toBe(glob.endsWith("*"));
  });

  test.each([
    ["[!a]*.txt", "a.txt"],
    ["a|b", "a"],
    ["*.(bak|old)", "a.bak"],
    ["(a)", "a"],
  ])("%s does not fit the name %s", (glob, name) => {
    expect(globMatcher(glob)(name)).toBe(false);
  });

  test("a leading ./ or / means the folder that is searched", () => {
    expect(globMatcher("./src/*.ts")("src/a.ts")).toBe(true);
    expect(globMatcher("/src/*.ts")("src/a.ts")).toBe(true);
  });

  test("a glob that makes a backtracking matcher hang is linear here", () => {
    const fits = globMatcher(`${"*a".repeat(100)}*b/x`);
    expect(fits(`${"a".repeat(4_000)}/x`)).toBe(false);
  });
});

describe("expressions", () => {
  test("an expression that makes a backtracking matcher hang is linear here", () => {
    for (const expression of ["(a+)+[xy]$", "(a|a)*[xy]", "(a?){50}a{50}[xy]", "[ab]*a[ab]{200}[cd]"]) {
      expect(lineMatcher(expression)("a".repeat(20_000))).toBe(false);
    }
  });

  test("what RE2 cannot do is an invalid pattern, in words", () => {
    for (const expression of ["(?=a)", "(a)\\1", "(", "a{2000}", "((a{1000}){1000}){1000}"]) {
      expect(() => lineMatcher(expression)).toThrow(
        expect.objectContaining({ code: "invalid_pattern", message: expect.stringContaining(expression) }),
      );
    }
  });
});
