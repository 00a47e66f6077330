// Markdown to blocks: what marked makes of it, with mathematics left as it is written and without form controls.
import { Marked, type RendererExtension, type Token, type TokenizerExtension } from "marked";

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

const marked = new Marked({
  gfm: true,
  extensions: [
    math("blockMath", "block", BLOCK_MATH, /\$\$|\\\[/),
    math("inlineMath", "inline", INLINE_MATH, /\$|\\[([]/),
  ],
  renderer: { checkbox: ({ checked }) => (checked ? "☑ " : "☐ ") },
});

/** One paragraph, list, table, …; `raw` is its source. */
export type Block = Token;

/** Their `raw`, joined, is the source. @param source with `\n` as its only line break */
export const blocksOf = (source: string): Block[] => marked.lexer(source);

export const htmlOf = (block: Block): string => marked.parser([block]);
