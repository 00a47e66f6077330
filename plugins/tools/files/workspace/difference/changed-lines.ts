// Which lines of two texts differ: the shortest way from one to the other (E. Myers, "An O(ND) Difference Algorithm and Its
// Variations", 1986, in linear space), after lines that only one of them has are set aside. Bounded in work.
import type { Breath } from "../breath.ts";

/** One mark for each line: 1 where it is in that text only. */
export type ChangedLines = {
  removed: Uint8Array;
  added: Uint8Array;
  /** False where the texts differ so much that a part was taken as changed without looking for the shortest way. */
  isShortest: boolean;
};

/** Steps of comparison, about two seconds of work. */
const MOST_STEPS = 60_000_000;
const STEPS_BETWEEN_BREATHS = 200_000;

/**
 * @param from a number for each line of the old text, `to` of the new one: the same for lines that count as the same,
 * counted from 0
 * @throws AbortError by the breath
 */
export async function changedLines(from: Int32Array, to: Int32Array, breath: Breath): Promise<ChangedLines> {
  const removed = new Uint8Array(from.length);
  const added = new Uint8Array(to.length);
  // A line that the other text does not have is changed whatever becomes of the rest.
  const oldPlaces = await placesIn(from, await numbersIn(to, breath), removed, breath);
  const newPlaces = await placesIn(to, await numbersIn(from, breath), added, breath);
  const comparison = new Comparison(
    oldPlaces.map((at) => from[at] ?? 0),
    newPlaces.map((at) => to[at] ?? 0),
    breath,
  );
  for await (const { a0, a1, b0, b1 } of comparison.differences()) {
    for (let at = a0; at < a1; at += 1) removed[oldPlaces[at] ?? 0] = 1;
    for (let at = b0; at < b1; at += 1) added[newPlaces[at] ?? 0] = 1;
  }
  return { removed, added, isShortest: comparison.isShortest };
}

const LINES_BETWEEN_BREATHS = 16_384;

/** The numbers that are there, each at its place. */
async function numbersIn(lines: Int32Array, breath: Breath): Promise<Uint8Array> {
  let largest = 0;
  for (const number of lines) largest = Math.max(largest, number);
  const there = new Uint8Array(largest + 1);
  for (let at = 0; at < lines.length; at += 1) {
    if (at % LINES_BETWEEN_BREATHS === 0 && breath.due) await breath.take();
    there[lines[at] ?? 0] = 1;
  }
  return there;
}

/** Where lines are that the other text has too; the others are marked as changed. */
async function placesIn(
  lines: Int32Array,
  others: Uint8Array,
  changed: Uint8Array,
  breath: Breath,
): Promise<Int32Array> {
  const places = new Int32Array(lines.length);
  let count = 0;
  for (let at = 0; at < lines.length; at += 1) {
    if (at % LINES_BETWEEN_BREATHS === 0 && breath.due) await breath.take();
    if (others[lines[at] ?? 0] === 1) {
      places[count] = at;
      count += 1;
    } else changed[at] = 1;
  }
  return places.subarray(0, count);
}

/** A part of both texts, each from its first number up to, not with, its second. */
type Box = { a0: number; a1: number; b0: number; b1: number };

class Comparison {
  isShortest = true;
  readonly #a: Int32Array;
  readonly #b: Int32Array;
  readonly #breath: Breath;
  #stepsLeft = MOST_STEPS;

  constructor(a: Int32Array, b: Int32Array, breath: Breath) {
    this.#a = a;
    this.#b = b;
    this.#breath = breath;
  }

  /** Parts of which nothing is the same; one side of each may be empty. */
  async *differences(): AsyncGenerator<Box> {
    const boxes: Box[] = [{ a0: 0, a1: this.#a.length, b0: 0, b1: this.#b.length }];
    for (let given = boxes.pop(); given; given = boxes.pop()) {
      const box = this.#withoutSameEnds(given);
      const { a0, a1, b0, b1 } = box;
      if (a0 === a1 && b0 === b1) continue;
      const middle = a0 === a1 || b0 === b1 ? undefined : await this.#middle(box);
      if (middle) boxes.push({ a0: middle.a, a1, b0: middle.b, b1 }, { a0, a1: middle.a, b0, b1: middle.b });
      else yield box;
    }
  }

  #withoutSameEnds({ a0, a1, b0, b1 }: Box): Box {
    const [a, b] = [this.#a, this.#b];
    let [fromA, toA, fromB, toB] = [a0, a1, b0, b1];
    while (fromA < toA && fromB < toB && a[fromA] === b[fromB]) {
      fromA += 1;
      fromB += 1;
    }
    while (fromA < toA && fromB < toB && a[toA - 1] === b[toB - 1]) {
      toA -= 1;
      toB -= 1;
    }
    return { a0: fromA, a1: toA, b0: fromB, b1: toB };
  }

  /** A point that a shortest way goes through; undefined when nothing is the same, or the work is used up. */
  async #middle(box: Box): Promise<{ a: number; b: number } | undefined> {
    const search = new MiddleSearch(this.#a, this.#b, box);
    let stepsToBreath = STEPS_BETWEEN_BREATHS;
    for (let distance = 0; distance < search.longest; distance += 1) {
      const steps = 2 * distance + 2;
      this.#stepsLeft -= steps;
      if (this.#stepsLeft < 0) {
        this.isShortest = false;
        return undefined;
      }
      stepsToBreath -= steps;
      if (stepsToBreath < 0) {
        stepsToBreath = STEPS_BETWEEN_BREATHS;
        if (this.#breath.due) await this.#breath.take();
      }
      const met = search.forward(distance) ?? search.backward(distance);
      if (met) return met;
    }
    return undefined;
  }
}

/** Looks for the way from both ends of a box at once, one difference further with each step, until they meet. */
class MiddleSearch {
  /** Differences on each side, at most. */
  readonly longest: number;
  readonly #a: Int32Array;
  readonly #b: Int32Array;
  readonly #box: Box;
  readonly #width: number;
  readonly #height: number;
  /** How far each diagonal has come, from the begin and from the end; -1 where it has not begun. */
  readonly #fromBegin: Int32Array;
  readonly #fromEnd: Int32Array;
  /** Diagonals that have left the box at either side. */
  readonly #left = { begin: { low: 0, high: 0 }, end: { low: 0, high: 0 } };

  constructor(a: Int32Array, b: Int32Array, box: Box) {
    this.#a = a;
    this.#b = b;
    this.#box = box;
    this.#width = box.a1 - box.a0;
    this.#height = box.b1 - box.b0;
    this.longest = Math.ceil((this.#width + this.#height) / 2);
    this.#fromBegin = new Int32Array(2 * this.longest + 2).fill(-1);
    this.#fromEnd = this.#fromBegin.slice();
    this.#fromBegin[this.longest + 1] = 0;
    this.#fromEnd[this.longest + 1] = 0;
  }

  forward(distance: number): { a: number; b: number } | undefined {
    const { a0, b0 } = this.#box;
    const [width, height, left] = [this.#width, this.#height, this.#left.begin];
    const difference = width - height;
    for (let k = -distance + left.low; k <= distance - left.high; k += 2) {
      let x = this.#next(this.#fromBegin, k, distance);
      let y = x - k;
      while (x < width && y < height && this.#a[a0 + x] === this.#b[b0 + y]) {
        x += 1;
        y += 1;
      }
      this.#fromBegin[this.longest + k] = x;
      if (x > width) left.high += 2;
      else if (y > height) left.low += 2;
      else if (difference % 2 !== 0) {
        const other = this.#fromEnd[this.longest + difference - k] ?? -1;
        if (other !== -1 && x >= width - other) return { a: a0 + x, b: b0 + y };
      }
    }
    return undefined;
  }

  backward(distance: number): { a: number; b: number } | undefined {
    const { a0, a1, b0, b1 } = this.#box;
    const [width, height, left] = [this.#width, this.#height, this.#left.end];
    const difference = width - height;
    for (let k = -distance + left.low; k <= distance - left.high; k += 2) {
      let x = this.#next(this.#fromEnd, k, distance);
      let y = x - k;
      while (x < width && y < height && this.#a[a1 - 1 - x] === this.#b[b1 - 1 - y]) {
        x += 1;
        y += 1;
      }
      this.#fromEnd[this.longest + k] = x;
      if (x > width) left.high += 2;
      else if (y > height) left.low += 2;
      else if (difference % 2 === 0) {
        const other = this.#fromBegin[this.longest + difference - k] ?? -1;
        if (other !== -1 && other >= width - x) return { a: a0 + other, b: b0 + other - (difference - k) };
      }
    }
    return undefined;
  }

  #next(reached: Int32Array, k: number, distance: number): number {
    const below = reached[this.longest + k - 1] ?? -1;
    const above = reached[this.longest + k + 1] ?? -1;
    return k === -distance || (k !== distance && below < above) ? above : below + 1;
  }
}
