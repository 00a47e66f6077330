// Readable text of an HTML page: what a browser would show, without scripts, styles and what is hidden.
import { Parser } from "htmlparser2";
import type { HandedFile } from "../../../../lib/apart/handed-file.ts";
import { type BytesDecoder, decoderOf } from "../../files/workspace/encoding/stream-decoder.ts";
import { Depth } from "./depth.ts";
import type { TextSink } from "./text-sink.ts";

/** Not shown as text. */
const UNSHOWN = new Set(
  "script style noscript template svg math canvas iframe object audio video select datalist head".split(" "),
);
const BLOCKS = new Set(
  "address article aside blockquote body caption center dd details dialog div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr html li main nav ol p pre section summary table tbody tfoot thead title tr ul".split(
    " ",
  ),
);
/** These stand apart, with an empty line. */
const APART = /^(h[1-6]|p|blockquote|table|ul|ol|pre)$/;
const VOID = new Set("area base br col embed hr img input link meta source track wbr".split(" "));
const PIECE = 65_536;
/** Old pages leave many tags open. */
const DEEPEST = 30_000;

export async function readHtml(source: HandedFile, sink: TextSink): Promise<void> {
  const decoder: BytesDecoder = await decoderOf(source, charsetOf(source));
  const page = new Page(sink);
  const depth = new Depth(DEEPEST);
  const parser = new Parser(
    {
      onopentag: (name, attributes) => {
        depth.enter();
        page.open(name, attributes);
      },
      ontext: (text) => page.text(text),
      onclosetag: (name) => {
        depth.leave();
        page.close(name);
      },
    },
    { decodeEntities: true, lowerCaseTags: true },
  );
  for (let at = decoder.begin; at < source.size && !sink.isFull; at += PIECE)
    parser.write(decoder.write(source.read(at, PIECE)));
  parser.end(decoder.end());
}

/** What the page itself says, in its first kilobyte (https://html.spec.whatwg.org/#charset). */
function charsetOf(source: HandedFile): string | undefined {
  const head = source.read(0, 1_024).toString("latin1");
  return /<meta[^>]+charset\s*=\s*["']?\s*([\w-]+)/i.exec(head)?.[1];
}

class Page {
  readonly #sink: TextSink;
  /** Open elements in which nothing is shown, and those within them of the same name. */
  #unshown: string[] = [];
  #preformatted = 0;
  /** Nothing but spaces since the last line break. */
  #isLineEmpty = true;
  /** Line breaks before what comes next: of several blocks that begin or end here the most. */
  #breaks = 0;
  #isSpaceDue = false;

  constructor(sink: TextSink) {
    this.#sink = sink;
  }

  open(name: string, attributes: Record<string, string>): void {
    if (name === "title" && this.#unshown.at(-1) === "head") this.#unshown.push("");
    else if (this.#unshown.length > 0 && this.#unshown.at(-1) !== "") {
      if (name === this.#unshown.at(-1) && !VOID.has(name)) this.#unshown.push(name);
      return;
    } else if (!VOID.has(name) && (UNSHOWN.has(name) || isHidden(attributes))) {
      this.#unshown.push(name);
      return;
    }
    if (name === "pre") this.#preformatted += 1;
    if (name === "br") this.#write("\n");
    else if (name === "img" && attributes.alt?.trim()) this.text(`[${attributes.alt.trim()}]`);
    else if (BLOCKS.has(name)) this.#break(APART.test(name) ? 2 : 1);
    if (name === "li") this.#write("- ");
  }

  text(text: string): void {
    if (this.#unshown.length > 0 && this.#unshown.at(-1) !== "") return;
    if (this.#preformatted > 0) {
      this.#write(text);
      return;
    }
    const words = text.replace(/[ \t\r\n\f]+/g, " ");
    const trimmed = words.trim();
    if (trimmed !== "") {
      const space = !this.#isLineEmpty && (this.#isSpaceDue || words.startsWith(" ")) ? " " : "";
      this.#write(space + trimmed);
    }
    this.#isSpaceDue = words.endsWith(" ") || (trimmed === "" && this.#isSpaceDue);
  }

  close(name: string): void {
    if (this.#unshown.at(-1) === "" && name === "title") this.#unshown.pop();
    else if (this.#unshown.length > 0) {
      if (name === this.#unshown.at(-1)) this.#unshown.pop();
      return;
    }
    if (name === "pre") this.#preformatted = Math.max(0, this.#preformatted - 1);
    if (name === "td" || name === "th") this.#write("\t");
    else if (BLOCKS.has(name)) this.#break(APART.test(name) ? 2 : 1);
  }

  #write(text: string): void {
    this.#sink.write("\n".repeat(this.#breaks) + text);
    this.#breaks = 0;
    this.#isLineEmpty = /[\n\t]$|^- $/.test(text);
    this.#isSpaceDue = false;
  }

  #break(lines: number): void {
    this.#breaks = Math.max(this.#breaks, lines);
    this.#isLineEmpty = true;
    this.#isSpaceDue = false;
  }
}

const isHidden = ({ hidden, style = "" }: Record<string, string>) =>
  hidden !== undefined || /display\s*:\s*none|visibility\s*:\s*hidden/i.test(style);
