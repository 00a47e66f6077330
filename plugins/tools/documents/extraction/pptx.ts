// Text of a presentation, slide by slide in their order, with the speaker's notes.
import { type Relation, relationId, relationsOf } from "./package-parts.ts";
import type { TextSink } from "./text-sink.ts";
import { readXml } from "./xml.ts";
import type { ZipParts } from "./zip-parts.ts";

/** @param part the main part */
export async function readPptx(parts: ZipParts, part: string, sink: TextSink): Promise<{ slides: number }> {
  const relations = await relationsOf(parts, part);
  const slides: Relation[] = [];
  await readXml(parts.bytesOf(part), {
    open(name, attributes) {
      const slide = name === "sldId" ? relations.get(relationId(attributes)) : undefined;
      if (slide) slides.push(slide);
    },
  });
  for (const [index, { target }] of slides.entries()) {
    if (sink.isFull) break;
    const { text, isHidden } = await readSlide(parts, target);
    sink.begin(`slide ${index + 1}${isHidden ? " (hidden)" : ""}`);
    sink.write(text);
    const notes = [...(await relationsOf(parts, target)).values()].find(({ type }) => type === "notesSlide");
    const said = notes ? (await readSlide(parts, notes.target)).text.trim() : "";
    if (said !== "") sink.write(`\nNotes: ${said}\n`);
  }
  return { slides: slides.length };
}

/** Placeholders that say nothing of the slide: its number, date and footer. */
const NO_CONTENT = ["sldNum", "dt", "ftr", "hdr", "sldImg"];

async function readSlide(parts: ZipParts, part: string): Promise<{ text: string; isHidden: boolean }> {
  const pieces: string[] = [];
  let [isText, isHidden, isSkipped] = [false, false, false];
  let [cells, doubled] = [0, 0];
  const write = (text: string) => {
    if (!isSkipped && doubled === 0) pieces.push(text);
  };
  await readXml(parts.bytesOf(part), {
    open(name, { show, type = "" }) {
      if (name === "sld") isHidden = show === "0" || show === "false";
      else if (name === "Fallback") doubled += 1;
      else if (name === "sp") isSkipped = false;
      else if (name === "ph") isSkipped = NO_CONTENT.includes(type);
      else if (name === "t") isText = true;
      else if (name === "tc") cells += 1;
      else if (name === "br") write("\n");
    },
    text(text) {
      if (isText) write(text);
    },
    close(name) {
      if (name === "Fallback") doubled -= 1;
      else if (name === "sp") isSkipped = false;
      else if (name === "t") isText = false;
      else if (name === "p") write(cells > 0 ? " " : "\n");
      else if (name === "tc") {
        cells -= 1;
        write("\t");
      } else if (name === "tr") write("\n");
    },
  });
  return { text: pieces.join(""), isHidden };
}
