// What an Office document is and which part leads to which (ECMA-376 part 2: content types and relationships).
import { posix } from "node:path";
import { unsupported } from "./kind.ts";
import { readXml } from "./xml.ts";
import type { ZipParts } from "./zip-parts.ts";

export type OfficeKind = "docx" | "xlsx" | "pptx";
/** The part to begin with, e.g. `word/document.xml`. */
export type MainPart = { kind: OfficeKind; part: string };

/** Content types of main parts: documents, templates and shows, with macros or without. */
const MAIN: [OfficeKind, RegExp][] = [
  ["docx", /(wordprocessingml|ms-word)\.(document|template)(\.macroEnabled\w*)?\.main\+xml$/i],
  ["xlsx", /(spreadsheetml|ms-excel)\.(sheet|template)(\.macroEnabled\w*)?\.main\+xml$/i],
  [
    "pptx",
    /(presentationml|ms-powerpoint)\.(presentation|slideshow|template)(\.macroEnabled\w*)?\.main\+xml$/i,
  ],
];

/** @throws ToolFailure `unsupported` for other zips */
export async function mainPart(parts: ZipParts): Promise<MainPart> {
  let found: MainPart | undefined;
  await readXml(parts.bytesOf("[Content_Types].xml"), {
    open(name, { PartName = "", ContentType = "" }) {
      if (name !== "Override" || found) return;
      const kind = MAIN.find(([, type]) => type.test(ContentType))?.[0];
      if (kind) found = { kind, part: PartName.replace(/^\//, "") };
    },
  });
  if (found) return found;
  if (parts.has("mimetype")) throw unsupported("an OpenDocument or EPUB document");
  throw unsupported("a zip archive that is no Office document");
}

export type Relation = { target: string; type: string };

/** Where the relationships of a part lead, by their ids; targets outside of the document are left out. */
export async function relationsOf(parts: ZipParts, part: string): Promise<Map<string, Relation>> {
  const relations = new Map<string, Relation>();
  const { dir, base } = posix.parse(part);
  await readXml(parts.bytesOf(posix.join(dir, "_rels", `${base}.rels`)), {
    open(name, { Id = "", Target = "", Type = "", TargetMode }) {
      if (name !== "Relationship" || TargetMode === "External") return;
      const target = Target.startsWith("/") ? Target.slice(1) : posix.join(dir, Target);
      relations.set(Id, { target, type: Type.slice(Type.lastIndexOf("/") + 1) });
    },
  });
  return relations;
}

/** The id of a relationship that a tag refers to; which prefix its namespace has is up to the writer. */
export function relationId(attributes: Record<string, string>): string {
  const name = "r:id" in attributes ? "r:id" : Object.keys(attributes).find((each) => each.endsWith(":id"));
  return attributes[name ?? ""] ?? "";
}
