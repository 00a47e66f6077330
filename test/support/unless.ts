// Tests that not every machine can do. Where one cannot, they are skipped under a name that ends with the reason; a test that is
// skipped without one fails the whole run (skipped-reporter.ts).
import { execFileSync } from "node:child_process";
import { describe, test } from "@jest/globals";

/** What a test needs and is not here, in words; undefined when nothing is missing. */
export type Obstacle = string | undefined;
type Named = (name: string, body: () => void | Promise<void>) => void;

/** `test`, or the same skipped because of the obstacle. */
export function testUnless(obstacle: Obstacle): Named {
  return (name, body) =>
    obstacle === undefined ? test(name, body) : test.skip(skippedName(name, obstacle), body);
}

/** `describe`, or the same with all that is in it skipped because of the obstacle. */
export function describeUnless(obstacle: Obstacle): (name: string, body: () => void) => void {
  return (name, body) =>
    obstacle === undefined ? describe(name, body) : describe.skip(skippedName(name, obstacle), body);
}

const skippedName = (name: string, obstacle: string) => `${name} (skipped: ${obstacle})`;

export const notOnLinux: Obstacle =
  process.platform === "linux" ? undefined : "only Linux has what is tested here";

export const notAsRoot: Obstacle =
  process.getuid?.() === 0 ? undefined : "only root can make what is tested here";

/** @param why what is not possible without it */
export function without(program: string, args: string[], why: string): Obstacle {
  try {
    execFileSync(program, args, { stdio: "ignore" });
    return undefined;
  } catch {
    return `there is no ${program} that works here, so ${why}`;
  }
}
