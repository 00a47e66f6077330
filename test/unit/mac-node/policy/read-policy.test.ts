import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { linesOf } from "../../../../mac-node/policy/lines.ts";
import { LivePolicy } from "../../../../mac-node/policy/live-policy.ts";
import { parsePolicy, readPolicy } from "../../../../mac-node/policy/read-policy.ts";

let folder = "";
let path = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "macjarvis-policy-"));
  path = join(folder, "policy.json");
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("a policy file", () => {
  test("may say nothing, or everything there is", () => {
    expect(parsePolicy("{}")).toEqual({ ok: true, policy: {}, isThere: true });
    const all = {
      tools: { allow: ["read", "files", "git_status", "*"], deny: ["execute_shell_command"] },
      roots: ["~/Projects", "/srv/data"],
      sandbox: "on",
      network: { hosts: ["*.Example.com", "api.github.com"] },
      free_applescript: false,
      users: { allow: ["usr_1"] },
      secrets: { GITHUB_TOKEN: { tools: ["execute_shell_command"], users: ["usr_2"] } },
      mcp: {
        notes: { command: "npx", args: ["-y", "notes"], env: { HOME: "/tmp" } },
        web: { url: "https://m/mcp" },
      },
      when_cut_off: "keep",
      limits: { calls_at_once: 4, call_seconds: 60 },
    };
    expect(parsePolicy(`\ufeff${JSON.stringify(all)}`)).toEqual({
      ok: true,
      policy: {
        ...all,
        roots: [join(homedir(), "Projects"), "/srv/data"],
        network: { hosts: ["*.example.com", "api.github.com"] },
      },
      isThere: true,
    });
  });

  test.each([
    ["", "line 1: it is not JSON: Unexpected end of JSON input"],
    ['{\n"roots": ["/"],\n}', "line 3: it is not JSON: Expected double-quoted property name"],
    ["[]", 'line 1: the policy must be an object, like {"name": "value"}'],
    ['{\n\n"tool": {}}', "line 3: tool is not known here"],
    [
      '{"tools": {\n"allow": ["a b"]}}',
      'line 2: tools.allow.0 must be the name of a tool, a category, or "read"',
    ],
    ['{"roots": ["here"]}', 'line 1: roots.0 must be an absolute path, or begin with "~/"'],
    ['{"roots": []}', "line 1: roots must not be empty"],
    ['{"network": {"hosts": ["http://x/y"]}}', "line 1: network.hosts.0 must be a host"],
    ['{"secrets": {"token": {"tools": ["a"]}}}', "must be a name of capital letters"],
    ['{"mcp": {"a": {"command": "x", "url": "http://x"}}}', 'line 1: mcp.a must have a "command"'],
    ['{"limits": {"calls_at_once": 0}}', "line 1: limits.calls_at_once must be at least 1"],
    ['{"sandbox": "maybe"}', 'line 1: sandbox must be one of "on", "off"'],
    ['{"tools": {"deny": ["execute"]},\n"tools": {}}', "line 2: tools is there twice"],
  ])("%j is damaged, and says where", (text, fault) => {
    expect(parsePolicy(text)).toMatchObject({ ok: false, faults: [expect.stringContaining(fault)] });
  });

  test("that is not there restricts nothing", () => {
    expect(readPolicy(path)).toEqual({ ok: true, policy: {}, isThere: false });
  });

  test("is judged by what was opened: a folder, a FIFO, a link to one are no policy, and nothing waits", () => {
    mkdirSync(path);
    expect(readPolicy(path)).toEqual({ ok: false, faults: ["it is no regular file"] });
    rmSync(path, { recursive: true });
    const fifo = join(folder, "fifo");
    execFileSync("mkfifo", [fifo]);
    symlinkSync(fifo, path);
    expect(readPolicy(path)).toEqual({ ok: false, faults: ["it is no regular file"] });
  });

  test("that is a link to what is not there allows nothing, and is read when it is there", () => {
    const live = new LivePolicy(path);
    expect(live.now()).toMatchObject({ ok: true, isThere: false });
    symlinkSync(join(folder, "volume"), path);
    expect(readPolicy(path)).toEqual({ ok: false, faults: ["it is a link to what is not there"] });
    expect(live.now()).toMatchObject({ ok: false });
    writeFileSync(join(folder, "volume"), '{"sandbox": "on"}');
    expect(live.now()).toMatchObject({ ok: true, policy: { sandbox: "on" } });
    rmSync(join(folder, "volume"));
    expect(live.now()).toMatchObject({ ok: false });
  });

  test("that others may write, or that has no end, is damaged", () => {
    writeFileSync(path, "{}");
    chmodSync(path, 0o666);
    expect(readPolicy(path)).toMatchObject({ ok: false, faults: [expect.stringContaining("chmod 600")] });
    chmodSync(path, 0o644);
    expect(readPolicy(path)).toMatchObject({ ok: true });
    writeFileSync(path, `{}${" ".repeat(300_000)}`);
    expect(readPolicy(path)).toMatchObject({ ok: false, faults: [expect.stringContaining("262144 bytes")] });
  });
});

describe("the policy of a process", () => {
  test("holds from the moment when the file has changed, also within the same second and size", () => {
    const changes: boolean[] = [];
    const live = new LivePolicy(path, ({ ok }) => void changes.push(ok));
    expect(live.now()).toMatchObject({ ok: true, isThere: false });
    const at = new Date("2026-01-01T00:00:00Z");
    writeFileSync(path, '{"sandbox": "on" }');
    utimesSync(path, at, at);
    expect(live.now()).toMatchObject({ policy: { sandbox: "on" } });
    writeFileSync(path, '{"sandbox": "off"}');
    utimesSync(path, at, at);
    expect(live.now()).toMatchObject({ policy: { sandbox: "off" } });
    expect(live.now()).toBe(live.now());
    writeFileSync(path, '{"sandbox": ');
    expect(live.now()).toMatchObject({ ok: false });
    rmSync(path);
    expect(live.now()).toMatchObject({ ok: true, isThere: false });
    expect(changes).toEqual([true, true, false, true]);
  });
});

test("lines are those of the values, whatever the JSON", () => {
  const text = '{\n "a": [1,\n  {"b": "x\\n\\"{"}],\n "c": {}\n}';
  expect(Object.fromEntries(linesOf(text).of)).toEqual({ "": 1, a: 2, "a.0": 2, "a.1": 3, "a.1.b": 3, c: 4 });
  fc.assert(
    fc.property(fc.json(), (json) => {
      const value: unknown = JSON.parse(json);
      const { of, twice } = linesOf(JSON.stringify(value, null, 2));
      expect(of.get("")).toBe(1);
      if (typeof value === "object" && value !== null)
        for (const key of Object.keys(value)) expect(of.has(key)).toBe(true);
      expect(twice).toEqual([]);
    }),
  );
});
