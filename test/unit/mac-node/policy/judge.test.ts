import { describe, expect, test } from "@jest/globals";
import { type JudgedCall, judge, policyReaches } from "../../../../mac-node/policy/judge.ts";
import type { Policy } from "../../../../mac-node/policy/policy.ts";

const CALL: JudgedCall = {
  tool: { name: "execute_shell_command", category: "developer", risk: "execute" },
  user_id: "usr_1",
  owner_id: "usr_1",
  hosts: [],
  secrets: [],
};
const under = (policy: Policy, over: Partial<JudgedCall> = {}) =>
  judge({ ok: true, policy, isThere: true }, { ...CALL, ...over });

describe("the policy of a Mac", () => {
  test("that says nothing refuses nothing", () => {
    expect(under({})).toEqual({ ok: true });
  });

  test.each([
    [{ tools: { allow: ["execute_shell_command"] } }, true],
    [{ tools: { allow: ["developer"] } }, true],
    [{ tools: { allow: ["execute"] } }, true],
    [{ tools: { allow: ["*"] } }, true],
    [{ tools: { allow: ["read", "files"] } }, false],
    [{ tools: { allow: [] } }, false],
    [{ tools: { deny: [] } }, true],
    [{ tools: { deny: ["execute"] } }, false],
    // Deny wins, however exactly it is allowed.
    [{ tools: { allow: ["execute_shell_command"], deny: ["developer"] } }, false],
    [{ tools: { allow: ["execute_shell_command"], deny: ["*"] } }, false],
    [{ users: { allow: ["usr_1"] } }, true],
    [{ users: { allow: ["usr_2"] } }, false],
    [{ users: { allow: [] } }, false],
  ] as [Policy, boolean][])("%j lets the call run: %s", (policy, ok) => {
    expect(under(policy).ok).toBe(ok);
  });

  test("lets tools send where it says, and one that cannot say where only where everything is open", () => {
    const policy = { network: { hosts: ["*.example.com"] } };
    expect(under(policy, { hosts: ["a.example.com"] })).toEqual({ ok: true });
    expect(under(policy, { hosts: ["a.example.com", "evil.example"] })).toMatchObject({
      code: "mac_policy",
      message: expect.stringContaining("evil.example"),
    });
    expect(under(policy, { hosts: ["*"] }).ok).toBe(false);
    expect(under({ network: { hosts: ["*"] } }, { hosts: ["*"] }).ok).toBe(true);
    expect(under({ network: { hosts: [] } }, { hosts: ["a.example.com"] }).ok).toBe(false);
    expect(policyReaches(policy, "A.EXAMPLE.com.")).toBe(true);
    expect(policyReaches(policy, "example.com")).toBe(false);
    expect(policyReaches({}, "anything.example")).toBe(true);
  });

  test("gives a secret to its owner's calls, and to others only where it names them", () => {
    const [TOKEN, OTHER] = [{ tools: ["*"] }, { tools: ["*"], users: ["usr_2"] }];
    const policy = { secrets: { TOKEN, OTHER } };
    expect(under(policy, { secrets: ["TOKEN", "OTHER"] }).ok).toBe(true);
    expect(under(policy, { secrets: ["OTHER"], user_id: "usr_2" }).ok).toBe(true);
    expect(under(policy, { secrets: ["OTHER", "TOKEN"], user_id: "usr_2" })).toMatchObject({
      message: expect.stringContaining('"TOKEN" to calls of its owner only'),
    });
    expect(under(policy, { secrets: ["OTHER"], user_id: "" }).ok).toBe(false);
  });

  test("gives a secret to the tools that it names, and to no other", () => {
    const policy = { secrets: { TOKEN: { tools: ["execute_shell_command"] } } };
    expect(under(policy, { secrets: ["TOKEN"] }).ok).toBe(true);
    expect(under(policy, { secrets: ["TOKEN", "OTHER"] }).ok).toBe(false);
    expect(under({}, { secrets: ["TOKEN"] }).ok).toBe(false);
    expect(under(policy, { secrets: ["constructor"] }).ok).toBe(false);
    const other = { name: "run_python_script", category: "developer", risk: "execute" } as const;
    expect(under(policy, { secrets: ["TOKEN"], tool: other })).toMatchObject({
      message: 'The policy of this Mac gives run_python_script no secret "TOKEN".',
    });
  });

  test("runs free AppleScript only where it says so", () => {
    expect(under({}, { freeAppleScript: true }).ok).toBe(false);
    expect(under({ free_applescript: false }, { freeAppleScript: true }).ok).toBe(false);
    expect(under({ free_applescript: true }, { freeAppleScript: true }).ok).toBe(true);
  });

  test("that is damaged refuses everything, with the fault in words", () => {
    const verdict = judge({ ok: false, faults: ["line 2: tools.alow is not known here"] }, CALL);
    expect(verdict).toMatchObject({
      ok: false,
      code: "policy_damaged",
      message: expect.stringContaining("line 2: tools.alow"),
    });
  });
});
