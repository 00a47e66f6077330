import { describe, expect, test } from "@jest/globals";
import { commandWords } from "../../../../mac-node/binding/command-words.ts";

const words = (command: string) => commandWords(command, "/home/ada").words;
const operands = (command: string) => [...commandWords(command, "/home/ada").operands];

describe("the words of a command that may name files", () => {
  test.each([
    ["bash script.sh", "script.sh"],
    ["./run --fast", "./run"],
    ["cd sub && ./run;true", "./run"],
    ["sh -c 'python x.py'", "x.py"],
    ["'my script.sh'", "my script.sh"],
    ["my\\ script.sh", "my script.sh"],
    ["(./a|./b)", "./b"],
    ["echo `./c` $(./d)", "./d"],
    ["NODE_OPTIONS=--require=./hook.js node x", "--require=./hook.js"],
    ["tool --config=./conf.py", "./conf.py"],
    ["~/bin/x", "/home/ada/bin/x"],
    ['bash "$HOME/x"', "/home/ada/x"],
    ["bash $\u007bHOME}/x", "/home/ada/x"],
    ["bash <<EOF\n./inner\nEOF", "./inner"],
    ["make -C there test", "Makefile"],
    ["npm test", "package.json"],
  ])("%s names %s", (command, word) => expect(words(command)).toContain(word));

  test("what stands behind an interpreter is run whatever it is", () => {
    for (const command of [
      "bash build",
      "bash -eux build",
      "timeout 5 bash build",
      ". build",
      "sh -c 'source build'",
    ])
      expect(operands(command)).toContain("build");
    expect(operands("cat build")).toEqual([]);
  });

  test("a quote that does not end hides nothing", () => {
    expect(words("echo it's ./run")).toContain("./run");
  });
});
