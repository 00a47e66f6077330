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

test("and names and depths that a Mac would not hear", () => {
  expect(unfitText(JSON.parse('{"a": [{"constructor": 1}]}'))).toMatchObject({ path: "a.0.constructor" });
  expect(unfitText(JSON.parse('{"__proto__": {}}'))).toMatchObject({ path: "__proto__" });
  let deep: unknown = 1;
  for (let level = 0; level < 20_000; level += 1) deep = [deep];
  expect(unfitText({ deep })).toMatchObject({ message: expect.stringContaining("more than 48") });
});

test("all other text is fit, and what is no text too", () => {
  expect(unfitText({ a: "tab\t\u0001 😀 日本", b: 1, c: null, d: true, e: [], f: {} })).toBeUndefined();
});
