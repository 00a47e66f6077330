import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { catalogue } from "../../../bin/docs/catalogue.ts";
import { configPage, errorsPage } from "../../../bin/docs/pages.ts";
import { CATALOGUE_FILE } from "../../../lib/tools/catalogue.ts";

test("docs/config.md is what the schema of the environment says", () => {
  expect(readFileSync("docs/config.md", "utf8")).toBe(configPage());
});

test("docs/errors.md is what the catalogue of errors says", () => {
  expect(readFileSync("docs/errors.md", "utf8")).toBe(errorsPage());
});

test("the catalogue of tools is what the tools say of themselves", async () => {
  expect(readFileSync(CATALOGUE_FILE, "utf8")).toBe(await catalogue());
});
