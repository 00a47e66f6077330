// Which notes fit the words of a question: a note that has rarer words of it stands before others. Pure.
import type { Memory } from "../../../contracts/memory.ts";

const words = new Intl.Segmenter(undefined, { granularity: "word" });
/** Words of a question that count; the rest says nothing new. */
const MOST_WORDS = 50;

/** @param query without any words all fit, the newest first. @returns those that fit, the best first */
export function rankMemories(memories: Memory[], query: string): Memory[] {
  const newest = memories.toReversed();
  const wanted = [...new Set(wordsOf(query))].slice(0, MOST_WORDS);
  if (wanted.length === 0) return newest;
  const texts = newest.map((memory) => ({
    memory,
    text: plain(memory.content),
    has: new Set(wordsOf(memory.content)),
  }));
  const weights = wanted.map((word) => {
    const count = texts.filter(({ text }) => text.includes(word)).length;
    return { word, weight: Math.log(1 + memories.length / (1 + count)) };
  });
  return texts
    .map(({ memory, text, has }) => ({
      memory,
      // A whole word counts twice as much as a part of one.
      score: weights.reduce(
        (sum, { word, weight }) => sum + (has.has(word) ? 2 * weight : text.includes(word) ? weight : 0),
        0,
      ),
    }))
    .filter(({ score }) => score > 0)
    .toSorted((a, b) => b.score - a.score)
    .map(({ memory }) => memory);
}

const plain = (text: string) => text.normalize("NFKC").toLowerCase();

function wordsOf(text: string): string[] {
  return [...words.segment(plain(text))].filter(({ isWordLike }) => isWordLike).map(({ segment }) => segment);
}
