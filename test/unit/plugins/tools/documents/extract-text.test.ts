// extract_text: every kind of document, parts of long ones, and what is damaged, encrypted or made to do harm.
import { execFileSync } from "node:child_process";
import { link, mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import iconv from "iconv-lite";
import tool from "../../../../../plugins/tools/documents/extract-text.ts";
import type { Documents } from "../../../../../plugins/tools/documents/extraction/extract-each.ts";
import { runAsNode } from "../../../../support/run-as-node.ts";
import { type TestContext, toolContext } from "../../../../support/tool-context.ts";
import { docxParts, makePdf, makeZip, paragraph, pptxParts, shape, xlsxParts } from "./make-documents.ts";

let context: TestContext;
beforeEach(async () => {
  context = await toolContext(["secret"]);
});
afterEach(() => context.remove());

const inRoot = (name: string) => join(context.root, name);
const put = (name: string, bytes: Buffer | string) => writeFile(inRoot(name), bytes);
const run = (args: Record<string, unknown>) => runAsNode<Documents>(tool, args, context);
async function read(name: string, bytes: Buffer | string, more: Record<string, unknown> = {}) {
  await put(name, bytes);
  const { data, ...rest } = await run({ paths: [name], ...more });
  const [document] = data?.documents ?? [];
  const found = document && "text" in document ? document : undefined;
  return { ...rest, document: found, text: found?.text };
}

describe("text of a PDF", () => {
  test("comes page by page", async () => {
    const { document, text } = await read("a.pdf", makePdf(["First page\nsecond line", "Page two"]));
    expect(document).toMatchObject({ kind: "pdf", pages: 2, truncated: false, next_offset: null });
    expect(text).toBe("--- page 1 ---\nFirst page\nsecond line\n\n--- page 2 ---\nPage two");
  });

  test("is Chinese where its font is named and not embedded", async () => {
    const font =
      "<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/GBK-EUC-H/DescendantFonts[<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 2>>/FontDescriptor<</Type/FontDescriptor/FontName/STSong-Light/Flags 4>>>>]>>";
    const pdf = makePdf(["XX"])
      .toString("latin1")
      .replace("<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>", font)
      .replace("(XX)", `<${iconv.encode("你好世界", "gbk").toString("hex")}>`);
    expect((await read("zh.pdf", Buffer.from(pdf, "latin1"))).text).toContain("你好世界");
  });

  test("that was scanned is said to have none", async () => {
    const { code, message } = await read("scan.pdf", makePdf(["", ""]));
    expect(code).toBe("no_text");
    expect(message).toContain("scanned");
  });

  test("that is encrypted needs a password, and that is said", async () => {
    const encrypt = `/ID[<00><00>]/Encrypt<</Filter/Standard/V 1/R 2/P -4/O<${"41".repeat(32)}>/U<${"42".repeat(32)}>>>`;
    const { code, message } = await read("locked.pdf", makePdf(["secret"], encrypt));
    expect(code).toBe("encrypted");
    expect(message).toContain("password");
  });

  test("that is damaged is said to be", async () => {
    expect((await read("cut.pdf", Buffer.from("%PDF-1.7\nnothing else"))).code).toBe("damaged");
    expect((await read("no.pdf", "plain text")).message).toContain("named .pdf");
  });
});

describe("text of a Word document", () => {
  test("has paragraphs, tabs, breaks and tables as lines", async () => {
    const body =
      paragraph("Tom &amp; Jerry &#x4f60;") +
      "<w:p><w:pPr><w:tabs><w:tab w:val='left' w:pos='720'/></w:tabs></w:pPr><w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t></w:r></w:p>" +
      `<w:tbl><w:tr><w:tc>${paragraph("x")}</w:tc><w:tc>${paragraph("y")}</w:tc></w:tr></w:tbl>`;
    const { document, text } = await read("a.docx", makeZip(docxParts(body)));
    expect(document?.kind).toBe("docx");
    expect(text).toBe("Tom & Jerry 你\na\tb\nc\nx \ty");
  });

  test("leaves out deleted text, fields and what stands there twice", async () => {
    const body =
      "<w:p><w:del><w:r><w:delText>gone</w:delText></w:r></w:del><w:r><w:instrText>PAGE</w:instrText><w:t>kept</w:t></w:r>" +
      "<mc:AlternateContent><mc:Choice><w:t> once</w:t></mc:Choice><mc:Fallback><w:t> once</w:t></mc:Fallback></mc:AlternateContent></w:p>";
    expect((await read("a.docx", makeZip(docxParts(body)))).text).toBe("kept once");
  });

  test("ends with its footnotes", async () => {
    const notes = { "word/footnotes.xml": `<w:footnotes xmlns:w="w">${paragraph("a note")}</w:footnotes>` };
    const { text } = await read("a.docx", makeZip(docxParts(paragraph("text"), notes)));
    expect(text).toBe("text\n\n--- footnotes ---\na note");
  });

  test("is found by what it is, not by its name", async () => {
    expect((await read("a.txt", makeZip(docxParts(paragraph("hi"))))).document?.kind).toBe("docx");
  });
});

describe("text of a workbook", () => {
  test("has the sheets with their cells between tabs, dates as dates", async () => {
    const rows =
      '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="C1" t="s"><v>1</v></c></row>' +
      '<row r="2"><c r="A2" s="1"><v>45352</v></c><c r="B2" s="4"><v>45352.75</v></c><c r="C2" s="2"><v>1</v></c></row>' +
      '<row r="3"><c r="A3" s="3"><v>3.5</v></c><c r="B3" t="b"><v>1</v></c><c r="C3" t="str"><f>A1</f><v>done</v></c><c t="inlineStr"><is><t>two\nlines</t></is></c></row>';
    const shared = ["<t>Date</t>", "<r><t>To</t></r><r><t>tal</t></r><rPh><t>reading</t></rPh>"];
    const { document, text } = await read("a.xlsx", makeZip(xlsxParts(rows, shared)));
    expect(document).toMatchObject({ kind: "xlsx", sheets: 2 });
    expect(text).toBe(
      '--- sheet "Sales & more" ---\nDate\t\tTotal\n2024-03-01\t2024-03-01 18:00:00\t1900-01-01\n3.5\tTRUE\tdone\ttwo lines\n\n--- sheet "Old" (hidden) ---\nsecret',
    );
  });

  test("counts days from 1904 where the workbook does", async () => {
    const rows = '<row r="1"><c r="A1" s="1"><v>0</v></c></row>';
    expect((await read("a.xlsx", makeZip(xlsxParts(rows, [], true)))).text).toContain("1904-01-01");
  });

  test("does not fill a row with empty cells to one that is far away", async () => {
    const row = '<row><c r="A1"><v>1</v></c><c r="XFD1"><v>2</v></c></row>';
    expect((await read("a.xlsx", makeZip(xlsxParts(row)))).text).toContain("1[XFD1] 2");
  });
});

test("a workbook with macros and other prefixes is one all the same", async () => {
  const parts = xlsxParts('<row r="1"><c r="A1"><v>5</v></c></row>');
  const types = parts["[Content_Types].xml"]?.replace(
    /application\/vnd\.openxml[^"]*main\+xml/,
    "application/vnd.ms-excel.sheet.macroEnabled.main+xml",
  );
  const workbook = parts["xl/workbook.xml"]
    ?.replaceAll("r:id", "rel:id")
    .replaceAll(/<(\/?)(sheet|workbook)/g, "<$1x:$2");
  const all = { ...parts, "[Content_Types].xml": types ?? "", "xl/workbook.xml": workbook ?? "" };
  expect((await read("a.xlsm", makeZip(all))).text).toContain('--- sheet "Sales & more" ---\n5');
});

test("text of a presentation comes slide by slide in its order, with the notes", async () => {
  const hidden = `${shape("Two")}<p:sp><p:ph type='sldNum'/><a:p><a:r><a:t>99</a:t></a:r></a:p></p:sp>`;
  const { document, text } = await read("a.pptx", makeZip(pptxParts(shape("One"), hidden)));
  expect(document).toMatchObject({ kind: "pptx", slides: 2 });
  expect(text).toBe("--- slide 1 ---\nOne\n\nNotes: say 2\n\n--- slide 2 ---\nTwo\n\nNotes: say 1");
});

describe("text of a page", () => {
  test("is what a browser shows, without scripts and what is hidden", async () => {
    const page =
      "<html><head><title>Title</title><style>p{}</style><script>var x = '<p>no'</script></head><body><h1>Head &amp; toe</h1><p>one <b>two</b>,\n three<br>four</p><div style='display: none'>hidden <p>too</p></div><ul><li>a</li><li>b</ul><table><tr><td>x<td>y</table><pre>  as\n  is</pre><img alt='a cat'></body>";
    const { document, text } = await read("a.html", page);
    expect(document?.kind).toBe("html");
    expect(text).toBe(
      "Title\n\nHead & toe\n\none two, three\nfour\n\n- a\n- b\n\nx\ty\n\n  as\n  is\n\n[a cat]",
    );
  });

  test("is read in the encoding that it names", async () => {
    const page = "<meta charset='gb2312'><p>中文网页，没有标点也行</p>";
    expect((await read("a.htm", iconv.encode(page, "gbk"))).text).toBe("中文网页，没有标点也行");
  });
});

describe("plain text", () => {
  test.each([
    ["a.txt", "txt"],
    ["a.md", "md"],
    ["a.csv", "csv"],
    ["README", "txt"],
  ])("%s is %s, as it is written", async (name, kind) => {
    const text = "# one\n\n\n\n  two, three\n";
    expect((await read(name, text)).document).toMatchObject({ kind, encoding: "utf-8", text });
  });

  test("is read in old encodings and in UTF-16", async () => {
    const chinese = "今天天气很好，我们去公园散步吧。";
    expect((await read("gbk.txt", iconv.encode(chinese, "gbk"))).text).toBe(chinese);
    expect((await read("utf16.txt", Buffer.from(`\ufeff${chinese}`, "utf16le"))).text).toBe(chinese);
  });

  test("that is none is refused, an empty one too", async () => {
    expect((await read("a.bin", Buffer.from([1, 2, 0, 3, 0, 0, 255, 254, 7]))).code).toBe("binary");
    expect((await read("empty.txt", "")).code).toBe("no_text");
  });
});

describe("a long document", () => {
  test("goes on at next_offset until its end, no character cut", async () => {
    const text = "😀a語".repeat(500);
    await put("long.txt", text);
    let [all, offset] = ["", 0 as number | null];
    for (let calls = 0; offset !== null && calls < 20; calls += 1) {
      const { data } = await run({ paths: ["long.txt"], offset, max_characters: 299 });
      const [part] = data.documents;
      if (!part || !("text" in part)) throw new Error("no text");
      expect(part.text.isWellFormed()).toBe(true);
      all += part.text;
      offset = part.next_offset;
    }
    expect(all).toBe(text);
  });

  test("shares what a call gives with the others", async () => {
    await put("long.txt", "x".repeat(5_000));
    await put("short.txt", "y".repeat(100));
    const { data } = await run({ paths: ["short.txt", "long.txt"], max_characters: 1_000 });
    expect(data.documents.map((document) => "text" in document && document.text.length)).toEqual([100, 900]);
    expect(data.documents[1]).toMatchObject({ truncated: true, next_offset: 900 });
  });

  test("of several has no offset", async () => {
    expect(await run({ paths: ["a", "b"], offset: 5 })).toMatchObject({ ok: false, code: "invalid_path" });
  });
});

describe("what was made to do harm", () => {
  test("a PDF that claims to have millions of pages, or unpacks to gigabytes, ends", async () => {
    const many = makePdf(["a"]).toString("latin1").replace("/Count 1/", "/Count 900000000/");
    expect((await read("many.pdf", many)).document).toMatchObject({ pages: 1, text: "--- page 1 ---\na" });
    const packed = deflateSync(Buffer.alloc(700_000_000, " "), { level: 9 }).toString("latin1");
    const bomb = makePdf(["a"])
      .toString("latin1")
      .replace(
        /<<\/Length \d+>>stream\n[\s\S]*?\nendstream/,
        () => `<</Length ${packed.length}/Filter/FlateDecode>>stream\n${packed}\nendstream`,
      );
    expect((await read("bomb.pdf", Buffer.from(bomb, "latin1"))).code).toBe("too_large");
  });

  test("a zip bomb ends as a failure", async () => {
    const bomb = makeZip({ ...docxParts(""), "word/document.xml": Buffer.alloc(450_000_000, " ") });
    expect(bomb.length).toBeLessThan(1_000_000);
    expect((await read("bomb.docx", bomb)).code).toBe("too_large");
  });

  test("entities and document types are refused", async () => {
    const dtd = '<!DOCTYPE x [<!ENTITY a "aaaaaaaa"><!ENTITY b SYSTEM "file:///etc/passwd">]>';
    const parts = docxParts("");
    const bad = `${dtd}<w:document><w:p><w:t>&a;&b;</w:t></w:p></w:document>`;
    const { code, message } = await read("dtd.docx", makeZip({ ...parts, "word/document.xml": bad }));
    expect(code).toBe("damaged");
    expect(message).toContain("DTD");
  });

  test("a zip that lies about sizes, is cut, encrypted or no document is told so", async () => {
    const good = makeZip(docxParts(paragraph("hi")));
    expect((await read("lie.docx", makeZip(docxParts(paragraph("hi")), { size: 5 }))).code).toBe("damaged");
    expect((await read("cut.docx", good.subarray(0, good.length - 30))).code).toBe("damaged");
    expect((await read("key.docx", makeZip(docxParts(""), { flags: 1 }))).code).toBe("encrypted");
    expect((await read("a.zip", makeZip({ "a.txt": "hi" }))).code).toBe("unsupported");
    expect((await read("a.odt", makeZip({ mimetype: "application/vnd.oasis" }))).code).toBe("unsupported");
  });

  test("an encrypted Office document and one of an old format are told apart", async () => {
    const ole = Buffer.from("d0cf11e0a1b11ae1", "hex");
    const name = Buffer.from("EncryptedPackage", "utf16le");
    expect((await read("a.docx", Buffer.concat([ole, Buffer.alloc(600), name]))).code).toBe("encrypted");
    expect((await read("a.doc", Buffer.concat([ole, Buffer.alloc(600)]))).code).toBe("unsupported");
  });

  test("tags within tags are no danger", async () => {
    expect((await read("old.html", `<html>${"<font>".repeat(20_000)}text`)).text).toBe("text");
    expect((await read("deep.html", `<html>${"<div>".repeat(200_000)}text`)).code).toBe("damaged");
    expect((await read("deep.docx", makeZip(docxParts("<w:p>".repeat(100_000))))).code).toBe("damaged");
  });

  test("text has no NUL and no halves of characters", async () => {
    const { text } = await read("a.docx", makeZip(docxParts(paragraph("a\x00b\x07c&#xD800;"))));
    expect(text).not.toMatch(/[\0\x07]/);
    expect(text?.isWellFormed()).toBe(true);
  });
});

describe("paths", () => {
  test("G27 lead to regular files below the roots only", async () => {
    await mkdir(inRoot("secret"));
    await put("secret/a.txt", "hidden");
    await symlink("/etc/passwd", inRoot("out.txt"));
    await put("one.txt", "text");
    await link(inRoot("one.txt"), inRoot("two.txt"));
    execFileSync("mkfifo", [inRoot("pipe.txt")]);
    expect((await run({ paths: ["secret/a.txt"] })).code).toBe("not_allowed");
    expect((await run({ paths: ["../a.txt"] })).code).toBe("not_allowed");
    expect((await run({ paths: ["out.txt"] })).code).toBe("not_allowed");
    expect((await run({ paths: ["two.txt"] })).code).toBe("not_allowed");
    expect((await run({ paths: ["pipe.txt"] })).code).toBe("not_a_file");
    expect((await run({ paths: ["."] })).ok).toBe(false);
  });

  test("of which one fails do not keep the others from being read", async () => {
    await put("a.txt", "text");
    const { data } = await run({ paths: ["missing.pdf", "a.txt"] });
    expect(data.failed).toBe(1);
    expect(data.documents[0]).toMatchObject({ path: "missing.pdf", error: { code: "not_found" } });
    expect(data.documents[1]).toMatchObject({ text: "text" });
    const { code, message } = await run({ paths: ["x", "y"] });
    expect(code).toBe("failed");
    expect(message).toContain('"y"');
  });

  test("are one to twenty, and nothing else is taken", async () => {
    for (const args of [
      {},
      { paths: [] },
      { paths: Array(21).fill("a") },
      { paths: "a" },
      { paths: ["a"], pages: 1 },
    ])
      expect(tool.parameters.safeParse(args).success).toBe(false);
  });
});

test("a call that is cancelled ends at once", async () => {
  await put("a.pdf", makePdf(Array(300).fill("many words on a page")));
  const call = run({ paths: ["a.pdf"] });
  setTimeout(() => context.abort(), 50);
  expect(await call).toMatchObject({ ok: false, code: "cancelled" });
});
