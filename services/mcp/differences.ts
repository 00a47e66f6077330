// In what two definitions of a tool differ, for whoever decides whether the new one is accepted.
import type { McpDefinition } from "../../contracts/mcp.ts";
import { headOf } from "../../lib/cut-text.ts";

export type Difference = { path: string; accepted: string | null; now: string | null };

const MOST = 200;
/** Characters of a value that are shown; both definitions stand beside it as a whole. */
const LONGEST = 4_000;

/** By paths within them, as JSON; null where one has nothing there. */
export function differencesOf(accepted: McpDefinition, now: McpDefinition): Difference[] {
  const found: Difference[] = [];
  compare("", accepted, now, found);
  return found;
}

function compare(path: string, before: unknown, after: unknown, found: Difference[]): void {
  if (found.length === MOST || before === after) return;
  if (isObject(before) && isObject(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)]))
      compare(path === "" ? key : `${path}.${key}`, before[key], after[key], found);
    return;
  }
  const [accepted, now] = [shown(before), shown(after)];
  if (accepted !== now) found.push({ path, accepted: cut(accepted), now: cut(now) });
}

/** Lists are compared as a whole. */
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const shown = (value: unknown) => (value === undefined ? null : JSON.stringify(value));
const cut = (text: string | null) => (text === null ? null : headOf(text, LONGEST));
