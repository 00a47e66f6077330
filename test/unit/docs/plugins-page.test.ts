// The example of docs/plugins.md, taken from the page as a reader would, works as the page says.
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { loadTools } from "../../../lib/tools/tool-plugins.ts";
import { type TestContext, toolContext } from "../../support/tool-context.ts";

let folder = "";
let context: TestContext;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "macjarvis-page-"));
  context = await toolContext();
});
afterEach(async () => {
  await context.remove();
  await rm(folder, { recursive: true, force: true });
});

test("the plugin of docs/plugins.md is loaded and counts words", async () => {
  const page = await readFile(join(import.meta.dirname, "..", "..", "..", "docs", "plugins.md"), "utf8");
  const [, name = "", code = ""] = /^`([\w.-]+)`:\n\n```ts\n(.*?)^```$/ms.exec(page) ?? [];
  await writeFile(join(folder, name), code);
  const { tools, bad } = await loadTools({ pluginFolder: folder });
  expect(bad).toEqual([]);
  const tool = tools.find((each) => each.name === "word_count");
  const args = tool?.parameters.parse({ text: "one two\nthree\n" });
  expect(await tool?.execute(args, context)).toEqual({ ok: true, data: { lines: 2, words: 3 } });
  expect(tool?.parameters.safeParse({ text: "x", more: 1 }).success).toBe(false);
});
