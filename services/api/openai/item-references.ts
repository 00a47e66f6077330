// `item_reference`: programs that know a response to be kept send the ids of its items instead of the items. Each of ours has its run in
// its id. Used by responses.ts before it reads a request.
import type { RunId } from "../../../contracts/ids.ts";
import { refused } from "./parameters.ts";
import type { Item } from "./response.ts";

/** `msg_<run>_<step>`, `fc_<call>` and `fco_<call>`, whose calls begin with their run (response.ts). */
const OURS = /^(?:msg|fc|fco)_([0-9a-hjkmnp-tv-z]{26})_\d{3}/;
/** Of one request. */
const MOST_RUNS = 64;

type Reference = { type?: "item_reference" | null; id: string };
type Input = { at: number; reference: Reference };

/**
 * @param itemsOf what a response has given, if it is kept and the caller's
 * @returns the parameters of a request with the items themselves in place of references to them
 * @throws invalid_request naming the first that is none
 */
export async function withReferences(
  params: Record<string, unknown>,
  itemsOf: (run: RunId) => Promise<Item[]>,
): Promise<Record<string, unknown>> {
  const input: unknown[] = Array.isArray(params.input) ? params.input : [];
  const found = input.flatMap((item, at): Input[] => (isReference(item) ? [{ at, reference: item }] : []));
  if (found.length === 0) return params;
  const runs = new Map<RunId, Item[]>();
  const items = [...input];
  for (const { at, reference } of found) {
    const run = runOf(reference.id);
    if (run === undefined || (!runs.has(run) && runs.size === MOST_RUNS)) throw unknown(at, reference);
    const its = runs.get(run) ?? (await itemsOf(run));
    runs.set(run, its);
    const item = its.find(({ id }) => id === reference.id);
    if (!item) throw unknown(at, reference);
    items[at] = item;
  }
  return { ...params, input: items };
}

function isReference(item: unknown): item is Reference {
  if (typeof item !== "object" || item === null) return false;
  const { type, id, role } = item as { type?: unknown; id?: unknown; role?: unknown };
  return typeof id === "string" && (type === "item_reference" || (type == null && role === undefined));
}

function runOf(id: string): RunId | undefined {
  const body = OURS.exec(id)?.[1];
  return body === undefined ? undefined : (`run_${body}` as RunId);
}

function unknown(at: number, { id }: Reference) {
  return refused(`input.${at}.id`, `is the id of no item that is kept here: "${id.slice(0, 100)}"`);
}
