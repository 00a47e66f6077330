// Text of a Word document in the order of its paragraphs; tables as lines with tabs. Deleted text of tracked changes is left out.
import { relationsOf } from "./package-parts.ts";
import type { TextSink } from "./text-sink.ts";
import { readXml } from "./xml.ts";
import type { ZipParts } from "./zip-parts.ts";

/** Parts beside the text itself, by the type of their relationship. */
const BESIDE: [string, string][] = [
  ["footnotes", "footnotes"],
  ["endnotes", "endnotes"],
  ["comments", "comments"],
];

/** @param part the main part */
export async function readDocx(parts: ZipParts, part: string, sink: TextSink): Promise<void> {
  const relations = [...(await relationsOf(parts, part)).values()];
  await readStory(parts, part, sink);
  for (const [type, words] of BESIDE) {
    const beside = relations.find((relation) => relation.type === type);
    if (!beside || sink.isFull) continue;
    let isFirst = true;
    await readStory(parts, beside.target, {
      get isFull() {
        return sink.isFull;
      },
      begin: (inner) => sink.begin(inner),
      write(text) {
        if (text.trim() !== "" && isFirst) {
          sink.begin(words);
          isFirst = false;
        }
        if (!isFirst) sink.write(text);
      },
    });
  }
}

/** What stands within these is there a second time, for older programs. */
const DOUBLED = "Fallback";

async function readStory(parts: ZipParts, part: string, sink: TextSink): Promise<void> {
  let isText = false;
  let doubled = 0;
  let cells = 0;
  const write = (text: string) => {
    if (doubled === 0) sink.write(text);
  };
  await readXml(parts.bytesOf(part), {
    open(name, attributes) {
      if (name === DOUBLED) doubled += 1;
      else if (name === "t") isText = true;
      else if (name === "tc") cells += 1;
      else if (name === "tab" || name === "ptab") write(Object.keys(attributes).length === 0 ? "\t" : "");
      else if (name === "br" || name === "cr") write("\n");
      else if (name === "noBreakHyphen") write("-");
    },
    text(text) {
      if (isText) write(text);
    },
    close(name) {
      if (name === DOUBLED) doubled -= 1;
      else if (name === "t") isText = false;
      // Paragraphs of a cell stay in its line.
      else if (name === "p") write(cells > 0 ? " " : "\n");
      else if (name === "tc") {
        cells -= 1;
        write("\t");
      } else if (name === "tr") write("\n");
    },
    isDone: () => sink.isFull,
  });
}
