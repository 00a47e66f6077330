import { describe, expect, test } from "@jest/globals";
import type { Grant } from "../../../../contracts/nodes.ts";
import { mayCall } from "../../../../lib/tools/may-call.ts";

const read = { name: "read_file", category: "files", risk: "read" } as const;
const run = { name: "execute_shell_command", category: "system", risk: "execute" } as const;
const allow = (more: Omit<Grant, "decision"> = {}): Grant => ({ decision: "allow", ...more });
const deny = (more: Omit<Grant, "decision"> = {}): Grant => ({ decision: "deny", ...more });

describe("what is shared of a Mac", () => {
  test("is nothing where nothing says so, and all of one's own", () => {
    expect(mayCall([], read)).toBe(false);
    expect(mayCall("all", run)).toBe(true);
    expect(mayCall([deny({ tools: ["write_file"] })], read)).toBe(false);
  });

  test.each<[string, Grant[], boolean, boolean]>([
    ["all of it", [allow()], true, true],
    ["a tool by its name", [allow({ tools: ["read_file"] })], true, false],
    ["a category", [allow({ categories: ["system"] })], false, true],
    ["risks", [allow({ risks: ["read", "write"] })], true, false],
    ["what fits all that a grant names", [allow({ tools: ["read_file"], risks: ["execute"] })], false, false],
    ["one or the other", [allow({ tools: ["read_file"] }), allow({ risks: ["execute"] })], true, true],
  ])("is %s", (_what, grants, reads, runs) => {
    expect([mayCall(grants, read), mayCall(grants, run)]).toEqual([reads, runs]);
  });

  test("is never what one grant denies, whatever others say and in whatever order", () => {
    const grants = [allow(), deny({ risks: ["execute"] }), allow({ tools: [run.name] })];
    for (const order of [grants, grants.toReversed()])
      expect([mayCall(order, read), mayCall(order, run)]).toEqual([true, false]);
  });
});
