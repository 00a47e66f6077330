import { describe, expect, test } from "@jest/globals";
import { type NodeArguments, readArguments } from "../../../../bin/node/arguments.ts";
import { inOwnName } from "../../../../bin/node/own-name.ts";
import { LANGUAGES, textsFor } from "../../../../bin/terminal/texts.ts";

describe("the command line of npm run node", () => {
  test.each([
    [[], { command: "serve_or_help" }],
    [["--help"], { command: "help" }],
    [
      ["join", "https://m", "AB12C-D3FGH"],
      { command: "join", url: "https://m", code: "AB12C-D3FGH", serves: true },
    ],
    [
      ["join", "m", "c", "--name", " studio ", "--ca", "a.pem", "--no-serve"],
      { name: "studio", ca: "a.pem", serves: false },
    ],
    [["serve", "--service"], { command: "serve", isService: true }],
    [["status", "--json"], { command: "status", json: true }],
    [["leave", "-y", "--purge"], { command: "leave", yes: true, purges: true }],
    [["policy"], { command: "policy", what: "show" }],
    [["policy", "check"], { command: "policy", what: "check" }],
    [["logs", "-f", "-n", "5"], { command: "logs", lines: 5, follows: true }],
    [["secret", "set", "TOKEN"], { command: "secret", what: "set", name: "TOKEN" }],
    [["secret", "list"], { command: "secret", what: "list" }],
    [["install", "--print"], { command: "install", prints: true }],
  ] as [string[], Partial<NodeArguments>][])("%j is understood", (argv, wanted) => {
    expect(readArguments(argv)).toMatchObject(wanted);
  });

  test.each([
    [["jion"], 'no command "jion"'],
    [["join", "https://m"], "needs the pairing code"],
    [["join", "https://m", "c", "d"], 'takes no "d"'],
    [["join", "m", "c", "--name", " "], "1 to 100 characters"],
    [["status", "--purge"], '--purge does not belong to "status"'],
    [["--json"], '--json does not belong to "serve"'],
    [["logs", "-n", "0"], "from 1 to 10000"],
    [["policy", "edit", "x"], 'takes no "x"'],
    [["secret"], "needs set, list or remove"],
    [["secret", "set"], "needs a name in capital letters"],
    [["secret", "set", "TOKEN", "value"], "does not belong on the command line"],
    [["freeze", "now"], 'takes no "now"'],
    [["--nope"], "There is no option --nope"],
  ])("%j is refused in words", (argv, words) => {
    expect(() => readArguments(argv)).toThrow(words);
  });
});

test.each(LANGUAGES)("in the package every text has the package's own name (%s)", (language) => {
  const { help, problem } = textsFor(language).node;
  for (const text of [help, problem.notPaired]) {
    expect(inOwnName(text, "macjarvis")).toBe(text);
    expect(inOwnName(text, "macjarvis-node")).not.toContain("npm run");
  }
  expect(inOwnName("Do npm run node -- thaw, or npm run node -- --help.", "macjarvis-node")).toBe(
    "Do macjarvis-node thaw, or macjarvis-node --help.",
  );
});
