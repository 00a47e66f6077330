// What kind of document it is: by its first bytes, and by its name only where bytes say nothing.
import { extname } from "node:path";
import type { HandedFile } from "../../../../lib/apart/handed-file.ts";
import { ToolFailure } from "../../../../lib/tools/tool-failure.ts";

export type Container = "pdf" | "office" | "html" | "text";

/** How far a PDF may have other bytes before its header, as its readers take it. */
const PDF_HEADER_WITHIN = 1_024;
const OLE = Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]);
/** Name of the stream in which Office keeps an encrypted document ([MS-OFFCRYPTO] 2.3.4.4). */
const ENCRYPTED = Buffer.from("EncryptedPackage", "utf16le");
const LOOKED_AT = 1_048_576;
/** Of these the name promises what the bytes must be. */
const PROMISES: Record<string, string> = {
  ".pdf": "PDF",
  ".docx": "Word document",
  ".xlsx": "Excel workbook",
  ".pptx": "PowerPoint presentation",
};

/** @throws ToolFailure `encrypted`, `unsupported`, `damaged` */
export function containerOf(source: HandedFile): Container {
  if (source.size === 0) throw new ToolFailure("no_text", "The file is empty.");
  const head = source.read(0, PDF_HEADER_WITHIN);
  const ending = extname(source.name).toLowerCase();
  if (head.includes("%PDF-")) return "pdf";
  if (head.subarray(0, 4).equals(Buffer.from("PK\x03\x04", "latin1"))) return "office";
  if (head.subarray(0, OLE.length).equals(OLE)) throw oldOffice(source);
  const promised = PROMISES[ending];
  if (promised)
    throw new ToolFailure("damaged", `It is named ${ending} and is no ${promised}: it is damaged.`);
  if (head.subarray(0, 5).toString("latin1") === "{\\rtf") throw unsupported("an RTF document");
  if (/^\.(x?html?|xht)$/.test(ending) || /^\s*(<!doctype html|<html)/i.test(head.toString("latin1")))
    return "html";
  return "text";
}

export const unsupported = (what: string) =>
  new ToolFailure(
    "unsupported",
    `It is ${what}; text is read from pdf, docx, xlsx, pptx, html, md, txt and csv. Convert it to one of them first.`,
  );

function oldOffice(source: HandedFile): ToolFailure {
  const begin = source.read(0, LOOKED_AT);
  const end = source.read(Math.max(0, source.size - LOOKED_AT), LOOKED_AT);
  if (begin.includes(ENCRYPTED) || end.includes(ENCRYPTED)) return encrypted();
  return unsupported("in an old Office format (doc, xls or ppt)");
}

export const encrypted = () =>
  new ToolFailure(
    "encrypted",
    "It is encrypted: it needs a password, so its text cannot be read. Ask the user for a copy without one.",
  );
