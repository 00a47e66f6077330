// A start on a full disk, stopped by it at other tables, indexes and files than in test/flow/full-disk.test.ts.
import { test } from "@jest/globals";
import { expectWords, noFullDisk } from "../support/full-disk.ts";
import { describeUnless } from "../support/unless.ts";

describeUnless(noFullDisk)("G12 a start on a full disk", () => {
  test.each([1, 4_096, 12_288, 20_000, 28_672, 65_536, 70_000, 98_304])(
    "that lets no file grow beyond %i bytes ends in words that say so",
    expectWords,
  );
});
