import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "@jest/globals";

const strays = pathToFileURL(join(import.meta.dirname, "../../../../lib/tools/strays.ts")).href;

/** The exit code of a process that does this after `catchStrays`. */
function exitCodeOf(script: string): number | null {
  const whole = `import { catchStrays } from ${JSON.stringify(strays)}; catchStrays(); ${script}`;
  return spawnSync(process.execPath, ["--input-type=module", "-e", whole], { stdio: "ignore" }).status;
}

test.each([
  ["process.exitCode = 3; process.exit();", 3],
  ["process.exitCode = 3; process.exit(4);", 4],
  ["process.exit();", 0],
  ["process.exitCode = 3;", 3],
])("a program that catches strays ends with its own exit code: %s", (script, code) => {
  expect(exitCodeOf(script)).toBe(code);
});
