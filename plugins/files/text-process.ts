// Started by read-upload.ts: tells what a document or a text is, and reads its text with what extract_text reads documents with.
import type { FileKind } from "../../contracts/files.ts";
import { HandedFile } from "../../lib/apart/handed-file.ts";
import { serveApart } from "../../lib/apart/serve-apart.ts";
import { ToolFailure } from "../../lib/tools/tool-failure.ts";
import { type Container, containerOf } from "../tools/documents/extraction/kind.ts";
import { mainPart, type OfficeKind } from "../tools/documents/extraction/package-parts.ts";
import { readDocument } from "../tools/documents/extraction/read-document.ts";
import { ZipParts } from "../tools/documents/extraction/zip-parts.ts";
import { CountedText, type KeptText } from "./counted-text.ts";

/** `most`: characters that are kept; `until`: epoch milliseconds at which it ends with what it has. */
export type TextTask = { most: number; until: number };
/** Without a problem it has a text. */
export type ReadText = KeptText & {
  kind: FileKind;
  media_type: string;
  problem?: { code: string; message: string };
};

const OFFICE = "application/vnd.openxmlformats-officedocument";
const OFFICE_TYPES: Record<OfficeKind, string> = {
  docx: `${OFFICE}.wordprocessingml.document`,
  xlsx: `${OFFICE}.spreadsheetml.sheet`,
  pptx: `${OFFICE}.presentationml.presentation`,
};
const UNKNOWN = { kind: "other", media_type: "application/octet-stream" } as const;
const LOOKED_AT = 4_096;

serveApart(async ({ most, until }: TextTask): Promise<ReadText> => {
  // Its name says nothing here.
  const source = new HandedFile("");
  const sink = new CountedText(most, until);
  let what: Pick<ReadText, "kind" | "media_type"> = UNKNOWN;
  try {
    const container = containerOf(source);
    what = await whatItIs(source, container);
    await readDocument(source, sink);
    const text = sink.end();
    if (text.text.trim() === "") throw new ToolFailure("no_text", "There is no text in it.");
    return { ...what, ...text };
  } catch (thrown) {
    if (!(thrown instanceof ToolFailure)) throw thrown;
    const isText = thrown.code !== "binary";
    const problem = { code: thrown.code, message: thrown.message };
    return { ...(isText ? what : UNKNOWN), ...NO_TEXT, problem };
  }
});

const NO_TEXT: KeptText = { text: "", total: 0, is_whole: true, is_counted: true };

async function whatItIs(
  source: HandedFile,
  container: Container,
): Promise<Pick<ReadText, "kind" | "media_type">> {
  switch (container) {
    case "pdf":
      return { kind: "document", media_type: "application/pdf" };
    case "office":
      return whatZip(source);
    case "html":
      return { kind: "text", media_type: "text/html" };
    case "text":
      return { kind: "text", media_type: textType(source) };
  }
}

/** A zip that is no Office document may hold anything. */
async function whatZip(source: HandedFile): Promise<Pick<ReadText, "kind" | "media_type">> {
  try {
    const { kind } = await mainPart(await ZipParts.open(source));
    return { kind: "document", media_type: OFFICE_TYPES[kind] };
  } catch (thrown) {
    if (!(thrown instanceof ToolFailure)) throw thrown;
    return { kind: "other", media_type: "application/zip" };
  }
}

/** What browsers must not take for something else is named as what it is. */
function textType(source: HandedFile): string {
  const head = source
    .read(0, LOOKED_AT)
    .toString("latin1")
    .replace(/^\xef\xbb\xbf/, "");
  if (/^\s*(<\?xml|<!--|<!DOCTYPE svg|<svg)/i.test(head) && /<svg[\s>]/i.test(head)) return "image/svg+xml";
  if (/^\s*<\?xml\s/.test(head)) return "application/xml";
  return /^\s*[[{]/.test(head) && isJson(source) ? "application/json" : "text/plain";
}

function isJson(source: HandedFile): boolean {
  try {
    JSON.parse(source.read(0, source.size).toString());
    return true;
  } catch {
    return false;
  }
}
