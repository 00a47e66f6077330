// Text of a PDF, page by page, by pdf.js without drawing anything.
import { join } from "node:path";
import type { HandedFile } from "../../../../lib/apart/handed-file.ts";
import { ToolFailure } from "../../../../lib/tools/tool-failure.ts";
import { encrypted } from "./kind.ts";
import type { TextSink } from "./text-sink.ts";

const MAX_BYTES = 150_000_000;
/** Damaged pages in a row: the number of pages is what the document claims. */
const MOST_FAULTS = 100;
/** What fonts of Chinese, Japanese and Korean mean that are named and not embedded. */
const CMAPS = `${join(import.meta.dirname, "cmaps")}/`;

/** @throws ToolFailure `encrypted`, `damaged`, `too_large`, `no_text` (only pictures of pages) */
export async function readPdf(source: HandedFile, sink: TextSink): Promise<{ pages: number }> {
  const { getDocumentProxy } = await import("unpdf");
  const data = new Uint8Array(source.whole(MAX_BYTES));
  const document = await getDocumentProxy(data, {
    ...{ isEvalSupported: false, disableFontFace: true, useSystemFonts: false, verbosity: 0 },
    ...{ cMapUrl: CMAPS, cMapPacked: true },
    ...{ stopAtErrors: false, isOffscreenCanvasSupported: false, enableXfa: false },
  }).catch((error: unknown) => {
    throw asFailure(error);
  });
  let [hasText, faults] = [false, 0];
  for (let number = 1; number <= document.numPages && !sink.isFull; number += 1) {
    const text = await pageText(document, number);
    faults = text === undefined ? faults + 1 : 0;
    if (faults > MOST_FAULTS) throw asFailure(new Error(`${faults} pages in a row cannot be read`));
    if (text === undefined) continue;
    hasText ||= text.trim() !== "";
    sink.begin(`page ${number}`);
    sink.write(`${text}\n`);
  }
  if (!hasText)
    throw new ToolFailure(
      "no_text",
      `Its ${document.numPages} pages have no text, only pictures: it is probably scanned, and reading it needs text recognition (OCR), which this tool does not do.`,
    );
  return { pages: document.numPages };
}

type Document = Awaited<ReturnType<typeof import("unpdf")["getDocumentProxy"]>>;

/** Undefined for a page that is damaged; the others are read. */
async function pageText(document: Document, number: number): Promise<string | undefined> {
  try {
    const page = await document.getPage(number);
    const { items } = await page.getTextContent();
    const pieces = items.map((item) => ("str" in item ? item.str + (item.hasEOL ? "\n" : "") : ""));
    page.cleanup();
    return pieces.join("");
  } catch (error: unknown) {
    if ((error as { name?: unknown })?.name === "PasswordException") throw encrypted();
    return undefined;
  }
}

function asFailure(error: unknown): ToolFailure {
  const { name, message } = (error ?? {}) as { name?: unknown; message?: unknown };
  if (name === "PasswordException") return encrypted();
  return new ToolFailure("damaged", `It cannot be read as a PDF; it is damaged (${String(message)}).`);
}
