import { describe, expect, test } from "@jest/globals";
import { cleanText, TextCleaner, visibleText } from "../../../bin/terminal/clean-text.ts";

describe("text of a model in the terminal", () => {
  test("escape sequences of every kind are taken out with what they carry", () => {
    expect(cleanText("a\x1b[31mred\x1b[0m")).toBe("ared");
    expect(cleanText("a\x1b]0;title\x07b\x1b]8;;http://evil\x1b\\c")).toBe("abc");
    expect(cleanText("a\x1bPq#0\x1b\\b\x9b2Jc\x1b(Bd\x1bcе")).toBe("abcdе");
  });

  test("control characters are taken out, line feeds and tabs stay", () => {
    expect(cleanText("a\rb\bc\x07\td\ne\x7f\x85")).toBe("abc\td\ne");
  });

  test("characters that turn the direction of text are taken out", () => {
    expect(cleanText("rm \u202e/tmp\u2066x")).toBe("rm /tmpx");
  });

  test("a sequence split over pieces is taken out as a whole", () => {
    const attack = "x\x1b]52;c;aGFsbG8=\x07y\x1b[2;3Hz";
    const cleaner = new TextCleaner();
    expect([...attack].map((character) => cleaner.push(character)).join("")).toBe("xyz");
  });

  test("a sequence that never ends hides no more than its line", () => {
    expect(cleanText("a\x1b]0;never\nb")).toBe("a\nb");
  });

  test("letters, emoji and accents stay as they are", () => {
    expect(cleanText("Grüße 👩‍💻 日本 é")).toBe("Grüße 👩‍💻 日本 é");
  });

  test("a character that is cut in two by the pieces is shown whole", () => {
    const cleaner = new TextCleaner();
    expect([..."a\ud83c", "", "\udf89b"].map((piece) => cleaner.push(piece)).join("")).toBe("a🎉b");
    expect(["a\ud83c", "\udf89", "\ud83d", "\ude00!"].map((piece) => cleaner.push(piece))).toEqual([
      "a",
      "🎉",
      "",
      "😀!",
    ]);
  });

  test("what a person must judge shows what it hides", () => {
    expect(visibleText("rm\u202e -rf\x1b[2K\u009b")).toBe("rm\\u202e -rf\\u001b[2K\\u009b");
  });

  test.each([
    ["a zero-width space", "r\u200bm", "r\\u200bm"],
    ["a joiner between letters", "a\u200db", "a\\u200db"],
    ["a soft hyphen", "r\u00adm", "r\\u00adm"],
    ["a mark of byte order", "\ufeffrm", "\\ufeffrm"],
    ["a space that is none", "rm\u00a0-rf\u2009/", "rm\\u00a0-rf\\u2009/"],
    ["a filler of Hangul, an empty pattern of Braille", "\u3164\u2800", "\\u3164\\u2800"],
    ["letters of a tag", "a\u{e0072}\u{e006d}", "a\\udb40\\udc72\\udb40\\udc6d"],
    ["a variation of a letter", "x\ufe0f", "x\\ufe0f"],
    ["another end of a line", "a\u2028b\u2029c", "a\\u2028b\\u2029c"],
    ["half of a character, a private one", "\ud83d \ue0b0", "\\ud83d \\ue0b0"],
  ])("what looks like nothing is shown: %s", (_what, text, shown) => {
    expect(visibleText(text)).toBe(shown);
  });

  test("emoji, accents and the wide space of Chinese stay as they are seen", () => {
    const text = "👩‍💻 ❤️ 👍🏽 e\u0301 你好\u3000世界\tx\ny";
    expect(visibleText(text)).toBe(text);
  });
});
