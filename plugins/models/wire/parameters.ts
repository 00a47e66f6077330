// Which parameters of a caller's question a vendor takes: each says so here by name, and none is left out in silence.
import { HINTS, type ModelParameters, type ParameterName } from "../../../contracts/given.ts";
import type { RefusedParameter } from "../../../contracts/models.ts";

type Taken = {
  /** What the model is called in the answer: `anthropic`. */
  vendor: string;
  names: ReadonlySet<ParameterName>;
  /** Why the vendor does not take this value, read behind the name; undefined where it does. */
  refusesValue?: (parameters: ModelParameters) => RefusedParameter | undefined;
};

/** The first in the caller's order that is not taken. */
export function refusedBy(
  { vendor, names, refusesValue }: Taken,
  parameters: ModelParameters,
): RefusedParameter | undefined {
  const given = (Object.keys(parameters) as ParameterName[]).filter((name) => parameters[name] !== undefined);
  const unknown = given.find((name) => !names.has(name) && !HINTS.has(name));
  if (unknown) return { name: unknown, why: `is nothing that models of "${vendor}" take` };
  return refusesValue?.(parameters);
}
