// Reads the text of any document that extract_text knows into a sink. Runs in a process of its own only (extraction-process.ts):
// it blocks while it works, and what it reads was made by strangers.
import { extname } from "node:path";
import type { HandedFile } from "../../../../lib/apart/handed-file.ts";
import { decoderOf } from "../../files/workspace/encoding/stream-decoder.ts";
import { containerOf } from "./kind.ts";
import { Paragraphs, type TextSink, tidy } from "./text-sink.ts";

/** What was read: `pages`, `slides` or `sheets` are all of the document's, `encoding` is that of a text. */
export type ReadDocument = {
  kind: "pdf" | "docx" | "xlsx" | "pptx" | "html" | "md" | "csv" | "txt";
  pages?: number;
  slides?: number;
  sheets?: number;
  encoding?: string;
};

const PIECE = 65_536;
const TABLES = [".csv", ".tsv"];
const MARKDOWN = [".md", ".markdown"];

/** @throws ToolFailure `encrypted`, `damaged`, `unsupported`, `too_large`, `no_text`, `binary` */
export async function readDocument(source: HandedFile, sink: TextSink): Promise<ReadDocument> {
  switch (containerOf(source)) {
    case "pdf": {
      const { readPdf } = await import("./pdf.ts");
      return { kind: "pdf", ...(await readPdf(source, new Paragraphs(sink))) };
    }
    case "office":
      return readOffice(source, new Paragraphs(sink));
    case "html": {
      const { readHtml } = await import("./html.ts");
      await readHtml(source, new Paragraphs(sink));
      return { kind: "html" };
    }
    case "text":
      return readPlain(source, sink);
  }
}

async function readOffice(source: HandedFile, sink: TextSink): Promise<ReadDocument> {
  const [{ ZipParts }, { mainPart }] = await Promise.all([
    import("./zip-parts.ts"),
    import("./package-parts.ts"),
  ]);
  const parts = await ZipParts.open(source);
  const { kind, part } = await mainPart(parts);
  switch (kind) {
    case "docx":
      await (await import("./docx.ts")).readDocx(parts, part, sink);
      return { kind };
    case "xlsx":
      return { kind, ...(await (await import("./xlsx.ts")).readXlsx(parts, part, sink)) };
    case "pptx":
      return { kind, ...(await (await import("./pptx.ts")).readPptx(parts, part, sink)) };
  }
}

async function readPlain(source: HandedFile, sink: TextSink): Promise<ReadDocument> {
  const decoder = await decoderOf(source);
  for (let at = decoder.begin; at < source.size && !sink.isFull; at += PIECE)
    sink.write(tidy(decoder.write(source.read(at, PIECE))));
  sink.write(decoder.end());
  const ending = extname(source.name).toLowerCase();
  const kind = TABLES.includes(ending) ? "csv" : MARKDOWN.includes(ending) ? "md" : "txt";
  return { kind, encoding: decoder.encoding };
}
