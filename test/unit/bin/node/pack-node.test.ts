// The program of a Mac by itself: what it is made of, and that it runs where nothing else of the repository is.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { closureOf } from "../../../../bin/pack/closure.ts";
import { programEntries } from "../../../../bin/pack-node/entries.ts";
import { packageFaults, packNode } from "../../../../bin/pack-node/pack.ts";
import { NODE_FLAGS } from "../../../../mac-node/program/install/service.ts";
import { environment } from "../../../support/environment.ts";

const ROOT = join(import.meta.dirname, "../../../..");
const closure = closureOf(ROOT, programEntries(ROOT));
const packageOf = (path: string) => JSON.parse(readFileSync(join(ROOT, path), "utf8"));

let base = "";
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "macjarvis-pack-"));
});
afterEach(() => rmSync(base, { recursive: true }));

describe("what a Mac's program is made of", () => {
  test("is found: its commands, its tools, and what they import when they are asked", () => {
    expect(closure.files).toEqual(
      expect.arrayContaining([
        "bin/node/commands/join.ts",
        "lib/tools/import-once.ts",
        "mac-node/calls/calls.ts",
        "plugins/tools/developer/execute-shell-command.ts",
      ]),
    );
  });

  test("is no database, no gateway, no model and no service of the core", () => {
    const foreign =
      /^(pg|ioredis|mongodb|moleculer-(web|db.*)|kysely|openai|@anthropic-ai\/.*|@aws-sdk\/.*|@opentelemetry\/.*|bcryptjs|jsonwebtoken|mingo|piscina)$/;
    expect(closure.packages.filter((name) => foreign.test(name))).toEqual([]);
    expect(
      closure.files.filter(
        (file) =>
          /^(services|web|plugins\/models|lib\/(embedded|cluster)|bin\/(start|chat|cluster)\b)/.test(file) &&
          // The connection to NATS is the same on every bus.
          !/^lib\/cluster\/(nats\/(open-nats|nats-address|nats-errors)|within)\.ts$/.test(file),
      ),
    ).toEqual([]);
  });

  test("is what mac-node/package.json names, in the versions of the repository", () => {
    const [whole, own] = [packageOf("package.json"), packageOf("mac-node/package.json")];
    expect(packageFaults(closure, whole, own)).toEqual([]);
    const without = { ...own, dependencies: { ...own.dependencies, zod: "1.0.0", pg: "8.0.0" } };
    expect(packageFaults(closure, whole, without)).toEqual([
      `  "zod" has to be "${whole.dependencies.zod}"`,
      '  "pg" is not imported',
    ]);
  });
});

test("the package runs by itself: its commands under their own name, and every tool", () => {
  const out = join(base, "package");
  packNode(ROOT, out);
  for (const name of closure.packages) {
    const link = join(out, "node_modules", name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(ROOT, "node_modules", name), link);
  }
  const env = environment({ HOME: base, MACJARVIS_NODE_HOME: join(base, "home") });
  const run = (...args: string[]) =>
    execFileSync(process.execPath, args, { cwd: base, env, encoding: "utf8" });
  const program = join(out, "bin/node.js");
  expect(run(program, "--help")).toMatch(/^macjarvis-node <command>/);
  expect(run(program, "--version")).toBe(`${packageOf("package.json").version}\n`);
  expect(JSON.parse(run(program, "status", "--json"))).toMatchObject({ paired: null });
  const loader = pathToFileURL(join(out, "lib/tools/tool-plugins.js")).href;
  const started = readFileSync(program, "utf8").split("\n", 1)[0];
  expect(started).toBe(`#!/usr/bin/env -S node ${NODE_FLAGS.join(" ")}`);
  expect(packageOf("package.json").scripts.node).toContain(` node ${NODE_FLAGS.join(" ")} `);
  const script = `const { findTools, loadTools } = await import(${JSON.stringify(loader)});
    const sources = { pluginFolder: ${JSON.stringify(join(base, "plugins"))} };
    const { tools, bad } = await findTools(sources);
    await Promise.all(tools.map((tool) => tool.load()));
    const all = await loadTools(sources);
    console.log(JSON.stringify([tools.map(({ described }) => described.name), bad, all.tools.map(({ name }) => name)]));`;
  // One of the user's own is tried in a thread, which has a file of its own.
  mkdirSync(join(base, "plugins"));
  writeFileSync(
    join(base, "plugins/hello.mjs"),
    'export default { name: "hello", description: "Says hello.", risk: "read", runsOn: "node", parameters: { type: "object" }, execute: async () => ({ ok: true }) };',
  );
  writeFileSync(join(base, "load.mjs"), script);
  const [names, bad, all] = JSON.parse(run(join(base, "load.mjs")));
  expect(bad).toEqual([]);
  expect(all).toEqual(names);
  expect(names).toEqual(expect.arrayContaining(["read_file", "execute_shell_command", "hello"]));
  // Again into the same folder, and never into somebody's.
  expect(() => packNode(ROOT, out)).not.toThrow();
  expect(() => packNode(ROOT, base)).toThrow("something else in it");
});
