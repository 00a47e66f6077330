// Parts of a text file: whole characters, however the file is cut.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { openFile } from "../../../../../../plugins/tools/files/workspace/open-file.ts";
import { readTextPart, type TextPart } from "../../../../../../plugins/tools/files/workspace/text.ts";
import { type TestContext, toolContext } from "../../../../../support/tool-context.ts";

let context: TestContext;
beforeEach(async () => {
  context = await toolContext();
});
afterEach(() => context.remove());

async function part(content: string | Uint8Array, offset: number, maxBytes: number): Promise<TextPart> {
  await writeFile(join(context.root, "file"), content);
  await using file = await openFile(context, "file");
  return await readTextPart(file, offset, maxBytes);
}

test("parts of every size put together are the text, with no character cut", async () => {
  const text = "a€𝄞ß\n日本語🙂 end";
  for (let maxBytes = 1; maxBytes <= 12; maxBytes += 1) {
    let together = "";
    let offset: number | null = 0;
    while (offset !== null) {
      const one: TextPart = await part(text, offset, maxBytes);
      expect(one.encoding).toBe("utf-8");
      expect(one.bytes).toBeLessThanOrEqual(Math.max(maxBytes, 4));
      expect(one.truncated).toBe(one.next_offset !== null);
      together += one.content;
      offset = one.next_offset;
    }
    expect(together).toBe(text);
  }
});

test("an offset inside of a character begins at the next one, and says so", async () => {
  expect(await part("€uro", 1, 100)).toMatchObject({ content: "uro", offset: 3, size: 6, next_offset: null });
});

test("an offset at or beyond the end gives nothing and no next offset", async () => {
  for (const offset of [3, 1_000]) {
    expect(await part("abc", offset, 10)).toMatchObject({ content: "", truncated: false, next_offset: null });
  }
});

test("an empty file is an empty text", async () => {
  expect(await part("", 0, 10)).toMatchObject({ content: "", size: 0, truncated: false });
});

test("a file in an old single-byte encoding is read, and its encoding is told", async () => {
  const bytes = Buffer.from("Gr\xf6\xdfe und \x80\n", "latin1");
  expect(await part(bytes, 0, 100)).toMatchObject({ content: "Größe und €\n", encoding: "windows-1252" });
});

test("a file with a NUL at its beginning or in the part is binary", async () => {
  const far = Buffer.concat([Buffer.alloc(20_000, "a"), Buffer.from([0])]);
  await expect(part(Buffer.from([0x7f, 0x45, 0, 1]), 0, 100)).rejects.toMatchObject({ code: "binary" });
  await expect(part(far, 19_990, 100)).rejects.toMatchObject({ code: "binary" });
  expect(await part(far, 0, 100)).toMatchObject({ bytes: 100 });
});
