// Markdown to blocks: what marked makes of it, with mathematics left as it is written and without form controls.
import { Marked, type RendererExtension, type Token, type TokenizerExtension } from "marked";
import { SESSION } from "../texts/session.ts";
import { PICTURE } from "./sanitise.ts";

const escaped = (text: string) => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

type Extension = TokenizerExtension & RendererExtension;

/** A price is no formula: after the first dollar and before the last stands no space, and after the last no digit (as pandoc does). */
const INLINE_MATH =
  /^(?:\$(?![\s$])(?:\\.|[^\\$\n])*?[^\s\\$]\$(?!\d)|\$(?![\s$])[^\s\\$]\$(?!\d)|\\\([\s\S]+?\\\)|\\\[[\s\S]+?\\\])/;
const BLOCK_MATH = /^(?:\$\$[\s\S]+?\$\$|\\\[[\s\S]+?\\\])(?:\n|$)/;

const math = (name: string, level: "block" | "inline", rule: RegExp, start: RegExp): Extension => ({
  name,
  level,
  start: (source) => source.match(start)?.index,
  tokenizer(source) {
    const [raw] = rule.exec(source) ?? [];
    return raw === undefined ? undefined : { type: name, raw, text: raw.trim() };
  },
  renderer: ({ text }) =>
    level === "block"
      ? `<p><span class="math">${escaped(text)}</span></p>`
      : `<span class="math">${escaped(text)}</span>`,
});

/** Tags that only shape letters, without attributes; whatever else looks like HTML is shown as it was written. */
const PLAIN_TAG = /<\/?(?:br|hr|sub|sup|kbd|b|i|u|s|em|strong|mark|del|ins|code)\s*\/?>/gi;

/** Not left to DOMPurify alone: a browser reports what hostile HTML would have done even where it is only read. */
function plainHtml(text: string): string {
  let html = "";
  let at = 0;
  for (const { 0: tag, index } of text.matchAll(PLAIN_TAG)) {
    html += escaped(text.slice(at, index)) + tag;
    at = index + tag.length;
  }
  return html + escaped(text.slice(at));
}

/** A picture that is in the text itself is shown; of any other there is a link. */
function pictureOr(href: string, text: string): string {
  const words = escaped(text.trim() || SESSION.picture());
  if (PICTURE.test(href)) return `<img src="${escaped(href)}" alt="${words}">`;
  return `<a href="${escaped(href)}">${words}</a>`;
}

const marked = new Marked({
  gfm: true,
  extensions: [
    math("blockMath", "block", BLOCK_MATH, /\$\$|\\\[/),
    math("inlineMath", "inline", INLINE_MATH, /\$|\\[([]/),
  ],
  renderer: {
    checkbox: ({ checked }) => (checked ? "☑ " : "☐ "),
    html: ({ text, block }) => (block ? `<p>${plainHtml(text)}</p>` : plainHtml(text)),
    image: ({ href, text }) => pictureOr(href, text),
  },
});

/** One paragraph, list, table, …; `raw` is its source. */
export type Block = Token;

/** Their `raw`, joined, is the source. @param source with `\n` as its only line break */
export const blocksOf = (source: string): Block[] => marked.lexer(source);

export const htmlOf = (block: Block): string => marked.parser([block]);
