// Writes changed lines as a unified diff, as `diff -u` and git do, with a bound on its length.
import { headOf } from "../../../../../lib/cut-text.ts";
import type { ChangedLines } from "./changed-lines.ts";

export type Sides = {
  from: { path: string; lines: string[]; endsWithBreak: boolean };
  to: { path: string; lines: string[]; endsWithBreak: boolean };
};
export type UnifiedDiff = { text: string; truncated: boolean };

const MOST_CHARACTERS = 200_000;
const SHOWN_OF_A_LINE = 2_000;

/** Lines that differ without others between: from `old` on `removed` of the old text, from `now` on `added` of the new one. */
type Change = { old: number; removed: number; now: number; added: number };

/** Empty for texts without a change. `truncated` when whole parts at its end, or ends of long lines, are left out. */
export function unifiedDiff(sides: Sides, changed: ChangedLines, contextLines: number): UnifiedDiff {
  const groups = grouped(changesOf(changed), contextLines);
  if (groups.length === 0) return { text: "", truncated: false };
  let text = `--- ${sides.from.path}\n+++ ${sides.to.path}\n`;
  let truncated = false;
  for (const group of groups) {
    for (const line of hunk(sides, group, contextLines)) {
      if (text.length > MOST_CHARACTERS) return { text, truncated: true };
      truncated ||= line.length > SHOWN_OF_A_LINE;
      text += line.length > SHOWN_OF_A_LINE ? `${headOf(line, SHOWN_OF_A_LINE)}…\n` : `${line}\n`;
    }
  }
  return { text, truncated };
}

function changesOf({ removed, added }: ChangedLines): Change[] {
  const changes: Change[] = [];
  let [old, now] = [0, 0];
  while (old < removed.length || now < added.length) {
    const change = { old, removed: 0, now, added: 0 };
    while (removed[old + change.removed] === 1) change.removed += 1;
    while (added[now + change.added] === 1) change.added += 1;
    if (change.removed + change.added > 0) changes.push(change);
    old += change.removed + 1;
    now += change.added + 1;
  }
  return changes;
}

/** Changes whose context touches stand in one part. */
function grouped(changes: Change[], contextLines: number): Change[][] {
  const groups: Change[][] = [];
  let end = Number.NEGATIVE_INFINITY;
  for (const change of changes) {
    if (change.old - end <= 2 * contextLines) groups.at(-1)?.push(change);
    else groups.push([change]);
    end = change.old + change.removed;
  }
  return groups;
}

function* hunk({ from, to }: Sides, group: Change[], contextLines: number): Generator<string> {
  const [first, last] = [group[0], group.at(-1)];
  if (!first || !last) return;
  const before = Math.min(contextLines, first.old, first.now);
  const after = Math.min(contextLines, from.lines.length - last.old - last.removed);
  const old = { at: first.old - before, end: last.old + last.removed + after };
  const now = { at: first.now - before, end: last.now + last.added + after };
  yield `@@ -${range(old)} +${range(now)} @@`;
  let at = old.at;
  for (const change of group) {
    yield* written(" ", from, at, change.old);
    yield* written("-", from, change.old, change.old + change.removed);
    yield* written("+", to, change.now, change.now + change.added);
    at = change.old + change.removed;
  }
  yield* written(" ", from, at, old.end);
}

/** POSIX `diff -u`: an empty range is told by the line before it. */
function range({ at, end }: { at: number; end: number }): string {
  const length = end - at;
  const begin = length === 0 ? at : at + 1;
  return length === 1 ? `${begin}` : `${begin},${length}`;
}

function* written(sign: string, side: Sides["from"], at: number, end: number): Generator<string> {
  for (let line = at; line < end; line += 1) {
    yield `${sign}${side.lines[line]}`;
    if (line === side.lines.length - 1 && !side.endsWithBreak) yield "\\ No newline at end of file";
  }
}
