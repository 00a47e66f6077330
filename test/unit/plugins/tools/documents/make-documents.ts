// Documents for tests, made as their formats say, and damaged where a test wants that.
import { crc32, deflateRawSync } from "node:zlib";

/** A zip (APPNOTE 6.3.10) of these files, deflated. @param claim what the sizes say instead of the truth */
export function makeZip(
  files: Record<string, string | Buffer>,
  claim?: { size?: number; flags?: number },
): Buffer {
  const pieces: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of Object.entries(files)) {
    const bytes = Buffer.from(content as string);
    const packed = deflateRawSync(bytes);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(claim?.flags ?? 0, 2);
    fields.writeUInt16LE(8, 4);
    fields.writeUInt32LE(crc32(bytes), 10);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(claim?.size ?? bytes.length, 18);
    fields.writeUInt16LE(Buffer.byteLength(name), 22);
    const local = Buffer.concat([Buffer.from("PK\x03\x04"), fields, Buffer.from(name), packed]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from("PK\x01\x02\x14\0"), fields, tail, Buffer.from(name)]));
    pieces.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(directory.length, 8);
  end.writeUInt16LE(directory.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...pieces, central, end]);
}

const XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>';
const OFFICE = "application/vnd.openxmlformats-officedocument";
const RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

const contentTypes = (part: string, type: string) =>
  `${XML}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/><Override PartName="/${part}" ContentType="${OFFICE}.${type}.main+xml"/></Types>`;
const relations = (...targets: [string, string][]) =>
  `${XML}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${targets
    .map(
      ([type, target], index) =>
        `<Relationship Id="rId${index + 1}" Type="${RELATION}/${type}" Target="${target}"/>`,
    )
    .join("")}</Relationships>`;

/** @param body what stands in `w:body`; @param more parts beside it */
export function docxParts(body: string, more: Record<string, string> = {}): Record<string, string> {
  return {
    "[Content_Types].xml": contentTypes("word/document.xml", "wordprocessingml.document"),
    "word/document.xml": `${XML}<w:document xmlns:w="w" xmlns:mc="mc"><w:body>${body}</w:body></w:document>`,
    "word/_rels/document.xml.rels": relations(["footnotes", "footnotes.xml"]),
    ...more,
  };
}
export const paragraph = (text: string) => `<w:p><w:r><w:t xml:space="preserve">${text}</w:t></w:r></w:p>`;

/** @param rows what stands in `sheetData` of the first sheet */
export function xlsxParts(rows: string, shared: string[] = [], date1904 = false): Record<string, string> {
  return {
    "[Content_Types].xml": contentTypes("xl/workbook.xml", "spreadsheetml.sheet"),
    "xl/workbook.xml": `${XML}<workbook xmlns:r="r"><workbookPr${date1904 ? ' date1904="1"' : ""}/><sheets><sheet name="Sales &amp; more" sheetId="1" r:id="rId1"/><sheet name="Old" sheetId="2" state="hidden" r:id="rId2"/></sheets></workbook>`,
    "xl/_rels/workbook.xml.rels": relations(
      ["worksheet", "worksheets/sheet1.xml"],
      ["worksheet", "/xl/worksheets/sheet2.xml"],
      ["sharedStrings", "sharedStrings.xml"],
      ["styles", "styles.xml"],
    ),
    "xl/sharedStrings.xml": `${XML}<sst>${shared.map((text) => `<si>${text}</si>`).join("")}</sst>`,
    "xl/styles.xml": `${XML}<styleSheet><numFmts><numFmt numFmtId="164" formatCode="yyyy&quot;年&quot;m&quot;月&quot;"/><numFmt numFmtId="165" formatCode="[Red]0.00&quot;days&quot;"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="22"/></cellXfs></styleSheet>`,
    "xl/worksheets/sheet1.xml": `${XML}<worksheet><sheetData>${rows}</sheetData></worksheet>`,
    "xl/worksheets/sheet2.xml": `${XML}<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>secret</t></is></c></row></sheetData></worksheet>`,
  };
}

/** @param slides what stands in the shapes of each */
export function pptxParts(...slides: string[]): Record<string, string> {
  const files: Record<string, string> = {
    "[Content_Types].xml": contentTypes("ppt/presentation.xml", "presentationml.presentation"),
    // In an order of its own: it counts, not that of the names.
    "ppt/presentation.xml": `${XML}<p:presentation xmlns:p="p" xmlns:r="r"><p:sldIdLst>${slides
      .map((_slide, index) => `<p:sldId id="${256 + index}" r:id="rId${slides.length - index}"/>`)
      .join("")}</p:sldIdLst></p:presentation>`,
    "ppt/_rels/presentation.xml.rels": relations(
      ...slides.map((_slide, index): [string, string] => ["slide", `slides/slide${index + 1}.xml`]),
    ),
  };
  for (const [index, slide] of slides.entries()) {
    const number = slides.length - index;
    files[`ppt/slides/slide${number}.xml`] =
      `${XML}<p:sld xmlns:p="p" xmlns:a="a"><p:cSld><p:spTree>${slide}</p:spTree></p:cSld></p:sld>`;
    files[`ppt/slides/_rels/slide${number}.xml.rels`] = relations([
      "notesSlide",
      `../notesSlides/notesSlide${number}.xml`,
    ]);
    files[`ppt/notesSlides/notesSlide${number}.xml`] =
      `${XML}<p:notes xmlns:p="p" xmlns:a="a"><p:sp><p:ph type="sldNum"/><a:p><a:r><a:t>${number}</a:t></a:r></a:p></p:sp><p:sp><a:p><a:r><a:t>say ${number}</a:t></a:r></a:p></p:sp></p:notes>`;
  }
  return files;
}
export const shape = (text: string) => `<p:sp><a:p><a:r><a:t>${text}</a:t></a:r></a:p></p:sp>`;

/** A PDF with a page for each text; an empty text is a page without one, as a scan is. @param trailer added to the trailer */
export function makePdf(pages: string[], trailer = ""): Buffer {
  const objects = [
    "<</Type/Catalog/Pages 2 0 R>>",
    `<</Type/Pages/Count ${pages.length}/Kids[${pages.map((_page, index) => `${4 + index * 2} 0 R`).join(" ")}]>>`,
    "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
  ];
  for (const [index, text] of pages.entries()) {
    const lines = text.split("\n").map((line) => `(${line}) Tj 0 -14 Td`);
    const stream = text === "" ? "0 0 m 10 10 l S" : `BT /F1 12 Tf 72 720 Td ${lines.join(" ")} ET`;
    objects.push(
      `<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Resources<</Font<</F1 3 0 R>>>>/Contents ${5 + index * 2} 0 R>>`,
      `<</Length ${stream.length}>>stream\n${stream}\nendstream`,
    );
  }
  let text = "%PDF-1.4\n";
  const places = objects.map((object, index) => {
    const at = text.length;
    text += `${index + 1} 0 obj${object}endobj\n`;
    return at;
  });
  const table = places.map((at) => `${String(at).padStart(10, "0")} 00000 n \n`).join("");
  return Buffer.from(
    `${text}xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${table}trailer<</Size ${objects.length + 1}/Root 1 0 R${trailer}>>\nstartxref\n${text.length}\n%%EOF\n`,
    "latin1",
  );
}
