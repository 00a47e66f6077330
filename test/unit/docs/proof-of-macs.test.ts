// docs/proof-of-macs.md names tests: each of them is there, under the name that it has there.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";

const ROOT = join(import.meta.dirname, "../../..");
const PAGE = readFileSync(join(ROOT, "docs/proof-of-macs.md"), "utf8");
const [TESTED = ""] = PAGE.split("## Not tested");
/** What stands in the last column. */
const NAMED = TESTED.split("\n")
  .filter((line) => line.startsWith("| ") && !line.startsWith("| what must hold"))
  .map((line) => line.split(" | ").at(-1) ?? "");

const isThere = (name: string) =>
  existsSync(join(ROOT, name)) ||
  ["edge", "flow", "unit"].some((kind) =>
    ["", ".test.ts"].some((end) => existsSync(join(ROOT, "test", kind, name.replace(/\/\*\*$/, "") + end))),
  );

test("each file that it names is there", () => {
  const files = NAMED.flatMap((words) => [...words.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name));
  expect(files.length).toBeGreaterThan(60);
  expect(files.filter((name) => !name.startsWith("EDGE_") && !isThere(name))).toEqual([]);
});

test("each test that it quotes has this name", () => {
  const all = ["edge", "flow", "unit/bin"]
    .flatMap((kind) => readdirSync(join(ROOT, "test", kind), { withFileTypes: true, recursive: true }))
    .filter((entry) => entry.name.endsWith(".test.ts"))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"))
    .join("\n");
  const quoted = NAMED.flatMap((words) => [...words.matchAll(/"([^"]+)"/g)].map(([, name = ""]) => name));
  expect(quoted.length).toBeGreaterThan(10);
  expect(quoted.filter((name) => !all.includes(`"${name.replace(/ ?…$/, "")}`))).toEqual([]);
});
