import { expect, test } from "@jest/globals";
import { readPipe, withPiped } from "../../../bin/chat/piped-text.ts";
import { textsFor } from "../../../bin/terminal/texts.ts";

const texts = textsFor("en");
const silent = () => undefined;

async function* pieces(...given: (string | Buffer)[]) {
  yield* given;
}
async function* endless(text: string) {
  for (;;) yield Buffer.from(text);
}

test("a pipe that never ends is given up when it is longer than a message may be", async () => {
  await expect(readPipe(endless("no answer\n".repeat(1_000)), texts, silent)).rejects.toThrow("2,000,000");
});

test("a pipe that never ends and only says yes answers questions", async () => {
  const piped = await readPipe(endless("y\n".repeat(3_000)), texts, silent);
  expect("answers" in piped && new Set(piped.answers)).toEqual(new Set(["y"]));
});

test("characters that are cut in two by the pieces are whole, and yes among words is text", async () => {
  const bytes = Buffer.from("第一行\nyes\n");
  expect(await readPipe(pieces(bytes.subarray(0, 4), bytes.subarray(4)), texts, silent)).toEqual({
    text: "第一行\nyes\n",
  });
  expect(await readPipe(pieces("yes\nNo \n\n"), texts, silent)).toEqual({ answers: ["yes", "No "] });
  expect(await readPipe(pieces(), texts, silent)).toEqual({ text: "" });
});

test.each([
  ["GBK", Buffer.from([0xb4, 0xc5, 0xc5, 0xcc, 0xd2, 0xd1, 0xc2, 0xfa]), "is not UTF-8 text"],
  ["the beginning of a picture", Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a]), "is not UTF-8 text"],
  ["a picture with NULs", Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0]), "is not text (it has NUL bytes)"],
  ["a character that is cut off at the end", Buffer.from("磁盘").subarray(0, 5), "is not UTF-8 text"],
])("%s in a pipe is refused, not read as other characters", async (_what, bytes, words) => {
  await expect(readPipe(pieces(bytes), texts, silent)).rejects.toThrow(words);
});

test("who leaves the pipe open and says nothing is told that it is waited for", async () => {
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  async function* open() {
    await ended;
    yield "late";
  }
  // The words come, and only then the text.
  expect(await readPipe(open(), texts, end)).toEqual({ text: "late" });
});

test("question and text are one message, within its bound", () => {
  expect(withPiped("why?", " a\nb \n", texts)).toBe("why?\n\na\nb");
  expect(withPiped("", "a", texts)).toBe("a");
  expect(withPiped("why?", "\n", texts)).toBe("why?");
  expect(() => withPiped("why?", "x".repeat(1_999_995), texts)).toThrow("2,000,000");
});
