// Two texts line by line, with what was taken away and what was added.
import { html } from "htm/preact";
import { useMemo } from "preact/hooks";
import { TOOLS } from "../texts/tools.ts";

export type Line = { kind: "same" | "removed" | "added"; text: string };

/** More pairs of lines than that are not compared one by one: all that lies between what is equal at both ends was replaced. */
const MOST_PAIRS = 4_000_000;

/** By the longest common subsequence of lines. */
export function differenceOf(before: string, after: string): Line[] {
  const a = linesOf(before);
  const b = linesOf(after);
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a.at(-1 - end) === b.at(-1 - end)) end += 1;
  const same = (lines: string[]): Line[] => lines.map((text) => ({ kind: "same", text }));
  const middle = between(a.slice(start, a.length - end), b.slice(start, b.length - end));
  return [...same(a.slice(0, start)), ...middle, ...same(end > 0 ? a.slice(-end) : [])];
}

const linesOf = (text: string): string[] => {
  if (text === "") return [];
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines;
};

function between(a: string[], b: string[]): Line[] {
  const removed = (text: string): Line => ({ kind: "removed", text });
  const added = (text: string): Line => ({ kind: "added", text });
  if (a.length * b.length > MOST_PAIRS || a.length === 0 || b.length === 0)
    return [...a.map(removed), ...b.map(added)];
  // longest[i * width + j]: of a from i and b from j.
  const width = b.length + 1;
  const longest = new Uint32Array((a.length + 1) * width);
  const at = (i: number, j: number) => longest[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i -= 1)
    for (let j = b.length - 1; j >= 0; j -= 1)
      longest[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  const lines: Line[] = [];
  let [i, j] = [0, 0];
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) {
      lines.push({ kind: "same", text: a[i] ?? "" });
      i += 1;
      j += 1;
    } else if (at(i + 1, j) >= at(i, j + 1)) lines.push(removed(a[i++] ?? ""));
    else lines.push(added(b[j++] ?? ""));
  }
  return [...lines, ...a.slice(i).map(removed), ...b.slice(j).map(added)];
}

/** Lines around a change that are shown; fewer than `FEWEST` that are the same between two changes are shown all. */
const AROUND = 3;
const FEWEST = 10;

/** A line, or how many that are the same are left out there. */
export type Shown = Line | { kind: "left_out"; count: number };

/** What a person has to read of it: the changes with some lines around them. */
export function shownOf(lines: Line[]): Shown[] {
  const shown: Shown[] = [];
  for (let at = 0; at < lines.length; ) {
    let end = at;
    while (lines[end]?.kind === "same") end += 1;
    const [head, tail] = [at === 0 ? 0 : AROUND, end === lines.length ? 0 : AROUND];
    const count = end - at - head - tail;
    if (count >= FEWEST) {
      shown.push(...lines.slice(at, at + head), { kind: "left_out", count }, ...lines.slice(end - tail, end));
    } else shown.push(...lines.slice(at, end));
    at = end;
    const changed = lines[at];
    if (changed) shown.push(changed);
    at += 1;
  }
  return shown;
}

const SIGNS = { same: " ", removed: "-", added: "+" };

export function Difference({ before, after }: { before: string; after: string }) {
  const lines = useMemo(() => shownOf(differenceOf(before, after)), [before, after]);
  return html`<pre class="difference" tabindex="0">${lines.map((line, index) =>
    line.kind === "left_out"
      ? html`<span key=${index} class="left-out">${TOOLS.same({ count: line.count })}${"\n"}</span>`
      : html`<span key=${index} class=${line.kind}>${SIGNS[line.kind]} ${line.text}${"\n"}</span>`,
  )}</pre>`;
}
