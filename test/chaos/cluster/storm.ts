// A storm: faults drawn beforehand, so that the same seed gives the same ones in the same order, and then done one beside the other.
import { setTimeout as sleep } from "node:timers/promises";
import { FAULT_KINDS, type Fault, type FaultKind, kindOf } from "./faults.ts";
import { SERVERS } from "./member.ts";
import type { Stage } from "./stage.ts";

/** Between the beginnings of two faults. */
const GAP_MS = [500, 3_000] as const;

/** An agent dies, and nothing else happens until others have taken its runs. */
const FIRST = { atMs: 4_000, kind: "kill -9", target: "agent-1", forMs: 1_000, degree: 0 } as const;
const FIRST_MS = 20_000;

/** The one death whose take-over is measured while nothing else is wrong, and then a storm. */
export function planFirstStorm(
  random: () => number,
  processes: readonly string[],
  lengthMs: number,
): Fault[] {
  const others = planStorm(random, processes, lengthMs - FIRST_MS);
  return [FIRST, ...others.map((fault) => ({ ...fault, atMs: fault.atMs + FIRST_MS }))];
}

/** @param processes their names; nothing of what happens later has a part in what is drawn */
export function planStorm(random: () => number, processes: readonly string[], lengthMs: number): Fault[] {
  const between = ([least, most]: readonly [number, number]) => Math.round(least + random() * (most - least));
  const one = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)] as T;
  const kinds = Object.keys(FAULT_KINDS) as FaultKind[];
  const lots = kinds.flatMap((kind) => Array.from({ length: kindOf(kind).weight }, () => kind));
  const faults: Fault[] = [];
  for (let atMs = between(GAP_MS); atMs < lengthMs; atMs += between(GAP_MS)) {
    const kind = one(lots);
    const { hits, lastsMs } = kindOf(kind);
    const target = typeof hits === "string" ? one(processes) : one(hits);
    const way = hits === "way" ? one([...SERVERS, undefined]) : undefined;
    faults.push({
      ...{ atMs, kind, target, forMs: between(lastsMs), degree: random() },
      ...(way ? { way } : {}),
    });
  }
  return faults;
}

export type Done = { fault: Fault; from: number; to: number };

/**
 * Answers when all is healed. What hits whom another fault still has is left out.
 * @param onFault told when one begins; whatever it starts goes on beside the fault
 */
export async function storm(
  stage: Stage,
  faults: readonly Fault[],
  onFault: (fault: Fault) => void,
): Promise<Done[]> {
  const begun = performance.now();
  const done: Done[] = [];
  const running: Promise<void>[] = [];
  const taken = new Set<string>();
  for (const fault of faults) {
    await sleep(Math.max(0, begun + fault.atMs - performance.now()));
    const { target } = fault;
    const member = stage.members.find(({ name }) => name === target);
    if (taken.has(target) || (member && !member.isUp)) continue;
    taken.add(target);
    onFault(fault);
    const from = performance.now();
    const work = kindOf(fault.kind).inflict(stage, fault);
    running.push(
      work.finally(() => {
        taken.delete(target);
        done.push({ fault, from, to: performance.now() });
      }),
    );
  }
  await Promise.all(running);
  return done;
}
