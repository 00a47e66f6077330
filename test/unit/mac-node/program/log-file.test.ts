import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { LogFile } from "../../../../mac-node/program/log-file.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "macjarvis-log-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("a file that has grown is put aside, and three are kept, the newest first", () => {
  for (let line = 0; line < 60; line += 1) new LogFile(folder, 20).write(`line ${line}\n`);
  expect(readdirSync(folder).toSorted()).toEqual(["node.log", "node.log.1", "node.log.2"]);
  expect(readFileSync(join(folder, "node.log"), "utf8")).toContain("line 59");
  expect(readFileSync(join(folder, "node.log.1"), "utf8")).not.toContain("line 59");
});

test("a disk that takes no line ends nothing", () => {
  const log = new LogFile(folder);
  rmSync(folder, { recursive: true });
  expect(() => log.write("lost\n")).not.toThrow();
});
