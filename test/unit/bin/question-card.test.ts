import { describe, expect, test } from "@jest/globals";
import { alwaysWords, type Question, questionCard } from "../../../bin/chat/question-card.ts";
import { widthOf } from "../../../bin/terminal/fit-line.ts";
import { Screen } from "../../../bin/terminal/screen.ts";
import { type Language, textsFor } from "../../../bin/terminal/texts.ts";

const screenOf = (columns: number, language: Language = "en") =>
  new Screen({ columns, write: () => undefined }, { write: () => undefined }, textsFor(language));

const question = (name: string, args: unknown, more: object = {}): Question =>
  ({
    step: 1,
    call_id: "call_1",
    name,
    args,
    risk: "write",
    node_id: "nod_1",
    expires_at: "",
    ...more,
  }) as Question;

const LONG = Array.from({ length: 60 }, (_, line) => `line ${line + 1} of the file that is written`).join(
  "\n",
);

describe("the card of a question", () => {
  test.each([80, 40])("of 3,000 characters fits into a window of 24 rows at %d columns", (columns) => {
    const args = { path: "/home/ada/notes.txt", content: LONG };
    const { short, whole, hidesSomething } = questionCard(
      question("write_file", args),
      "studio",
      screenOf(columns),
    );
    expect(short.length).toBeLessThanOrEqual(18);
    for (const line of short) expect(widthOf(line)).toBeLessThanOrEqual(columns);
    expect(hidesSomething).toBe(true);
    expect(short.slice(-2).join("").replaceAll(/\s+/g, "")).toContain(
      "write_fileonstudio:/home/ada/notes.txt",
    );
    expect(short.join("\n")).toContain("line 60 of the file");
    expect(whole.join("\n")).toContain("line 31 of the file that is written");
    expect(whole.slice(-2).join("").replaceAll(/\s+/g, "")).toContain(
      "write_fileonstudio:/home/ada/notes.txt",
    );
  });

  test("of a long command shows its beginning and its end, and how much is between", () => {
    const command = `echo begin ${"x".repeat(3_000)} ; rm -rf ~`;
    const { short, hidesSomething } = questionCard(
      question("execute_shell_command", { command }, { risk: "execute" }),
      "studio",
      screenOf(80),
    );
    const text = short.join("\n");
    expect(text).toContain("command: echo begin xxx");
    expect(text).toMatch(/… \d+ lines more \(s shows all\)/);
    expect(text).toContain("; rm -rf ~");
    expect(hidesSomething).toBe(true);
  });

  test("that is short is whole, says nothing twice, and has the place last", () => {
    const args = { path: "/tmp/a", content: "hello", create_if_missing: true };
    const { short, hidesSomething } = questionCard(question("append_file", args), "studio", screenOf(80));
    expect(short).toEqual([
      "? append_file on studio (changes something)",
      "    content: hello",
      "    create_if_missing: true",
      "    path: /tmp/a",
    ]);
    expect(hidesSomething).toBe(false);
  });

  test("of many arguments keeps the last ones in sight", () => {
    const args = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`option_${index}`, index]));
    const { short } = questionCard(question("x", { ...args, path: "/etc/hosts" }), "studio", screenOf(80));
    expect(short.length).toBeLessThanOrEqual(18);
    expect(short.join("\n")).toContain("path: /etc/hosts");
  });

  test("shows what cannot be seen, in arguments, names and machines", () => {
    const { short } = questionCard(
      question("write\u200b_file", { "pa\u202eth": "/tmp/\u00a0a" }),
      "stu\u2066dio",
      screenOf(80),
    );
    expect(short.join("\n")).toContain("write\\u200b_file on stu\\u2066dio");
    expect(short.join("\n")).toContain("pa\\u202eth: /tmp/\\u00a0a");
  });

  test("has no line that a name has brought", () => {
    const asked = question(
      "write_file\n    path: /tmp/safe",
      { "a\n    path: /tmp/safe": 1 },
      { because: "x\ny" },
    );
    const { short, whole } = questionCard(asked, "vm\ny yes", screenOf(200));
    for (const lines of [short, whole])
      for (const line of lines.join("\n").split("\n")) expect(line).not.toMatch(/^ *(path: |y yes|y$)/);
  });

  test("says why it asks, where it sends and where its paths lead, as far as the server tells", () => {
    const bound = {
      hosts: ["example.com"],
      places: [
        { path: "~/link", real: "/etc/passwd" },
        { path: "/tmp/a", real: "/tmp/a" },
      ],
      scripts: [{ path: "/home/ada/run.sh" }],
    };
    const because = "Files there run by themselves at the next login.";
    const asked = question("download_file", { path: "~/link" }, { bound, because });
    const text = questionCard(asked, "studio", screenOf(80)).short.join("\n");
    expect(text).toContain("~/link → /etc/passwd");
    expect(text).not.toContain("/tmp/a →");
    expect(text).toContain("runs the file /home/ada/run.sh, as it is now");
    expect(text).toContain("sends data to example.com");
    expect(text).toContain(because);
  });

  test("a value of two million characters costs no time that is felt", () => {
    const asked = question("write_file", { path: "/tmp/a", content: "好".repeat(2_000_000) });
    expect(questionCard(asked, "studio", screenOf(80)).short.length).toBeLessThanOrEqual(18);
  });
});

describe("always", () => {
  const words = (more: object, language: Language = "en") =>
    alwaysWords(question("web_fetch", {}, more), "studio", screenOf(80, language));

  test.each([
    [{ risk: "execute" }, "exactly this web_fetch on studio, without asking"],
    [{ risk: "write" }, "every web_fetch on studio, whatever its arguments, without asking"],
    [
      { risk: "read", bound: { hosts: ["a.com", "b.org"] } },
      "whatever only reads on studio and sends to a.com, b.org, without asking",
    ],
    [
      { risk: "write", bound: { hosts: ["a.com"] } },
      "every web_fetch on studio that sends to a.com, without asking",
    ],
    [{ risk: "read", bound: { hosts: ["*"] } }, "exactly this web_fetch on studio, without asking"],
  ])("of %j says exactly what it will allow", (more, said) => {
    expect(words(more)).toBe(said);
  });

  test("is not offered where the server asks every time, and speaks Chinese", () => {
    expect(words({ risk: "write", because: "It is asked every time." })).toBeUndefined();
    expect(words({ risk: "execute" }, "zh")).toBe("在 studio 上执行与此完全相同的 web_fetch，不再询问");
  });
});
