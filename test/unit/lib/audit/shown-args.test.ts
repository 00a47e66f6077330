import { describe, expect, test } from "@jest/globals";
import { shownArgs } from "../../../../lib/audit/shown-args.ts";

describe("what the audit trail shows of arguments", () => {
  test("is the arguments themselves when they are short, bound by a hash whatever the order of their keys", () => {
    const shown = shownArgs({ path: "/a", count: 3 });
    expect(shown.args).toEqual({ path: "/a", count: 3 });
    expect(shownArgs({ count: 3, path: "/a" }).args_sha256).toBe(shown.args_sha256);
    expect(shownArgs({ count: 4, path: "/a" }).args_sha256).not.toBe(shown.args_sha256);
  });

  test("is a beginning of long texts, and the hash alone when there is too much", () => {
    const { args } = shownArgs({ content: "x".repeat(5_000) });
    expect(JSON.stringify(args)).toMatch(/x{300}… \(5000 characters\)/);
    const many = shownArgs({ list: Array.from({ length: 5_000 }, (_, n) => n) });
    expect(many).toEqual({ args_sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
  });

  test("G21 a secret at the end of what is shown is not shown by half", () => {
    const { args } = shownArgs({
      text: `${"x".repeat(290)} sk-abcdefghijklmnopqrstuvwxyz ${"y".repeat(900)}`,
    });
    expect(JSON.stringify(args)).not.toContain("sk-a");
  });

  test("G21 leaves out what looks like a secret", () => {
    const { args } = shownArgs({
      command: "curl -H 'Authorization: Bearer abc.def' https://u:pw@host",
      env: ["token=xyz"],
    });
    expect(JSON.stringify(args)).not.toMatch(/abc\.def|u:pw|xyz/);
  });
});

describe("G21 what a name calls a secret is not shown", () => {
  const SECRET = "hunter2horse";

  test.each([
    { password: SECRET },
    { env: { API_TOKEN: SECRET, DB_PASSWORD: SECRET } },
    { headers: { Authorization: `Basic ${SECRET}`, Cookie: `a=${SECRET}` } },
    { credentials: { user: "u", value: SECRET } },
    { argv: ["login", "--password", SECRET] },
    { env: [{ name: "API_KEY", value: SECRET }] },
    { [`token=${SECRET}`]: 1 },
    { secrets: [SECRET] },
    { command: `curl -H 'Authorization: token ${SECRET}' https://api.example` },
    { headers: [`Cookie: first=1; second=${SECRET}`] },
    { command: `mysqldump -u root -p${SECRET} app > dump.sql` },
    { path: "~/.netrc", content: `machine api.example\n  login me\n  password ${SECRET}\n` },
    { body: JSON.stringify({ client: { secret: `my ${SECRET}` } }) },
    { content: `DATABASE_URL=postgres://me:${SECRET}@host/db\nPGPASSWORD=${SECRET}` },
  ])("in %j", (args) => {
    expect(JSON.stringify(shownArgs(args).args)).not.toContain(SECRET);
  });

  test("and what is none, is", () => {
    const args = {
      path: "/keys/monkey.txt",
      content: "a note",
      count: 3,
      env: { HOME: "/home/me" },
      list: ["a", "b"],
    };
    expect(shownArgs(args).args).toEqual(args);
  });

  test("also the beginning of one behind another that was long", () => {
    for (let before = 440; before < 500; before += 1) {
      const text = `token=${"x".repeat(before - 6)} sk-abcdefghijklmnopqrstuvwxyz ${"y".repeat(900)}`;
      expect(JSON.stringify(shownArgs({ text }).args)).not.toContain("sk-a");
    }
  });
});
