// Counts the words of a text as it passes by, in the languages that have no spaces too (Unicode TR 29, by ICU's dictionaries).
import { headOf } from "../../../../lib/cut-text.ts";
import { type TextSink, tidy } from "./text-sink.ts";

export type Counted = {
  characters: number;
  characters_without_spaces: number;
  words: number;
  unique_words: number;
  sentences: number;
  lines: number;
  /** Lines that are not empty. */
  lines_with_text: number;
  /** Lines together, with empty ones between them. */
  blocks: number;
  /** Han, Hiragana, Katakana and Hangul: where texts are measured in characters. */
  east_asian_characters: number;
  most_frequent: { word: string; count: number }[];
  /** Time ended before the text did. */
  truncated: boolean;
};

const words = new Intl.Segmenter(undefined, { granularity: "word" });
const sentences = new Intl.Segmenter(undefined, { granularity: "sentence" });
const EAST_ASIAN = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;
/** UTF-16 units that are looked at in one go; a longer line is cut between characters. */
const LONGEST = 20_000;
/** Words that are told apart; what comes first in a longer text is what is counted. */
const MOST_WORDS = 200_000;
const SHOWN = 15;

export class WordCount implements TextSink {
  readonly #until: number;
  readonly #frequencies = new Map<string, number>();
  readonly #counted = {
    ...{ characters: 0, characters_without_spaces: 0, words: 0, sentences: 0 },
    ...{ lines: 0, lines_with_text: 0, blocks: 0, east_asian_characters: 0 },
  };
  #rest = "";
  /** Lines that may be one sentence. */
  #passage = "";
  #isInBlock = false;
  isFull = false;

  /** @param until epoch milliseconds, when it has counted enough */
  constructor(until: number) {
    this.#until = until;
  }

  write(text: string): void {
    const lines = (this.#rest + tidy(text)).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#line(line);
    while (this.#rest.length > LONGEST) this.#rest = this.#rest.slice(this.#piece(this.#rest));
    this.isFull ||= Date.now() > this.#until;
  }

  begin(): void {
    this.#endBlock();
  }

  end(): Counted {
    if (this.#rest !== "") this.#line(this.#rest);
    this.#endBlock();
    const most_frequent = [...this.#frequencies]
      .toSorted(([, one], [, other]) => other - one)
      .slice(0, SHOWN)
      .map(([word, count]) => ({ word, count }));
    const { words: number, ...rest } = this.#counted;
    return {
      ...{ ...rest, words: number, unique_words: this.#frequencies.size },
      ...{ most_frequent, truncated: this.isFull },
    };
  }

  #line(line: string): void {
    let rest = line;
    while (rest.length > LONGEST) rest = rest.slice(this.#piece(rest));
    this.#count(rest);
    this.#counted.lines += 1;
    if (line.trim() === "") {
      this.#endBlock();
      return;
    }
    this.#counted.lines_with_text += 1;
    if (!this.#isInBlock) this.#counted.blocks += 1;
    this.#isInBlock = true;
    // A line that goes on with a small letter was broken for its width.
    if (!/^\s*\p{Ll}/u.test(rest) || this.#passage.length > LONGEST) this.#endPassage();
    this.#passage += `${rest} `;
  }

  /** Counts the beginning of what is too long to be a line. @returns its length */
  #piece(text: string): number {
    const piece = headOf(text, LONGEST);
    this.#count(piece);
    this.#counted.sentences += numberOf(piece);
    return piece.length;
  }

  #count(text: string): void {
    for (const character of text) {
      this.#counted.characters += 1;
      if (!/\s/.test(character)) this.#counted.characters_without_spaces += 1;
      if (character > "\u10ff" && EAST_ASIAN.test(character)) this.#counted.east_asian_characters += 1;
    }
    for (const { segment, isWordLike } of words.segment(text)) {
      if (!isWordLike) continue;
      this.#counted.words += 1;
      const word = segment.toLowerCase();
      const known = this.#frequencies.get(word);
      if (known !== undefined || this.#frequencies.size < MOST_WORDS)
        this.#frequencies.set(word, (known ?? 0) + 1);
    }
  }

  #endBlock(): void {
    this.#isInBlock = false;
    this.#endPassage();
  }

  #endPassage(): void {
    this.#counted.sentences += numberOf(this.#passage);
    this.#passage = "";
  }
}

/** Of sentences with words in them. */
function numberOf(text: string): number {
  let number = 0;
  for (const { segment } of sentences.segment(text)) if (/[\p{L}\p{N}]/u.test(segment)) number += 1;
  return number;
}
