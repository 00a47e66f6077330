import { afterEach, describe, expect, test } from "@jest/globals";
import { Screen } from "../../../bin/terminal/screen.ts";
import { Server } from "../../../bin/terminal/server.ts";
import { type Language, textsFor } from "../../../bin/terminal/texts.ts";
import { readArguments } from "../../../bin/user/arguments.ts";
import { changed, readLimits } from "../../../bin/user/limits.ts";
import { run } from "../../../bin/user/run.ts";
import { json, problem, type Reply, remoteServer } from "./remote-server.ts";

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const words = textsFor("en").user;
const account = (id: string, email: string, more: object = {}) => ({
  id,
  email,
  display_name: "Ada",
  role: "free_user",
  plan: "free",
  disabled: false,
  created_at: "2024-01-02T03:04:05.000Z",
  last_login_at: null,
  ...more,
});
const ADA = account("usr_01aaaaaaaaaaaaaaaaaaaaadaa", "ada@example.com");
const BOB = account("usr_01bbbbbbbbbbbbbbbbbbbbbbob", "bob@example.com", { disabled: true });
const LIMITS = {
  runs_per_day: 200,
  runs_per_minute: 60,
  runs_per_hour: 120,
  tokens_per_day: 500_000,
  cost_usd_per_day: 1,
  concurrent_runs: 5,
  max_sessions: 200,
  max_tools: null,
};
const gives =
  (body: unknown, status = 200): Reply =>
  (_asked, response) =>
    json(response, status, body);

async function command(
  argv: string[],
  routes: Record<string, Reply> = {},
  { columns = 80, language = "en" }: { columns?: number; language?: Language } = {},
) {
  const usual: Record<string, Reply> = {
    "GET /admin/users?*": gives({ users: [ADA, BOB], next_cursor: null }),
    "GET /plans": gives({ plans: [{ name: "free", limits: LIMITS }] }),
  };
  // The first route that fits answers: a test's own come first.
  const remote = await remoteServer({ ...routes, ...usual, ...routes });
  closing.push(remote.close);
  const shown = { out: "", notes: "" };
  const texts = textsFor(language);
  const screen = new Screen(
    { columns, write: (text) => (shown.out += text) },
    { write: (text) => (shown.notes += text) },
    texts,
  );
  const code = await run(
    { server: new Server({ url: remote.url, key: "k" }, texts), screen },
    readArguments(argv, texts),
  );
  return { code, remote, ...shown };
}

describe("npm run user", () => {
  test("list shows every account of every page, and what a terminal could be driven by is gone", async () => {
    const evil = { ...BOB, email: "e\x1b[2Jvil@example.com" };
    const { out, remote } = await command(["list", "exam"], {
      "GET /admin/users?limit=100&q=exam": gives({ users: [ADA], next_cursor: "c 1" }),
      "GET /admin/users?limit=100&q=exam&cursor=c%201": gives({ users: [evil], next_cursor: null }),
    });
    expect(remote.asked).toHaveLength(2);
    expect(out).toBe(
      [
        "e-mail            role       plan  state     last login  id",
        "ada@example.com   free_user  free  active    never       aaadaa",
        "evil@example.com  free_user  free  disabled  never       bbbbob",
        "",
      ].join("\n"),
    );
  });

  test("list fits a narrow terminal, and says when there is none", async () => {
    const narrow = await command(["list"], {}, { columns: 40 });
    for (const line of narrow.out.split("\n")) expect(line.length).toBeLessThanOrEqual(40);
    expect(narrow.out).toContain("e-mail: ada@example.com\nrole: free_user\n");
    const none = await command(["list", "zzz"], {
      "GET /admin/users?*": gives({ users: [], next_cursor: null }),
    });
    expect(none.notes).toBe('No account has "zzz" in its e-mail address or name.\n');
  });

  test("a user is named by address, id or the end of its id; none and several are said", async () => {
    const routes = { "PATCH /admin/users/*": gives({ user: BOB }) };
    for (const name of ["BOB@example.com", BOB.id, "bbob"]) {
      const { remote, out } = await command(["enable", name], routes);
      expect(remote.asked.at(-1)).toMatchObject({
        path: `/admin/users/${BOB.id}`,
        body: { disabled: false },
      });
      expect(out).toBe("bob@example.com is enabled again.\n");
    }
    await expect(command(["enable", "bob@example"])).rejects.toThrow('There is no user "bob@example"');
    await expect(command(["enable", "ob"])).rejects.toThrow('There is no user "ob"');
    const twins = [
      ADA,
      { ...BOB, id: "usr_01cccccccccccccccccccccdaa" },
      { ...BOB, id: "usr_01dddddddddddddddddddddaa" },
    ];
    await expect(
      command(["enable", "ddaa"], {
        "GET /admin/users?*": gives({ users: [twins[2], twins[2]], next_cursor: null }),
      }),
    ).rejects.toThrow("Several users fit");
  });

  test("limits that are named change, those that are not stay; null takes all away", async () => {
    const own = { ...ADA, limits: { runs_per_day: 50, max_tools: 3 } };
    const patched: unknown[] = [];
    const routes: Record<string, Reply> = {
      "GET /admin/users/*": gives({ user: own }),
      "PATCH /admin/users/*": ({ body }, response) => {
        patched.push(body);
        json(response, 200, { user: { ...own, limits: { cost_usd_per_day: 2.5, max_tools: 3 } } });
      },
    };
    const { out } = await command(
      ["limits", "ada@example.com", "runs_per_day=plan", "cost_usd_per_day=2.5"],
      routes,
    );
    await command(["limits", "ada@example.com", "reset"], routes);
    await command(["limits", "ada@example.com", "max_sessions=none"], routes);
    const seen = await command(["limits", "ada@example.com"], routes);
    expect(patched).toEqual([
      { limits: { cost_usd_per_day: 2.5, max_tools: 3 } },
      { limits: null },
      { limits: { runs_per_day: 50, max_tools: 3, max_sessions: null } },
    ]);
    expect(out).toContain("    cost_usd_per_day: $2.50  own (plan: $1.00)\n");
    expect(out).toContain("    max_tools: 3  own (plan: unlimited)\n");
    expect(seen.out).toContain("    runs_per_day: 50  own (plan: 200)\n");
    expect(changed({ runs_per_day: 1 }, readLimits(["runs_per_day=plan"], words))).toBeNull();
  });

  test("what destroys is not done where nobody can be asked, and is done with --yes", async () => {
    for (const argv of [
      ["remove", "ada@example.com"],
      ["disable", "ada@example.com"],
      ["role", "ada@example.com", "admin"],
    ])
      await expect(command(argv)).rejects.toThrow(words.needsYes);
    const { remote, out } = await command(["remove", "ada@example.com", "--yes", "--json"], {
      "DELETE /admin/users/*": gives({ status: "removing" }, 202),
    });
    expect(remote.asked.at(-1)).toMatchObject({ method: "DELETE", path: `/admin/users/${ADA.id}` });
    expect(JSON.parse(out)).toEqual({ user_id: ADA.id, status: "removing" });
  });

  test("usage shows today, the days before and what is left", async () => {
    const day = { requests: 3, input_tokens: 1_200, output_tokens: 34, cost_usd: 0.0042 };
    const today = { ...day, limit: 200, remaining: 197, resets_at: "2026-01-02T00:00:00.000Z" };
    const usage = { today, daily: [{ date: "2026-01-01", ...day }] };
    const { out, remote } = await command(["usage", "ada@example.com", "--days", "2"], {
      "GET /admin/users/*": gives(usage),
    });
    expect(remote.asked.at(-1)?.path).toBe(`/admin/users/${ADA.id}/usage?days=2`);
    expect(out).toMatch(/today +3 +1,200 +34 +\$0\.0042\n2026-01-01 +3 /);
    expect(out).toContain("197 of 200 runs left today; counted anew at ");
  });

  test("a server that is older, or refuses, is told in words", async () => {
    await expect(command(["usage", "ada@example.com"])).rejects.toThrow(words.olderServer);
    const shown = await command(["show", "ada@example.com"], {}, { language: "zh" });
    expect(shown.out).toContain("  角色：free_user\n");
    expect(shown.out).toContain("    runs_per_day: 200\n");
    const refused = command(["list"], {
      "GET /admin/users?*": (_asked, response) =>
        problem(response, 403, "forbidden", "Only an admin may do this."),
    });
    await expect(refused).rejects.toThrow("Only an admin may do this.");
  });
});

describe("the command line of npm run user", () => {
  test.each([
    [["frobnicate"], 'There is no command "frobnicate"'],
    [["show"], "needs a user"],
    [["role", "ada@example.com"], "needs a role"],
    [["plan", "a", "b", "c"], 'takes no "c"'],
    [["role", "ada@example.com", "king"], 'There is no role "king"'],
    [["create", "a@b.cd", "--role", "king"], 'There is no role "king"'],
    [["usage", "ada@example.com", "--days", "91"], "1 to 90"],
    [["usage", "ada@example.com", "--days", "1e1"], "1 to 90"],
    [["list", "--days", "3"], '--days does not belong to "list"'],
    [["limits", "a", "runs_per_day"], "is no limit"],
    [["limits", "a", "runs_per_day=-1"], "is no limit"],
    [["limits", "a", "runs_per_day=1.5"], "is no limit"],
    [["limits", "a", "runs=1"], 'There is no limit "runs"'],
    [["limits", "a", "__proto__=1"], "There is no limit"],
    [["usage", "ada@example.com", "--days"], "The option --days needs a value behind it"],
    [["list", "--frob"], "There is no option --frob"],
  ])("%j is refused before anything is asked", (argv, said) => {
    expect(() => readArguments(argv)).toThrow(said);
  });

  test("help is what it says without a command", () => {
    for (const argv of [[], ["help"], ["--help"], ["list", "-h"]])
      expect(readArguments(argv)).toMatchObject({ command: "help" });
  });
});
