import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";

const NUMBER = /\bG\d+\b/g;
/** Of the cluster: a call that comes after its deadline is refused by the node already. */
const NOT_BUILT = ["G24"];

const textsIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => readFileSync(`${folder}/${name}`, "utf8"));

const numbersIn = (folder: string): Set<string> =>
  new Set(textsIn(folder).flatMap((text) => text.match(NUMBER) ?? []));

/** The name of a test or of a group of them, where it begins with a number; also of one with a table before it. */
const TITLE = /(?:\b(?:test|describe)(?:\.concurrent)?\(|[)`]\()\s*(["'`])(G\d+\b.*?)\1/gs;

/** Numbers in the names of tests that run: not in comments, which prove nothing, and not of tests that are skipped. */
function numbersOfTests(texts: string[]): Set<string> {
  const code = texts.map((text) => text.replaceAll(/^\s*(?:\/\*.*?\*\/|\/\/[^\n]*)/gms, ""));
  return new Set(
    code.flatMap((text) => [...text.matchAll(TITLE)].flatMap(([, , title]) => title?.match(NUMBER) ?? [])),
  );
}

test("a number counts where a test that runs has it in its name", () => {
  const numbers = numbersOfTests([
    'test("G1 one", () => {});',
    'describe(\n  "G2 and G3 a group", () => {});',
    'test.each([\n  ["a", (b: string) => b],\n])("G4 %s", () => {});',
    'test.each`a`("G5 $a", () => {});',
    '// test("G11 in a comment", () => {});\n/** G12 of which nothing is tested */',
    'test.skip("G13 skipped", () => {}); test.todo("G14 planned");',
    'expect(text).toBe("G15 in a value"); const words = ["G16"];',
  ]);
  expect([...numbers].toSorted()).toEqual(["G1", "G2", "G3", "G4", "G5"]);
});

test("docs/guarantees.md has every number that code carries, and each of them has a test", () => {
  const rows = [...readFileSync("docs/guarantees.md", "utf8").matchAll(/^\| (G\d+) \|/gm)].map(
    ([, number]) => number,
  );
  expect(new Set(rows).size).toBe(rows.length);
  const tested = numbersOfTests(
    ["unit", "flow", "chaos", "cluster", "edge"].flatMap((folder) => textsIn(`test/${folder}`)),
  );
  expect(rows.filter((number) => !tested.has(number ?? ""))).toEqual([]);
  for (const folder of ["contracts", "lib", "mixins", "services", "mac-node", "plugins", "bin", "test"]) {
    const unknown = [...numbersIn(folder)].filter(
      (number) => !rows.includes(number) && !NOT_BUILT.includes(number),
    );
    expect({ folder, unknown }).toEqual({ folder, unknown: [] });
  }
});
