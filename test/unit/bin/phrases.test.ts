import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { inChinese, PHRASES, piecesOf } from "../../../lib/client/phrases.ts";

const ROOT = join(import.meta.dirname, "../../..");

function sources(...folders: string[]): string[] {
  return folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
      // The tables themselves are no code that says anything.
      .filter((name) => name.endsWith(".ts") && !name.startsWith("client/phrases"))
      .map((name) => readFileSync(join(ROOT, folder, name), "utf8")),
  );
}

describe("the tables", () => {
  test("have each English sentence once, and Chinese names no hole that English has not", () => {
    const english = PHRASES.map(([words]) => words);
    expect(english.filter((words, index) => english.indexOf(words) !== index)).toEqual([]);
    const holes = (words: string) => [...words.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    expect(
      PHRASES.filter(([en, zh]) => holes(zh).some((name) => !holes(en).includes(name))).map(([en]) => en),
    ).toEqual([]);
  });

  test("hold sentences that the code says: none is left of words that were changed", () => {
    const code = sources("contracts", "lib", "mac-node", "mixins", "plugins", "services")
      .join("\n")
      .replaceAll(/\\(["`'])/g, "$1");
    // Some sentences are put together in the code: where their parts meet, two rows of three words are in no file.
    const stale = PHRASES.filter(
      ([english]) => threeWordRows(english).filter((row) => !code.includes(row)).length > 2,
    );
    expect(stale.map(([english]) => english)).toEqual([]);
  });
});

function threeWordRows(english: string): string[] {
  return piecesOf(english).flatMap((piece) => {
    const words = piece.replaceAll(/^[\s"().,:;]+|[\s"().,:;]+$/g, "").split(" ");
    return words.length < 3
      ? [words.join(" ")]
      : words.slice(2).map((_, index) => words.slice(index, index + 3).join(" "));
  });
}

/** The details of all errors that are made with their words beside them, with the same in each hole of a template. */
function detailsOfErrors(inHoles: string): string[] {
  const literal =
    /new AppError\(\s*"\w+",\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|`((?:[^`\\]|\\.)*)`)/g;
  return sources("lib", "mac-node", "plugins/models", "services").flatMap((code) =>
    [...code.matchAll(literal)].map(([, double, single, template]) =>
      (double ?? single ?? withoutHoles(template ?? "", inHoles)).replaceAll(/\\(["`'])/g, "$1"),
    ),
  );
}

function withoutHoles(template: string, inHoles: string): string {
  let out = "";
  let depth = 0;
  for (let at = 0; at < template.length; at += 1) {
    if (template.startsWith("${", at)) {
      if (depth === 0) out += inHoles;
      depth += 1;
      at += 1;
    } else if (depth > 0 && template[at] === "{") depth += 1;
    else if (depth > 0 && template[at] === "}") depth -= 1;
    else if (depth === 0) out += template[at];
  }
  return out;
}

test("every error that the server words itself is said in Chinese", () => {
  // A beginning that is put together is no sentence with a hole.
  const isSentence = (detail: string) => /[a-z]/.test(detail) && !/^X (X|no )/.test(detail);
  const [numbers, names] = [detailsOfErrors("7"), detailsOfErrors("X")];
  expect(names.filter(isSentence).length).toBeGreaterThan(90);
  const isSaid = (detail = "") => inChinese(detail) !== detail;
  expect(
    names.filter((detail, index) => isSentence(detail) && !isSaid(detail) && !isSaid(numbers[index])),
  ).toEqual([]);
});

test.each([
  [
    "the server of openai refuses connections: start it, or set OPENAI_BASE_URL to where it is",
    "openai 的服务器拒绝连接：请启动它，或把 OPENAI_BASE_URL 设为它的地址",
  ],
  [
    "the server of openai cannot be reached: check the network and the address in OPENAI_BASE_URL",
    "openai 的服务器无法连接：请检查网络和 OPENAI_BASE_URL 里的地址",
  ],
  [
    '2 variables are not set to something that can be used:\n  PORT: must be a whole number from 0 to 65535 (it is "x")\n  HOST_TOOLS: must be owner or all (it is "y")',
    '有 2 个变量的值不能使用：\n  PORT：必须是 0 到 65535 的整数（现在是 "x"）\n  HOST_TOOLS：必须是 owner 或 all（现在是 "y"）',
  ],
  [
    "The data folder /srv/m is in use by another MacJarvis (process 12). Stop that one, or set MACJARVIS_HOME to another folder.",
    "数据目录 /srv/m 正被另一个 MacJarvis（进程 12）使用。请停止那一个，或把 MACJARVIS_HOME 设为别的目录。",
  ],
  [
    "openai has a fault of its own (HTTP 500); openai/large is asked instead",
    "openai 自身出错（HTTP 500）；改问 openai/large",
  ],
  ['"password": must have at least 8 characters', "“password”至少要有 8 个字符"],
  [
    'Allows execute_shell_command on "mac", with exactly these arguments: {"command":"ls"}, as long as its places and programs are what they were.',
    '总是允许：execute_shell_command，在 mac 上，仅限这些参数：{"command":"ls"}，只要涉及的位置和程序没有变。',
  ],
  ["The command ended with exit code 3.", "命令结束，退出码 3。"],
  [
    "The command ended with exit code 1. It may write only in /h (of /h only in its sub-folders, in none that starts with a dot, and not in bin) and /tmp, and nowhere in MacJarvis' own folders. Use ~/w, or set working_directory.",
    "命令结束，退出码 1。它只能写入 /h（/h 里只限子目录，以点开头的和 bin 除外）和 /tmp，不能写入 MacJarvis 自己的目录。请使用 ~/w，或设置 working_directory。",
  ],
  ["There is no GET /docs. The routes are below /api/v1.", "没有 GET /docs。所有路由都在 /api/v1 下面。"],
])("%s", (english, chinese) => {
  expect(inChinese(english)).toBe(chinese);
});

describe("what is left as it is", () => {
  test("a sentence that no table has, also when one begins like it", () => {
    expect(inChinese("There is no such word. Try another.")).toBe("There is no such word. Try another.");
    expect(inChinese("Nobody wrote this down.")).toBe("Nobody wrote this down.");
  });

  test("somebody's own word in quotes, also where it reads like one of ours", () => {
    expect(inChinese('You have no session "day".')).toBe("您没有会话“day”。");
  });

  test("a text that was made to be slow, in no time that anybody sees", () => {
    const parts = [
      '"',
      '" led to ',
      ", and leads to ",
      " is damaged: ",
      " cannot be used: ",
      ". ",
      ", as long as ",
    ];
    const long = fc.array(fc.constantFrom(...parts, "x"), { minLength: 20_000, maxLength: 40_000 });
    fc.assert(
      fc.property(long, (pieces) => {
        expect(inChinese(pieces.join(""))).toBeTruthy();
      }),
      { numRuns: 3 },
    );
  });

  test("text without letters, and Chinese text", () => {
    expect(inChinese("42 %")).toBe("42 %");
    expect(inChinese("磁盘已满")).toBe("磁盘已满");
  });
});
