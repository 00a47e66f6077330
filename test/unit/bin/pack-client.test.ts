// The client as a package: that it has its types and its code and nothing else of ours, where nothing else of the repository is.
import { execFileSync, spawnSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { packClient } from "../../../bin/pack-client/pack.ts";
import { environment } from "../../support/environment.ts";

const ROOT = join(import.meta.dirname, "../../..");
const TSC = join(ROOT, "node_modules/.bin/tsc");

let base = "";
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "macjarvis-pack-"));
});
afterEach(() => rmSync(base, { recursive: true }));

/** As npm would: the package in node_modules, with what it depends on beside it. */
function install(): string {
  const modules = join(base, "node_modules");
  const out = join(modules, "macjarvis");
  mkdirSync(modules);
  packClient(ROOT, out);
  const { dependencies } = JSON.parse(readFileSync(join(out, "package.json"), "utf8"));
  for (const name of Object.keys(dependencies)) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(join(ROOT, "node_modules", name), join(modules, name));
  }
  return out;
}

const program = (body: string) => `import { ApiError, Client, runStream } from "macjarvis/client";
const client = new Client({ url: "http://127.0.0.1:9", token: () => undefined });
${body}
`;

test("a program that has nothing but the package is checked against every route's types, strictly", () => {
  install();
  writeFileSync(
    join(base, "right.mts"),
    program(`const { sessions } = await client.call("GET /sessions", { limit: 10 });
export const title: string | undefined = sessions[0]?.title;
for await (const event of runStream(client, { body: { message: "Hello" } }))
  if (event.event === "content") title?.concat(event.data.text);
export const isOurs = (thrown: unknown) => thrown instanceof ApiError && thrown.code;`),
  );
  writeFileSync(
    join(base, "wrong.mts"),
    program(`await client.call("GET /nothing", {});
const { session } = await client.call("GET /sessions/{id}", {});
session.tittle;`),
  );
  const settings = ["--noEmit", "--strict", "--module", "nodenext", "--target", "es2023"];
  const check = (file: string) =>
    spawnSync(TSC, [...settings, "--skipLibCheck", "false", "--lib", "es2023,dom", "--types", "", file], {
      cwd: base,
      encoding: "utf8",
    }).stdout;
  expect(check("right.mts")).toBe("");
  expect([...check("wrong.mts").matchAll(/wrong\.mts\((\d+)/g)].map(([, line]) => line)).toEqual([
    "3",
    "4",
    "5",
  ]);
});

test("its code runs in plain JavaScript, and of the contracts it has the types alone", () => {
  const out = install();
  const files = readdirSync(out, { recursive: true, encoding: "utf8" });
  expect(files.filter((file) => /(?<!\.d)\.ts$/.test(file))).toEqual([]);
  expect(files.filter((file) => /^contracts.*\.js$/.test(file))).toEqual([]);
  writeFileSync(
    join(base, "run.mjs"),
    program(
      'console.log(await client.call("GET /sessions", {}).catch(({ name }) => name), typeof runStream);',
    ),
  );
  const env = environment({});
  expect(execFileSync(process.execPath, ["run.mjs"], { cwd: base, env, encoding: "utf8" })).toBe(
    "NotReached function\n",
  );
  expect(() => packClient(ROOT, out)).not.toThrow();
  expect(() => packClient(ROOT, base)).toThrow("something else in it");
});
