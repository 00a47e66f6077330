// Files that are not plain UTF-8 (cases/tools.md, "the file is damaged"): each tool that writes, on each encoding. The bytes were
// made with Python's codecs, and what a tool has made of them is read with the decoders of Node.
import { readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import iconv from "iconv-lite";
import type { Tool } from "../../../../../contracts/tools.ts";
import appendFile from "../../../../../plugins/tools/files/append-file.ts";
import editFile from "../../../../../plugins/tools/files/edit-file.ts";
import grepRecursive from "../../../../../plugins/tools/files/grep-recursive.ts";
import readFileTool from "../../../../../plugins/tools/files/read-file.ts";
import type { TextPart } from "../../../../../plugins/tools/files/workspace/text.ts";
import writeFileTool from "../../../../../plugins/tools/files/write-file.ts";
import { type TestContext, toolContext } from "../../../../support/tool-context.ts";
import { runTool } from "./run-tool.ts";

let context: TestContext;
beforeEach(async () => {
  context = await toolContext();
});
afterEach(() => context.remove());

const file = () => join(context.root, "file");
const put = (bytes: Buffer) => writeFile(file(), bytes);
const bytesThere = () => readFile(file());
type Data = TextPart & { joins_last_line?: true };
const call = (tool: Pick<Tool, "parameters" | "execute">, args: Record<string, unknown>) =>
  runTool<Data>(tool, { path: "file", ...args }, context);
const read = (args: Record<string, unknown> = {}) => call(readFileTool, args);
const append = (content: string, args = {}) => call(appendFile, { content, ...args });
const edit = (old_text: string, new_text: string, args = {}) =>
  call(editFile, { old_text, new_text, ...args });
const overwrite = (content: string, args = {}) => call(writeFileTool, { content, overwrite: true, ...args });

/** What strict decoders of Node make of bytes; UTF-32, which it lacks, is read by hand. */
function strictly(bytes: Buffer, encoding: string): string {
  if (!encoding.startsWith("utf-32"))
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  expect(bytes.length % 4).toBe(0);
  return Array.from({ length: bytes.length / 4 }, (_, index) =>
    String.fromCodePoint(view.getUint32(index * 4, encoding === "utf-32le")),
  ).join("");
}

const utf16be = (text: string) => Buffer.from(text, "utf16le").swap16();
const utf32 = (text: string, little: boolean) =>
  Buffer.concat(
    [...text].map((character) => {
      const bytes = Buffer.alloc(4);
      if (little) bytes.writeUInt32LE(character.codePointAt(0) ?? 0);
      else bytes.writeUInt32BE(character.codePointAt(0) ?? 0);
      return bytes;
    }),
  );
const hex = (text: string) => Buffer.from(text, "hex");

type Sample = { encoding: string; bytes: Buffer; text: string; more: string };
const MARKED = "\ufeff标题 é 😀\n第一行\n";
const SAMPLES: Record<string, Sample> = {
  "UTF-8 with a mark": { encoding: "utf-8", bytes: Buffer.from(MARKED), text: MARKED, more: "更多 ü\n" },
  "UTF-16LE": { encoding: "utf-16le", bytes: Buffer.from(MARKED, "utf16le"), text: MARKED, more: "更多 ü\n" },
  "UTF-16BE": { encoding: "utf-16be", bytes: utf16be(MARKED), text: MARKED, more: "更多 ü\n" },
  "UTF-16LE without a mark": {
    encoding: "utf-16le",
    bytes: Buffer.from(MARKED.slice(1), "utf16le"),
    text: MARKED.slice(1),
    more: "更多\n",
  },
  "UTF-32LE": { encoding: "utf-32le", bytes: utf32(MARKED, true), text: MARKED, more: "更多 😀\n" },
  "UTF-32BE": { encoding: "utf-32be", bytes: utf32(MARKED, false), text: MARKED, more: "更多 😀\n" },
  GBK: {
    encoding: "gbk",
    bytes: hex("b1eacce2a3babbe1d2e9bcc7c2bc0ab5dad2bbd0d0c4dac8dd0a"),
    text: "标题：会议记录\n第一行内容\n",
    more: "更多内容\n",
  },
  GB18030: {
    encoding: "gb18030",
    bytes: hex("b1eacce2a3babbe1d2e9bcc7c2bc9439fc360ab5dad2bbd0d0c4dac8dd0a"),
    text: "标题：会议记录😀\n第一行内容\n",
    more: "更多😀\n",
  },
  Big5: {
    encoding: "big5",
    bytes: hex("bcd0c344a147b77cc4b3b04fbffdbb50a4baae65bba1a9fa0ab2c4a440a6e6aabaa4baae650a"),
    text: "標題：會議記錄與內容說明\n第一行的內容\n",
    more: "更多內容\n",
  },
  Shift_JIS: {
    encoding: "shift_jis",
    bytes: hex("93fa967b8cea82cc8365834c83588367837483408343838b0a93f18d7396da0a"),
    text: "日本語のテキストファイル\n二行目\n",
    more: "表 ソート\n",
  },
  "EUC-JP": {
    encoding: "euc-jp",
    bytes: hex("c6fccbdcb8eca4cea5c6a5ada5b9a5c8a5d5a5a1a5a4a5eba4c7a4b90ac6f3b9d4ccdc0a"),
    text: "日本語のテキストファイルです\n二行目\n",
    more: "表\n",
  },
  "EUC-KR": {
    encoding: "euc-kr",
    bytes: hex("c7d1b1b9beee20c5d8bdbac6ae20c6c4c0cfc0d4b4cfb4d90ab5d1c2b020c1d90a"),
    text: "한국어 텍스트 파일입니다\n둘째 줄\n",
    more: "더 많은 내용\n",
  },
  "Windows-1252": {
    encoding: "windows-1252",
    bytes: hex("4772f6df6520756e642048f668653a203520800ae974e92064e96ae02076750a"),
    text: "Größe und Höhe: 5 €\nété déjà vu\n",
    more: "naïve Größe\n",
  },
  "Windows-1251": {
    encoding: "windows-1251",
    bytes: hex(
      "ddf2ee20f2e5eaf1f2eee2fbe920f4e0e9eb20ede020f0f3f1f1eaeeec20ffe7fbeae50ae2f2eef0e0ff20f1f2f0eeeae00a",
    ),
    text: "Это текстовый файл на русском языке\nвторая строка\n",
    more: "третья\n",
  },
};
const NAMES = Object.keys(SAMPLES);
const sampleOf = (name: string) => SAMPLES[name] as Sample;

describe.each(NAMES)("a file in %s", (name) => {
  const { encoding, bytes, text, more } = sampleOf(name);
  const plain = text.replace(/^\ufeff/, "");

  test("is read as text, and its encoding is named", async () => {
    await put(bytes);
    const { data } = await read();
    expect(data).toMatchObject({ content: plain, encoding, size: bytes.length, truncated: false });
    expect(data.byte_order_mark).toBe(text === plain ? undefined : true);
  });

  test("read in parts of every size gives the same text, with no character cut", async () => {
    await put(bytes);
    for (let max_bytes = 4; max_bytes <= 11; max_bytes += 1) {
      let together = "";
      for (let offset: number | null = 0; offset !== null; ) {
        const { data }: { data: Data } = await read({ offset, max_bytes, encoding });
        together += data.content;
        offset = data.next_offset;
      }
      expect(together).toBe(plain);
    }
  });

  test("gets what is appended in the same encoding, and all before stays as it is", async () => {
    await put(bytes);
    expect((await append(more)).data).toMatchObject({ encoding });
    const now = await bytesThere();
    expect(now.subarray(0, bytes.length)).toEqual(bytes);
    expect(strictly(now, encoding)).toBe(text + more);
  });

  test("is edited in the same encoding", async () => {
    await put(bytes);
    const [first = ""] = plain.split("\n");
    const result = await edit(first, more.trim());
    expect(result.data).toMatchObject({ encoding, replacements: 1 });
    expect(strictly(await bytesThere(), encoding)).toBe(text.replace(first, more.trim()));
  });

  test("is overwritten in the same encoding, its mark kept", async () => {
    await put(bytes);
    expect((await overwrite(more)).data).toMatchObject({ encoding });
    expect(strictly(await bytesThere(), encoding)).toBe((text === plain ? "" : "\ufeff") + more);
  });
});

describe("a text that the encoding of the file cannot say", () => {
  const legacy = NAMES.filter((name) => !/UTF|GB18030/.test(name));

  test.each(legacy)("is refused with the reason and changes nothing: %s", async (name) => {
    const { bytes, text } = sampleOf(name);
    await put(bytes);
    for (const result of [await append("😀\n"), await overwrite("😀"), await edit(text.slice(0, 3), "😀")]) {
      expect(["not_in_encoding", "encoding_unsure"]).toContain(result.code);
      expect(result.message).toContain("othing was changed");
    }
    expect(await bytesThere()).toEqual(bytes);
  });

  test("names the characters and the way out, which works", async () => {
    await put(sampleOf("GBK").bytes);
    expect((await append("→ 😀 中\n")).message).toMatch(/gbk, which has no 😀;.*encoding "utf-8"/);
    expect((await overwrite("中😀\n", { encoding: "utf-8" })).data).toMatchObject({ encoding: "utf-8" });
    expect((await bytesThere()).toString()).toBe("中😀\n");
  });
});

describe("an encoding that cannot be told", () => {
  // Two characters, as likely Korean as Chinese.
  const short = hex("2320c5e4d6c30a706f72743d38300a");

  test("lets ASCII be written, and refuses what would differ", async () => {
    await put(short);
    expect((await append("user=1\n")).ok).toBe(true);
    const before = await bytesThere();
    const result = await append("中文\n");
    expect(result.code).toBe("encoding_unsure");
    expect(result.message).toContain("gbk");
    expect(await bytesThere()).toEqual(before);
  });

  test("is told when the file is read, and may be given", async () => {
    await put(short);
    const { data } = await read();
    expect([data.encoding, ...(data.other_encodings ?? [])]).toEqual(
      expect.arrayContaining(["gbk", "euc-kr"]),
    );
    expect((await read({ encoding: "gbk" })).data.content).toBe("# 配置\nport=80\n");
    expect((await append("中文\n", { encoding: "gbk" })).ok).toBe(true);
    expect(strictly(await bytesThere(), "gbk")).toBe("# 配置\nport=80\n中文\n");
  });

  test("that is given and does not fit is refused", async () => {
    await put(sampleOf("GBK").bytes);
    for (const result of [
      await append("x", { encoding: "utf-8" }),
      await edit("x", "y", { encoding: "utf-8" }),
    ])
      expect(result).toMatchObject({ code: "not_in_encoding" });
    expect(await bytesThere()).toEqual(sampleOf("GBK").bytes);
  });

  test("of text with a few damaged bytes is still UTF-8: added to as such, not edited", async () => {
    const damaged = Buffer.concat([
      Buffer.from("größer, schöner, weiter — später\n"),
      hex("e4"),
      Buffer.from("\n"),
    ]);
    await put(damaged);
    expect((await read()).data).toMatchObject({ encoding: "utf-8", faulty: true });
    expect((await append("ü\n")).ok).toBe(true);
    expect(await bytesThere()).toEqual(Buffer.concat([damaged, Buffer.from("ü\n")]));
    expect(await edit("weiter", "x")).toMatchObject({ code: "binary" });
  });

  test("ISO-2022-JP is read and not written", async () => {
    const bytes = hex("1b2442467c4b5c386c1b28420a");
    await put(bytes);
    expect((await read()).data).toMatchObject({ content: "日本語\n", encoding: "iso-2022-jp" });
    for (const result of [await append("x"), await edit("B", "x"), await overwrite("x")])
      expect(result).toMatchObject({ code: "not_in_encoding" });
    expect(await bytesThere()).toEqual(bytes);
  });

  test("a character cut at the end would swallow what follows: refused", async () => {
    await put(Buffer.concat([sampleOf("GBK").bytes, hex("d6")]));
    expect(await append("abc\n")).toMatchObject({ ok: false });
    await put(Buffer.concat([sampleOf("UTF-16LE").bytes, hex("41")]));
    expect(await append("abc\n")).toMatchObject({ code: "binary" });
  });
});

describe("what is no text", () => {
  test("binary files are neither added to, edited, nor replaced by a text, unless it is said", async () => {
    const elf = Buffer.concat([hex("7f454c4602010100000000"), Buffer.alloc(64), Buffer.from("text\n")]);
    await put(elf);
    for (const result of [await append("x"), await edit("text", "x"), await overwrite("x"), await read()])
      expect(result).toMatchObject({ code: "binary" });
    expect(await bytesThere()).toEqual(elf);
    expect((await overwrite("text", { encoding: "utf-8" })).ok).toBe(true);
    expect((await bytesThere()).toString()).toBe("text");
  });

  test("a file with a hole is binary, however long it is", async () => {
    await put(Buffer.from("begin\n"));
    await truncate(file(), 3_000_000);
    for (const result of [await append("x"), await edit("begin", "x"), await overwrite("x")])
      expect(result).toMatchObject({ code: "binary" });
    expect((await bytesThere()).length).toBe(3_000_000);
  });

  test("random bytes are binary or at least stay what they were", async () => {
    const bytes = Buffer.from(Array.from({ length: 4_000 }, (_, index) => ((index * 7919 + 13) % 255) + 1));
    await put(bytes);
    await append("x\n");
    expect((await bytesThere()).subarray(0, bytes.length)).toEqual(bytes);
    await put(bytes);
    expect(await overwrite("é")).toMatchObject({ code: "binary" });
    expect(await bytesThere()).toEqual(bytes);
  });
});

describe("long files", () => {
  test("are known by both their ends", async () => {
    const line = sampleOf("GBK").bytes;
    const ascii = Buffer.alloc(2_000_000, "plain text\n");
    for (const bytes of [Buffer.concat([ascii, line]), Buffer.concat([line, ascii])]) {
      await put(bytes);
      expect((await append("更多\n")).data).toMatchObject({ encoding: "gbk" });
      const now = await bytesThere();
      expect(strictly(now.subarray(bytes.length), "gbk")).toBe("更多\n");
    }
  });

  test("a UTF-8 file is not taken for another because a character lies across what was looked at", async () => {
    for (const shift of [0, 1, 2]) {
      const bytes = Buffer.concat([Buffer.alloc(shift, "a"), Buffer.from("中".repeat(500_000))]);
      await put(bytes);
      expect((await append("é")).data).toMatchObject({ encoding: "utf-8" });
      expect(strictly((await bytesThere()).subarray(shift), "utf-8").endsWith("中é")).toBe(true);
    }
  });

  test("a part far behind plain ASCII is read in its own encoding", async () => {
    await put(Buffer.concat([Buffer.alloc(100_000, "plain text\n"), sampleOf("GBK").bytes]));
    const { data } = await read({ offset: 99_990 });
    expect(data).toMatchObject({ encoding: "gbk" });
    expect(data.content).toContain("第一行内容");
  });

  test("an offset within a character of two bytes begins at the next one", async () => {
    await put(sampleOf("GBK").bytes);
    expect((await read({ offset: 1 })).data).toMatchObject({
      offset: 2,
      content: expect.stringMatching(/^题/),
    });
    await put(sampleOf("UTF-16LE").bytes);
    expect((await read({ offset: 3 })).data).toMatchObject({
      offset: 4,
      content: expect.stringMatching(/^题/),
    });
  });
});

describe("line ends", () => {
  test("of a file with \\r\\n stay, whatever the model writes", async () => {
    await put(Buffer.from("one\r\ntwo\r\n"));
    await append("three\n");
    await edit("one\ntwo", "1\n2\n2b");
    expect((await bytesThere()).toString()).toBe("1\r\n2\r\n2b\r\nthree\r\n");
    await overwrite("a\nb\n");
    expect((await bytesThere()).toString()).toBe("a\r\nb\r\n");
  });

  test("of a file with several kinds stay as they are, and new ones are those of the place", async () => {
    await put(Buffer.from("one\r\ntwo\nthree\r\nfour\n"));
    await edit("two\nthree", "2\n3");
    await edit("one", "0\n1");
    await edit("four", "4\n5");
    expect((await bytesThere()).toString()).toBe("0\r\n1\r\n2\n3\r\n4\n5\n");
    await edit("2\n3\n4", "x\ny\nz");
    expect((await bytesThere()).toString()).toBe("0\r\n1\r\nx\ny\r\nz\n5\n");
  });

  test("that the model writes itself are written as they are", async () => {
    await put(Buffer.from("one\r\ntwo\r\n"));
    await edit("one\r\ntwo\r\n", "one\ntwo\r");
    expect((await bytesThere()).toString()).toBe("one\ntwo\r");
  });

  test("a last line without one is told to whoever appends, and stays without one when it is edited", async () => {
    await put(Buffer.from("a=1"));
    await edit("1", "2");
    expect((await bytesThere()).toString()).toBe("a=2");
    expect((await append("b=2\n")).data).toMatchObject({ joins_last_line: true });
    expect((await append("c=3\n")).data.joins_last_line).toBeUndefined();
    expect((await bytesThere()).toString()).toBe("a=2b=2\nc=3\n");
  });

  test("a hundred thousand places are replaced, each with the line end of its place", async () => {
    await put(Buffer.from(`first\r\n${"x\n".repeat(3)}${"x".repeat(100_000)}`));
    expect((await edit("x", "y\n", { replace_all: true })).data).toMatchObject({ replacements: 100_003 });
    expect((await bytesThere()).toString()).toBe(`first\r\n${"y\n\n".repeat(3)}${"y\n".repeat(100_000)}`);
  });
});

test.each([
  ["of one byte a character", "windows-1252", "größere Möwen über Käse, "],
  ["of two", "gbk", "一份很长的文件，"],
  ["of four", "gb18030", "很长的😀文件，"],
])(
  "a long file in an encoding %s is edited whole, and others have their turns meanwhile",
  async (_what, encoding, words) => {
    const text = `${`${words}\n`.repeat(60_000)}UNIQUE`;
    await put(iconv.encode(text, encoding));
    const { ok, message } = await edit("UNIQUE", "ONE", { encoding });
    expect([ok, message]).toEqual([true, ""]);
    expect(iconv.decode(await bytesThere(), encoding)).toBe(text.replace("UNIQUE", "ONE"));
  },
);

test.each(["a,b\n1,\0\n2,3\n", "./one\0./two\0./ab\0", "name=x\0home=/home/x\0"])(
  "ASCII with NULs is no UTF-16, and nothing of the kind is put behind it: %j",
  async (text) => {
    await put(Buffer.from(text));
    for (const tool of [readFileTool, appendFile]) {
      const args = tool === appendFile ? { content: "more" } : {};
      expect(await call(tool, args)).toMatchObject({ ok: false, error: { code: "binary" } });
    }
    expect(await bytesThere()).toEqual(Buffer.from(text));
  },
);

test("grep_recursive finds text in files of every encoding", async () => {
  await put(sampleOf("GBK").bytes);
  await writeFile(join(context.root, "wide"), Buffer.from("\ufeff第一行内容\r\n", "utf16le"));
  const found = await runTool<{ matches: { text: string }[] }>(
    grepRecursive,
    { directory: ".", pattern: "一行内" },
    context,
  );
  expect(found.data.matches.map(({ text }) => text)).toEqual(["第一行内容", "第一行内容"]);
});

test("a new file is made in the encoding that is asked for, with a mark where it needs one", async () => {
  await call(writeFileTool, { content: "中é", encoding: "utf-16le" });
  expect(await bytesThere()).toEqual(Buffer.from("\ufeff中é", "utf16le"));
  expect(
    await call(appendFile, { path: "new", content: "😀", create_if_missing: true, encoding: "gbk" }),
  ).toMatchObject({
    code: "not_in_encoding",
  });
  await expect(readFile(join(context.root, "new"))).rejects.toMatchObject({ code: "ENOENT" });
});

test("of two or three words the right encoding is always among those that are taken for possible", async () => {
  const words: Record<string, string[]> = {
    gbk: ["你好", "# 配置\n", "// 注释\nint main(){}\n", "测试\n", "a=中\n"],
    big5: ["你好，世界\n", "測試\n", "台北\n高雄\n", "繁體中文\n"],
    shift_jis: ["テスト\n", "ソース\n", "名前=テスト\n", "日本語\n"],
    "euc-jp": ["東京\n大阪\n"],
    "euc-kr": ["한글\n", "안녕\n"],
    "windows-1252": ["café\n", "50 µm, 20 °C\n", "© 2024\n", "ação não\n", "5 €\n", "“so”\n", "Größe"],
    "windows-1251": ["Имя\n"],
    "windows-1250": ["Zażółć gęślą jaźń\n", "Příliš žluťoučký kůň\n"],
  };
  for (const [encoding, texts] of Object.entries(words)) {
    for (const text of texts) {
      await put(iconv.encode(text, encoding));
      const { data } = await read();
      expect([text, data.encoding, ...(data.other_encodings ?? [])]).toContain(encoding);
    }
  }
});
