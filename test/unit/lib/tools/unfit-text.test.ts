import { expect, test } from "@jest/globals";
import { unfitText } from "../../../../lib/tools/unfit-text.ts";

test("a NUL and half of a character are found wherever they are in the arguments", () => {
  expect(unfitText({ command: "echo a\0b" })).toMatchObject({
    path: "command",
    message: expect.stringContaining("NUL"),
  });
  expect(unfitText({ a: [{ b: "x\ud83d" }] })).toMatchObject({
    path: "a.0.b",
    message: expect.stringContaining("half"),
  });
  expect(unfitText({ path: "x", exclude_dirs: ["a", "b\0"] })).toMatchObject({ path: "exclude_dirs.1" });
});

test("all other text is fit, and what is no text too", () => {
  expect(unfitText({ a: "tab\t\u0001 😀 日本", b: 1, c: null, d: true, e: [], f: {} })).toBeUndefined();
});
