// Sums up a CPU profile: which parts of the product and which functions used the time that was not idle.
import { fileURLToPath } from "node:url";
import { ROOT } from "./processes.ts";

type CallFrame = { functionName: string; url: string; lineNumber: number };
/** Chrome's .cpuprofile, as far as it is read here. */
export type Profile = {
  nodes: { id: number; callFrame: CallFrame }[];
  samples: number[];
  /** Microseconds before each sample. */
  timeDeltas: number[];
};

const FUNCTIONS = 30;
const PARTS = 16;

/** @returns lines: shares of the busy time by part, then by function (self time) */
export function summarise({ nodes, samples, timeDeltas }: Profile): string[] {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const byPart = new Map<string, number>();
  const byFunction = new Map<string, number>();
  let busy = 0;
  for (const [index, id] of samples.entries()) {
    const frame = frames.get(id);
    const time = timeDeltas[index] ?? 0;
    if (!frame || frame.functionName === "(idle)") continue;
    busy += time;
    add(byPart, partOf(frame), time);
    add(byFunction, `${frame.functionName || "(anonymous)"} ${placeOf(frame)}`, time);
  }
  return [
    `busy ${Math.round(busy / 1_000)} ms`,
    ...largest(byPart, busy, PARTS),
    "self time by function",
    ...largest(byFunction, busy, FUNCTIONS),
  ];
}

/** `services/agent`, `lib/embedded`, `moleculer`, `node:net`, `(garbage collector)` … */
function partOf(frame: CallFrame): string {
  const path = pathOf(frame);
  if (path === "") return frame.functionName.startsWith("(") ? frame.functionName : "native";
  const inPackage = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path);
  if (inPackage?.[1]) return inPackage[1];
  return path.split("/").slice(0, 2).join("/");
}

function placeOf(frame: CallFrame): string {
  const path = pathOf(frame);
  return path === "" ? "" : `${path}:${frame.lineNumber + 1}`;
}

function pathOf({ url }: CallFrame): string {
  return url.startsWith("file:") ? fileURLToPath(url).replace(`${ROOT}/`, "") : url;
}

function add(sums: Map<string, number>, key: string, time: number): void {
  sums.set(key, (sums.get(key) ?? 0) + time);
}

function largest(sums: Map<string, number>, total: number, count: number): string[] {
  return [...sums]
    .toSorted(([, one], [, other]) => other - one)
    .slice(0, count)
    .map(([name, time]) => `${((time / total) * 100).toFixed(1).padStart(5)} %  ${name}`);
}
