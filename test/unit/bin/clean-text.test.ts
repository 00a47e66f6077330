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
});
