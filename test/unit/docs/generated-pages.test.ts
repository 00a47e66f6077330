import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { configPage, errorsPage } from "../../../bin/docs/pages.ts";

test("docs/config.md is what the schema of the environment says", () => {
  expect(readFileSync("docs/config.md", "utf8")).toBe(configPage());
});

test("docs/errors.md is what the catalogue of errors says", () => {
  expect(readFileSync("docs/errors.md", "utf8")).toBe(errorsPage());
});
