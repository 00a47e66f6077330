import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { FileFreezer, freeze, frozenSince, thaw } from "../../../../mac-node/program/freeze.ts";
import { waitFor } from "../../../support/wait-for.ts";

let folder = "";
let path = "";
let freezer: FileFreezer | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "macjarvis-freeze-"));
  path = join(folder, "frozen");
});
afterEach(() => {
  freezer?.stop();
  rmSync(folder, { recursive: true });
});

test("whoever serves hears of each freezing, and sees it at once", async () => {
  freezer = new FileFreezer(path);
  let heard = 0;
  const quiet = freezer.onFreeze(() => {
    heard += 1;
  });
  expect(freezer.isFrozen()).toBe(false);
  expect(freeze(path)).toBe(true);
  expect(freezer.isFrozen()).toBe(true);
  await waitFor("it is heard", () => heard === 1);
  expect(freeze(path)).toBe(false);
  expect(thaw(path)).toBe(true);
  expect(thaw(path)).toBe(false);
  // Also one that follows at once, between two looks.
  freeze(path);
  await waitFor("it is heard again", () => heard === 2);
  quiet();
});

test("one that was frozen before it was looked at is frozen, and tells nothing new", async () => {
  freeze(path, new Date("2026-01-01T00:00:00Z"));
  freezer = new FileFreezer(path);
  let heard = 0;
  freezer.onFreeze(() => {
    heard += 1;
  });
  expect(freezer.isFrozen()).toBe(true);
  expect(frozenSince(path)).toEqual(new Date("2026-01-01T00:00:00Z"));
  thaw(path);
  expect(frozenSince(path)).toBeUndefined();
  expect(heard).toBe(0);
});
