// docs/request-path.md leads newcomers from file to file: each one it names is there.
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { CATALOGUE } from "../../../lib/errors.ts";

const page = readFileSync("docs/request-path.md", "utf8");

test("every file that docs/request-path.md names exists", () => {
  const files = ["bin", "lib", "services", "mac-node", "plugins"].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => `/${folder}/${name}`),
  );
  const named = [...page.matchAll(/[\w/-]+\.ts\b/g)].map(([name]) => name);
  expect(named.length).toBeGreaterThan(40);
  // `moleculer.config.ts` and `x.service.ts` have a dot in their names and are no paths of these folders.
  const missing = named.filter(
    (name) => !["config.ts", "service.ts"].includes(name) && !files.some((file) => file.endsWith(`/${name}`)),
  );
  expect(missing).toEqual([]);
});

test("every exit that it names is an error of the catalogue", () => {
  const exits = [...page.matchAll(/\b[a-z]+(?:_[a-z]+)+\b(?= ·|$)|(?<=· )[a-z]+(?:_[a-z]+)+\b/gm)].map(
    ([name]) => name,
  );
  expect(exits.length).toBeGreaterThan(30);
  expect(exits.filter((name) => !Object.hasOwn(CATALOGUE, name))).toEqual([]);
});
