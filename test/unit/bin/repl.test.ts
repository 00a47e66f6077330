// Lines of the REPL: how they are cut and understood, completed, and how their answers look.
import { describe, expect, test } from "@jest/globals";
import { COMMANDS } from "../../../bin/repl/commands.ts";
import { completionsOf } from "../../../bin/repl/complete.ts";
import { helpOf } from "../../../bin/repl/help.ts";
import { readCommand } from "../../../bin/repl/read-command.ts";
import type { Room } from "../../../bin/repl/room.ts";
import { shortProcess, table } from "../../../bin/repl/show.ts";
import { splitLine } from "../../../bin/repl/split-line.ts";
import { administrator } from "../../../bin/repl/who.ts";
import { wordsOf } from "../../../bin/repl/words-of.ts";
import { widthOf } from "../../../bin/terminal/fit-line.ts";
import { Screen } from "../../../bin/terminal/screen.ts";
import { LANGUAGES, textsFor } from "../../../bin/terminal/texts.ts";
import { isAdmin } from "../../../lib/broker/authorization.ts";
import { AppError } from "../../../lib/errors.ts";

const english = textsFor("en");

describe("a line", () => {
  test.each([
    ["users  list", ["users", "list"]],
    ['users list "Ada L"', ["users", "list", "Ada L"]],
    ["a 'b \"c' d", ["a", 'b "c', "d"]],
    ['name="two words"', ["name=two words"]],
    ["$(rm) `x` a;b | c > d *", ["$(rm)", "`x`", "a;b", "|", "c", ">", "d", "*"]],
    ["", []],
    ['say "no', undefined],
    ["don't", undefined],
  ])("%j is cut into %j", (line, words) => {
    expect(splitLine(line)).toEqual(words);
  });

  test("has words and options of its command, in any order behind its name", () => {
    expect(readCommand(["users", "create", "--plan", "pro", "a@b.c", "--json"], english)).toMatchObject({
      type: "run",
      command: { name: "users create" },
      words: ["a@b.c"],
      options: { plan: "pro" },
      json: true,
      yes: false,
    });
  });

  test.each([
    [["users", "role", "ada"], '"users role" needs more: users role <user> <role>'],
    [["users", "show", "ada", "bob"], '"users show" takes no "bob"'],
    [["users", "show", "ada", "--plan", "pro"], "There is no option --plan"],
    [["users", "create", "a@b.c", "--plan"], "The option --plan needs a value behind it"],
    [["quota", "grant", "ada"], '"quota grant" needs more'],
    [["nodes", "all"], '"nodes" takes no "all"'],
    [["toString"], 'There is no command "toString"'],
  ])("%j is refused in words", (words, said) => {
    expect(() => readCommand(words, english)).toThrow(said);
  });

  test("without the second word of a command is answered with what there is of its kind", () => {
    const wanted = readCommand(["runs"], english);
    expect(wanted.type === "help" && wanted.of.map(({ name }) => name)).toEqual([
      ...["runs list", "runs journal", "runs cancel", "runs hand-over"],
    ]);
  });
});

describe("Tab", () => {
  /** Nobody is asked for names of commands and options. */
  const room = { ask: () => Promise.reject(new Error("asked")) } as unknown as Room;

  test.each([
    ["us", ["users "], "us"],
    ["runs ", ["runs list ", "runs journal ", "runs cancel ", "runs hand-over "], "runs "],
    ["users di", ["users disable "], "users di"],
    ["users create x --pl", ["--plan "], "--pl"],
    ["users role someone ad", ["admin "], "ad"],
    ["nonsense ", [], "nonsense "],
  ])("after %j offers %j", async (line, all, replaced) => {
    expect(await completionsOf(room, line)).toEqual([all, replaced]);
  });
});

describe("answers", () => {
  /** What a terminal of 80 columns shows. */
  function shown(show: (screen: Screen) => void): string[] {
    let text = "";
    const output = { isTTY: true, columns: 80, write: (more: string) => (text += more) };
    show(new Screen(output, output, english));
    return text
      .replaceAll(/\x1b\[\d+m/g, "")
      .trimEnd()
      .split("\n");
  }

  test("are columns where they fit, also of Chinese, and lists where they do not", () => {
    const rows = [
      ["ses_1", "磁盘用了多少？", "12"],
      ["ses_2", "disk", "3"],
    ];
    const [head = "", first = "", second = ""] = shown(table(["session", "title", "messages"], rows, "none"));
    const place = (line: string, text: string) => widthOf(line.slice(0, line.indexOf(text)));
    expect(place(first, "12")).toBe(place(head, "messages"));
    expect(place(second, "3")).toBe(place(head, "messages"));
    const wide = shown(table(["a", "b"], [["x".repeat(60), "y".repeat(60)]], "none"));
    expect(wide).toEqual([`a: ${"x".repeat(60)}`, `b: ${"y".repeat(60)}`]);
    expect(shown(table(["a"], [], "There is none."))).toEqual(["There is none."]);
  });

  test("take their power over the terminal from what others wrote", () => {
    const [, row] = shown(table(["title"], [["a\x1b[2Jb\u202ec\nd"]], "none"));
    expect(row).toBe("a\\u001b[2Jb\\u202ec\\nd");
  });

  test("name processes shortly, but so that they can be told apart", () => {
    expect(shortProcess("agent-16cde2f2-90b5-4f6c-947f-31eb6dcf9952")).toBe("agent-16cde2f2");
    expect(shortProcess("users-quota-16cde2f2-90b5-4f6c-947f-31eb6dcf9952")).toBe("users-quota-16cde2f2");
    expect(shortProcess(null)).toBe("–");
  });

  test.each(LANGUAGES)("help has every command, in 80 columns, in %s", (language) => {
    const lines = helpOf(COMMANDS, textsFor(language)).split("\n");
    for (const { name } of COMMANDS) expect(lines.some((line) => line.startsWith(`  ${name}`))).toBe(true);
    for (const line of lines) expect([line, widthOf(line) <= 80]).toEqual([line, true]);
  });

  test("say in words what the bus and the services refuse, in the language of whoever asked", () => {
    const gone = Object.assign(new Error("Service 'users.adminList' is not found."), {
      type: "SERVICE_NOT_FOUND",
      data: { action: "users.adminList" },
    });
    expect(wordsOf(gone, english)).toBe("No process that can be called has the service users now.");
    expect(wordsOf(new AppError("unauthenticated"), english)).toContain("JWT_SECRET");
    const refused = new AppError("run_not_found", 'There is no run "run_1".');
    expect(wordsOf(refused, english)).toBe('There is no run "run_1".');
    expect(wordsOf(refused, textsFor("zh"))).toMatch(/\p{Script=Han}/u);
  });
});

test("whoever is at the terminal is an administrator with a name, and no service", () => {
  const who = administrator();
  expect(who.user_id).toMatch(/^repl:[\w.@-]+$/);
  expect(isAdmin(who)).toBe(true);
  expect(who).not.toHaveProperty("service");
});
