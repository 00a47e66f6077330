// XML of Office documents as a stream of tags and texts. Document types are refused, so there are no entities but the five of XML.
import { Parser } from "htmlparser2";
import { ToolFailure } from "../../../../lib/tools/tool-failure.ts";
import { Depth } from "./depth.ts";

/** Names have no prefix: which prefix stands for which namespace is up to the writer. Those of attributes are kept (`r:id`). */
export type XmlHandler = {
  open?(name: string, attributes: Record<string, string>): void;
  text?(text: string): void;
  close?(name: string): void;
  /** Nothing more is wanted. */
  isDone?(): boolean;
};

/** Tables within tables, groups of shapes within others. */
const DEEPEST = 5_000;

/** @throws ToolFailure `damaged` for a document type or what is nested too deep, and what reading the bytes throws */
export async function readXml(bytes: AsyncIterable<Buffer>, handler: XmlHandler): Promise<void> {
  let hasDocumentType = false;
  const depth = new Depth(DEEPEST);
  const parser = new Parser(
    {
      onopentag: (name, attributes) => {
        depth.enter();
        handler.open?.(localName(name), attributes);
      },
      ontext: (text) => handler.text?.(text),
      onclosetag: (name) => {
        depth.leave();
        handler.close?.(localName(name));
      },
      onprocessinginstruction: (name) => {
        hasDocumentType ||= /^!doctype/i.test(name);
      },
    },
    { xmlMode: true, decodeEntities: true },
  );
  let decoder: InstanceType<typeof TextDecoder> | undefined;
  for await (const chunk of bytes) {
    decoder ??= new TextDecoder(encodingOf(chunk));
    parser.write(decoder.decode(chunk, { stream: true }));
    if (hasDocumentType) throw forbidden();
    if (handler.isDone?.()) return;
  }
  parser.end(decoder?.decode());
  if (hasDocumentType) throw forbidden();
}

const forbidden = () =>
  new ToolFailure(
    "damaged",
    "It declares a document type (DTD), which no Office document may have; it is not read.",
  );

const localName = (name: string) => name.slice(name.indexOf(":") + 1);

/** XML is in UTF-8 or UTF-16 here (ECMA-376 part 2, 6.1.4); the latter begins with its mark. */
function encodingOf(first: Buffer): string {
  if (first[0] === 0xff && first[1] === 0xfe) return "utf-16le";
  if (first[0] === 0xfe && first[1] === 0xff) return "utf-16be";
  return "utf-8";
}
