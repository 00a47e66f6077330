import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";

const NUMBER = /\bG\d+\b/g;
/** Of the cluster: a call that comes after its deadline is refused by the node already. */
const NOT_BUILT = ["G24"];

function numbersIn(folder: string): Set<string> {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".ts"),
  );
  return new Set(names.flatMap((name) => readFileSync(`${folder}/${name}`, "utf8").match(NUMBER) ?? []));
}

test("docs/guarantees.md has every number that code carries, and each of them has a test", () => {
  const rows = [...readFileSync("docs/guarantees.md", "utf8").matchAll(/^\| (G\d+) \|/gm)].map(
    ([, number]) => number,
  );
  expect(new Set(rows).size).toBe(rows.length);
  const tested = numbersIn("test");
  expect(rows.filter((number) => !tested.has(number ?? ""))).toEqual([]);
  for (const folder of ["contracts", "lib", "services", "mac-node", "plugins", "bin", "test"]) {
    const unknown = [...numbersIn(folder)].filter(
      (number) => !rows.includes(number) && !NOT_BUILT.includes(number),
    );
    expect({ folder, unknown }).toEqual({ folder, unknown: [] });
  }
});
