import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { LANGUAGES, languageOf, textsFor } from "../../../bin/terminal/texts.ts";
import { ERROR_TITLES } from "../../../lib/client/phrases/error-titles.ts";
import { CATALOGUE } from "../../../lib/errors.ts";

const ROOT = join(import.meta.dirname, "../../..");

/** Every text by its path: `chat.help`. */
function flat(value: unknown, path = ""): [string, unknown][] {
  if (typeof value !== "object" || value === null) return [[path, value]];
  return Object.entries(value).flatMap(([key, inner]) => flat(inner, path === "" ? key : `${path}.${key}`));
}

const english = flat(textsFor("en")).filter(([path]) => path !== "language");

describe("the texts of the command lines", () => {
  test.each(LANGUAGES)(
    "are complete in %s: the same keys, none empty, functions with the same parameters",
    (language) => {
      const others = new Map(flat(textsFor(language)));
      expect([...others.keys()].filter((path) => path !== "language")).toEqual(english.map(([path]) => path));
      for (const [path, text] of english) {
        const other = others.get(path);
        expect([path, typeof other]).toEqual([path, typeof text]);
        if (typeof text === "function")
          expect([path, (other as typeof text).length]).toEqual([path, text.length]);
        else expect(String(other).trim()).not.toBe("");
      }
    },
  );

  test("in Chinese are Chinese: no sentence was left in English", () => {
    const left = flat(textsFor("zh")).filter(([path, text]) => {
      const shown = typeof text === "function" ? String(text) : String(text);
      return (
        /[a-z]{3,} [a-z]{2,} [a-z]{2,}/i.test(shown.replaceAll(/`[^`]*\$\{[^`]*`/g, "")) &&
        !/\p{Script=Han}/u.test(shown) &&
        path !== "language"
      );
    });
    expect(left.map(([path]) => path)).toEqual([]);
  });

  test("name the same options, commands and variables in both languages", () => {
    const chinese = new Map(flat(textsFor("zh")));
    const names = (text: unknown) =>
      [...String(text).matchAll(/--[a-z-]+|\/[a-z]+(?= |$)|\b[A-Z]{4,}(?:_[A-Z]+)+\b|npm run [a-z:]+/gm)]
        .map(([name]) => name)
        .toSorted();
    for (const [path, text] of english.filter(([, one]) => typeof one === "string"))
      expect([path, new Set(names(chinese.get(path)))]).toEqual([path, new Set(names(text))]);
  });

  test("in Chinese have a title for every error of the catalogue", () => {
    expect(Object.keys(CATALOGUE).filter((type) => !Object.hasOwn(ERROR_TITLES, type))).toEqual([]);
  });

  test("are all used", () => {
    const folder = join(ROOT, "bin");
    const sources = readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts") && !file.includes("texts/"))
      .map((file) => readFileSync(join(folder, file), "utf8"))
      .join("\n");
    // Tables that are read by a key of the data.
    const tables =
      /^(doctor\.checks|start\.rows|commands\.(usage|does|ruleRisk|ruleDecision)|questions\.risk|connection\.why|node\.(state|status\.outcome|badSecret)|start\.sandbox|repl\.(?:usage|does))\./;
    const unused = english
      .map(([path]) => path)
      .filter((path) => !tables.test(path) && !new RegExp(`\\b${path.split(".").at(-1)}\\b`).test(sources));
    expect(unused).toEqual([]);
  });
});

test.each([
  ["zh_CN.UTF-8", "zh"],
  ["zh", "zh"],
  ["zh-Hans-CN", "zh"],
  ["zh_TW.UTF-8", "zh"],
  ["en_GB.UTF-8", "en"],
  ["zhx", "en"],
  ["C", "en"],
  [undefined, "en"],
])("the locale %s is answered in %s", (locale, language) => {
  expect(languageOf(locale)).toBe(language);
});
