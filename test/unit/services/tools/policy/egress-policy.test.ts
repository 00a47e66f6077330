import { describe, expect, test } from "@jest/globals";
import type { PolicyRule } from "../../../../../contracts/policy.ts";
import { builtInSettings } from "../../../../../lib/settings/default-settings.ts";
import { decideCall, reachOf } from "../../../../../services/tools/policy/egress-policy.ts";

const call = {
  tool: "check_website_status",
  category: "network",
  risk: "read" as const,
  node_id: "nod_1",
  session_id: "ses_1",
  args_hash: "a".repeat(64),
  bound_hash: null,
};
const download = { ...call, tool: "download_file", risk: "write" as const };
const decided = (rules: object[], hosts = ["evil.example"], of: typeof call | typeof download = call) =>
  decideCall(rules as PolicyRule[], of, hosts, builtInSettings().policy);

describe("G30 a call that sends", () => {
  test("is asked, though it only reads, and whatever is allowed without naming its host", () => {
    expect(decided([])).toBe("ask");
    for (const wide of [{}, { risk: "read" }, { category: "network" }, { tool: "check_website_status" }])
      expect(decided([{ ...wide, decision: "allow" }])).toBe("ask");
    expect(decided([], [])).toBe("allow");
  });

  test("is allowed by a rule that names its host, and by none that names another", () => {
    for (const host of ["evil.example", "*"]) expect(decided([{ host, decision: "allow" }])).toBe("allow");
    for (const host of ["other.example", "*.evil.example"])
      expect(decided([{ host, decision: "allow" }])).toBe("ask");
    expect(decided([{ host: "*.evil.example", decision: "allow" }], ["s3cret.evil.example"])).toBe("allow");
    expect(decided([{ host: "*", decision: "allow" }], ["*"])).toBe("allow");
    expect(decided([{ host: "*.example", decision: "allow" }], ["*"])).toBe("ask");
  });

  test("to two hosts needs both", () => {
    const both = ["a.example", "b.example"];
    expect(decided([{ host: "a.example", decision: "allow" }], both)).toBe("ask");
    expect(decided([{ host: "*.example", decision: "allow" }], both)).toBe("allow");
    const denied = [
      { host: "*.example", decision: "allow" },
      { host: "b.example", decision: "deny" },
    ];
    expect(decided(denied, both)).toBe("deny");
  });

  test("and writes is asked for the writing too: a host that is trusted allows only to send there", () => {
    const trusted = { host: "evil.example", decision: "allow" };
    expect(decided([trusted], undefined, download)).toBe("ask");
    expect(decided([{ ...trusted, tool: "download_file" }], undefined, download)).toBe("allow");
    expect(decided([trusted, { risk: "write", decision: "allow" }], undefined, download)).toBe("allow");
    expect(decided([{ risk: "write", decision: "allow" }], undefined, download)).toBe("ask");
  });

  test("the narrower of two rules about hosts counts, and a denial always", () => {
    const wide = { host: "*.example", decision: "allow" };
    expect(decided([wide, { host: "evil.example", decision: "ask" }])).toBe("ask");
    expect(
      decided([
        { host: "*.example", decision: "ask" },
        { host: "evil.example", decision: "allow" },
      ]),
    ).toBe("allow");
    expect(decided([{ host: "*", decision: "ask" }, wide])).toBe("allow");
    for (const denial of [{ host: "*" }, { tool: "check_website_status" }, { risk: "read" }])
      expect(decided([wide, { ...denial, decision: "deny" }])).toBe("deny");
  });

  test("a rule that asks about its tool is not overruled by trust in the host", () => {
    const asks = { tool: "check_website_status", decision: "ask" };
    expect(decided([asks, { host: "evil.example", decision: "allow" }])).toBe("ask");
  });

  test("a rule about a host says nothing of calls that send nothing", () => {
    for (const decision of ["ask", "deny"]) expect(decided([{ host: "*", decision }], [])).toBe("allow");
    expect(decided([{ host: "*", decision: "allow" }], [], download)).toBe("ask");
  });
});

test("G30 where redirects may lead is what rules for this call allow, less what they deny or ask about", () => {
  const rules = [
    { host: "*.example", decision: "allow" },
    { host: "no.example", decision: "deny" },
    { host: "ask.example", decision: "ask" },
    { host: "*.other", tool: "another_tool", decision: "allow" },
    { host: "*.session", session_id: "ses_2", decision: "allow" },
    { tool: "check_website_status", decision: "allow" },
  ] as PolicyRule[];
  expect(reachOf(rules, call, ["a.example"])).toEqual({
    asked: ["a.example"],
    allowed: ["*.example"],
    except: ["no.example", "ask.example"],
  });
  expect(reachOf(rules, call, [])).toEqual({ asked: [], allowed: [], except: [] });
});
