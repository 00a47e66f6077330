// One line of the result: a goal, what we measured, what the references of the same run did, and whether it is reached.
import { ratios, type Spread, spread } from "./statistics.ts";

export type Row = {
  goal: string;
  what: string;
  unit: string;
  /** Undefined where the product could not be measured. */
  ours: Spread | undefined;
  references: Record<string, Spread>;
  /** Ours divided by the reference of the target, round by round; undefined for an absolute target. */
  ratio: Spread | undefined;
  /** The target in words; empty for a row that only informs. */
  target: string;
  /** Undefined where there is no target or nothing to compare. */
  reached: boolean | undefined;
  /** How many times too much or too little, 1 when reached. */
  missedBy: number | undefined;
  notes: string[];
};

type Target = {
  /** Reference that the limit is a multiple of; absolute without. */
  against?: string;
  atMost?: number;
  atLeast?: number;
};

export type Measurement = {
  goal: string;
  what: string;
  unit: string;
  /** One value per round. */
  ours: number[];
  references?: Record<string, number[]>;
  target?: Target;
  notes?: string[];
};

export function row({ goal, what, unit, ours, references = {}, target, notes = [] }: Measurement): Row {
  const against = target?.against === undefined ? undefined : references[target.against];
  const ratio = against && ours.length > 0 ? spread(ratios(ours, against)) : undefined;
  const value =
    target?.against === undefined ? (ours.length > 0 ? spread(ours).median : undefined) : ratio?.median;
  const missedBy = value === undefined || !target ? undefined : missed(value, target);
  return {
    goal,
    what,
    unit,
    ours: ours.length > 0 ? spread(ours) : undefined,
    references: Object.fromEntries(
      Object.entries(references).map(([name, values]) => [name, spread(values)]),
    ),
    ratio,
    target: target ? inWords(target, unit) : "",
    reached: missedBy === undefined ? undefined : missedBy <= 1,
    missedBy,
    notes,
  };
}

function missed(value: number, { atMost, atLeast }: Target): number {
  if (atMost !== undefined) return value <= atMost ? 1 : value / atMost;
  if (atLeast !== undefined) return value >= atLeast ? 1 : atLeast / value;
  return 1;
}

function inWords({ against, atMost, atLeast }: Target, unit: string): string {
  const limit = atMost === undefined ? `≥ ${atLeast}` : `≤ ${atMost}`;
  return against === undefined ? `${limit} ${unit}` : `${limit} × ${against}`;
}
