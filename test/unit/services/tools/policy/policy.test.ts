import { describe, expect, test } from "@jest/globals";
import type { PolicyRule } from "../../../../../contracts/policy.ts";
import { builtInSettings } from "../../../../../lib/settings/default-settings.ts";
import { decide, type Subject } from "../../../../../services/tools/policy/policy.ts";

const subject: Subject = {
  tool: "write_file",
  category: "files",
  risk: "write",
  node_id: "nod_1",
  session_id: "ses_1",
  args_hash: "a".repeat(64),
  bound_hash: null,
  host: null,
};
const DEFAULTS = builtInSettings().policy;
const decided = (rules: object[], over: Partial<Subject> = {}) => {
  const of = { ...subject, ...over };
  return decide(rules as PolicyRule[], of, DEFAULTS[of.risk]);
};

describe("what policy decides", () => {
  test("without rules what reads is allowed and all else is asked", () => {
    expect(decided([], { risk: "read" })).toBe("allow");
    expect(decided([])).toBe("ask");
    expect(decided([], { risk: "execute" })).toBe("ask");
  });

  test("deny wins over whatever is more specific", () => {
    const exact = { tool: "write_file", args_hash: "a".repeat(64), node_id: "nod_1", decision: "allow" };
    expect(decided([exact, { decision: "deny" }])).toBe("deny");
    expect(decided([exact, { risk: "write", decision: "deny" }])).toBe("deny");
    expect(decided([exact, { risk: "execute", decision: "deny" }])).toBe("allow");
  });

  test.each([
    [
      "exact arguments",
      { tool: "write_file", args_hash: "a".repeat(64) },
      { tool: "write_file", node_id: "nod_1" },
    ],
    ["the tool", { tool: "write_file" }, { category: "files", risk: "write", node_id: "nod_1" }],
    ["the node", { node_id: "nod_1" }, { category: "files", risk: "write" }],
    ["the category", { category: "files" }, { risk: "write" }],
    ["the risk", { risk: "write" }, {}],
  ])("%s narrows more", (_name, narrow, wide) => {
    const both = [
      { ...narrow, decision: "ask" },
      { ...wide, decision: "allow" },
    ];
    expect(decided(both)).toBe("ask");
    expect(decided(both.toReversed())).toBe("ask");
    const other = [
      { ...narrow, decision: "allow" },
      { ...wide, decision: "ask" },
    ];
    expect(decided(other)).toBe("allow");
  });

  test("between two rules as specific, whatever their order, it is asked", () => {
    const both = [
      { tool: "write_file", decision: "allow" },
      { tool: "write_file", decision: "ask" },
    ];
    expect(decided(both)).toBe("ask");
    expect(decided(both.toReversed())).toBe("ask");
  });

  test("a rule for another tool, node, session or other arguments does not count", () => {
    for (const other of [
      { tool: "read_file" },
      { node_id: "nod_2" },
      { session_id: "ses_2" },
      { args_hash: "b".repeat(64) },
      { category: "system" },
    ])
      expect(decided([{ ...other, decision: "allow" }])).toBe("ask");
  });

  test("what belongs to no session or node is not reached by rules for one", () => {
    expect(decided([{ session_id: "ses_1", decision: "allow" }], { session_id: null })).toBe("ask");
    expect(decided([{ node_id: "nod_1", decision: "allow" }], { node_id: null })).toBe("ask");
  });
});
