// Programs write `null` where they say nothing, also for fields that only their own vendor knows. Used by the doors before they check a body.

/**
 * The same without fields that are `null`, however deep.
 * @param opaque names of fields that are taken as they are: in the caller's own data a `null` is a value
 */
export function withoutNulls(
  body: Record<string, unknown>,
  opaque: ReadonlySet<string>,
): Record<string, unknown> {
  const said = Object.entries(body).filter(([, value]) => value !== null);
  return Object.fromEntries(
    said.map(([name, value]) => [name, opaque.has(name) ? value : saidOf(value, opaque)]),
  );
}

function saidOf(value: unknown, opaque: ReadonlySet<string>): unknown {
  if (Array.isArray(value)) return value.map((one) => saidOf(one, opaque));
  if (typeof value !== "object" || value === null) return value;
  return withoutNulls(value as Record<string, unknown>, opaque);
}
