// The readable text of an HTML page: headings, paragraphs, lists and links as Markdown, without scripts, menus and what is hidden.
// Fed piece by piece; of a page that says where its main content is, only that.
import { Parser } from "htmlparser2";

export type PageText = { title: string; text: string; isCut: boolean };

/** Not shown as text, or not what the page is about. */
const UNSHOWN = new Set(
  "script style noscript template svg math canvas iframe object audio video select datalist button form nav dialog".split(
    " ",
  ),
);
const BLOCKS = new Set(
  "address article aside blockquote body caption center dd details div dl dt fieldset figcaption figure footer h1 h2 h3 h4 h5 h6 header hr html li main ol p pre section summary table tbody tfoot thead tr ul".split(
    " ",
  ),
);
/** Around the content, unless the page has said which part that is. */
const AROUND = new Set(["header", "footer", "aside"]);
const VOID = new Set("area base br col embed hr img input link meta source track wbr".split(" "));
const APART = /^(h[1-6]|p|blockquote|table|ul|ol|pre|hr)$/;
/** A main part shorter than this is no better than the whole page. */
const LEAST_MAIN = 200;
const MOST_TITLE = 300;
const MOST_LINK = 500;

export class PageReader {
  readonly #whole: Lines;
  readonly #main: Lines;
  readonly #parser: Parser;
  readonly #base: URL | undefined;
  /** Open elements in which nothing is shown: the outermost, and those of its name within it. */
  #unshown: string[] = [];
  #around = 0;
  #inMain = 0;
  #inTitle = false;
  #title = "";
  #links: (string | undefined)[] = [];

  /** @param most characters of text. @param url of the page: what its links begin at */
  constructor(most: number, url: string) {
    this.#whole = new Lines(most);
    this.#main = new Lines(most);
    this.#base = URL.parse(url) ?? undefined;
    this.#parser = new Parser(
      {
        onopentag: (name, attributes) => this.#open(name, attributes),
        ontext: (text) => this.#text(text),
        onclosetag: (name) => this.#close(name),
      },
      { decodeEntities: true, lowerCaseTags: true },
    );
  }

  /** Nothing more that comes would be read. */
  get isFull(): boolean {
    return this.#whole.isFull && (this.#main.isFull || this.#main.isEmpty);
  }

  write(html: string): void {
    this.#parser.write(html);
  }

  end(): PageText {
    this.#parser.end();
    const [main, whole] = [this.#main, this.#whole];
    const chosen = main.text.length >= LEAST_MAIN ? main : whole;
    return {
      title: this.#title.replace(/\s+/g, " ").trim().slice(0, MOST_TITLE),
      text: chosen.text,
      isCut: chosen.isFull,
    };
  }

  #open(name: string, attributes: Record<string, string>): void {
    if (this.#unshown.length > 0) {
      if (name === this.#unshown[0] && !VOID.has(name)) this.#unshown.push(name);
      return;
    }
    if (!VOID.has(name) && (UNSHOWN.has(name) || isHidden(attributes))) {
      this.#unshown.push(name);
      return;
    }
    if (name === "title") this.#inTitle = this.#title === "";
    if (name === "main" || name === "article") this.#inMain += 1;
    if (AROUND.has(name)) this.#around += 1;
    if (name === "a") this.#links.push(this.#target(attributes.href));
    this.#each((lines) => lines.open(name));
    const alt = name === "img" ? attributes.alt?.trim() : undefined;
    if (alt) this.#each((lines) => lines.words(`[${alt}]`));
  }

  #text(text: string): void {
    if (this.#unshown.length > 0) return;
    if (this.#inTitle) {
      if (this.#title.length < MOST_TITLE * 4) this.#title += text;
      return;
    }
    this.#each((lines) => lines.words(text));
  }

  #close(name: string): void {
    if (this.#unshown.length > 0) {
      if (name === this.#unshown[0]) this.#unshown.pop();
      return;
    }
    if (name === "title") this.#inTitle = false;
    if (name === "a") {
      const target = this.#links.pop();
      if (target) this.#each((lines) => lines.glue(` (${target})`));
    }
    this.#each((lines) => lines.close(name));
    if (AROUND.has(name)) this.#around = Math.max(0, this.#around - 1);
    if (name === "main" || name === "article") this.#inMain = Math.max(0, this.#inMain - 1);
  }

  #each(write: (lines: Lines) => void): void {
    if (this.#around === 0) write(this.#whole);
    if (this.#inMain > 0) write(this.#main);
  }

  /** Only what could be opened next. */
  #target(href: string | undefined): string | undefined {
    if (href === undefined || href.length > MOST_LINK || href.startsWith("#")) return undefined;
    const url = URL.parse(href, this.#base?.href);
    if (!url || (url.protocol !== "http:" && url.protocol !== "https:")) return undefined;
    url.hash = "";
    return url.href.length > MOST_LINK || url.href === this.#base?.href ? undefined : url.href;
  }
}

const isHidden = ({ hidden, style = "", "aria-hidden": aria }: Record<string, string>) =>
  hidden !== undefined || aria === "true" || /display\s*:\s*none|visibility\s*:\s*hidden/i.test(style);

/** Text as it grows, with the line breaks that blocks make. */
class Lines {
  readonly #most: number;
  #text = "";
  #preformatted = 0;
  #breaks = 0;
  #isLineEmpty = true;
  #isSpaceDue = false;
  isFull = false;

  constructor(most: number) {
    this.#most = most;
  }

  get text(): string {
    return this.#text;
  }

  get isEmpty(): boolean {
    return this.#text === "";
  }

  open(name: string): void {
    if (name === "pre") this.#preformatted += 1;
    if (name === "br") this.#write("\n", true);
    else if (BLOCKS.has(name)) this.#break(name);
    const level = /^h([1-6])$/.exec(name)?.[1];
    if (level) this.#write(`${"#".repeat(Number(level))} `, true);
    if (name === "li") this.#write("- ", true);
  }

  close(name: string): void {
    if (name === "pre") this.#preformatted = Math.max(0, this.#preformatted - 1);
    if (name === "td" || name === "th") this.#write(" | ", true);
    else if (BLOCKS.has(name)) this.#break(name);
  }

  words(text: string): void {
    if (this.#preformatted > 0) {
      this.#write(text, text.endsWith("\n"));
      return;
    }
    const words = text.replace(/[ \t\r\n\f]+/g, " ");
    const trimmed = words.trim();
    if (trimmed !== "") {
      const space = !this.#isLineEmpty && (this.#isSpaceDue || words.startsWith(" ")) ? " " : "";
      this.#write(space + trimmed, false);
    }
    this.#isSpaceDue = words.endsWith(" ") || (trimmed === "" && (this.#isSpaceDue || words !== ""));
  }

  /** Right behind what stands there. */
  glue(text: string): void {
    if (!this.#isLineEmpty) this.#write(text, false);
  }

  #write(text: string, isLineEmpty: boolean): void {
    if (this.isFull) return;
    const more = (this.isEmpty ? "" : "\n".repeat(this.#breaks)) + text;
    const left = this.#most - this.#text.length;
    this.isFull = more.length > left;
    this.#text += this.isFull ? more.slice(0, left).toWellFormed() : more;
    this.#breaks = 0;
    this.#isLineEmpty = isLineEmpty;
    this.#isSpaceDue = false;
  }

  #break(name: string): void {
    this.#breaks = Math.max(this.#breaks, APART.test(name) ? 2 : 1);
    this.#isLineEmpty = true;
    this.#isSpaceDue = false;
  }
}
