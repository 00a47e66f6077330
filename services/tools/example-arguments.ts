// Arguments that would fit a tool, made from its JSON Schema, for a model whose own did not.
import type { z } from "zod";
import type { FieldError } from "../../lib/errors.ts";

type Schema = {
  type?: string | string[];
  const?: unknown;
  enum?: unknown[];
  default?: unknown;
  examples?: unknown[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  format?: string;
  minLength?: number;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  items?: Schema;
  minItems?: number;
  properties?: Record<string, Schema>;
  required?: string[];
};

/** Characters of an example that still help. */
const LONGEST = 500;
const DEEPEST = 6;
const FORMATS: Record<string, string> = {
  "date-time": "2026-01-31T12:00:00Z",
  date: "2026-01-31",
  time: "12:00:00",
  email: "you@example.com",
  uri: "https://example.com",
  uuid: "123e4567-e89b-42d3-a456-426614174000",
  ipv4: "192.0.2.1",
  ipv6: "2001:db8::1",
};

/**
 * JSON of what the tool needs and of the fields at fault; undefined where none can be made that fits.
 * @param parameters the tool's JSON Schema, as its node describes it
 * @param schema the same, as it checks
 */
export function exampleOf(
  parameters: Record<string, unknown>,
  faults: FieldError[],
  schema: z.ZodType,
): string | undefined {
  const atFault = new Set(faults.map(({ path }) => path.split(".")[0] ?? ""));
  const { properties = {}, required = [] } = parameters as Schema;
  const named = Object.entries(properties).filter(([name]) => required.includes(name) || atFault.has(name));
  const example = Object.fromEntries(named.map(([name, property]) => [name, valueFor(property, 0)]));
  const text = JSON.stringify(example);
  return text.length <= LONGEST && schema.safeParse(example).success ? text : undefined;
}

function valueFor(schema: Schema, depth: number): unknown {
  if (depth > DEEPEST) return null;
  if ("const" in schema) return schema.const;
  const given = schema.examples?.[0] ?? schema.default ?? schema.enum?.[0];
  if (given !== undefined) return given;
  const [way] = schema.anyOf ?? schema.oneOf ?? [];
  if (way) return valueFor(way, depth + 1);
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  if (type === "integer" || type === "number") return numberFor(schema);
  if (type === "boolean") return true;
  if (type === "array")
    return Array.from({ length: Math.max(1, schema.minItems ?? 0) }, () =>
      valueFor(schema.items ?? {}, depth + 1),
    );
  if (type === "object") {
    const wanted = (schema.required ?? []).map((name) => [name, schema.properties?.[name] ?? {}] as const);
    return Object.fromEntries(wanted.map(([name, property]) => [name, valueFor(property, depth + 1)]));
  }
  if (type === "null") return null;
  return FORMATS[schema.format ?? ""] ?? "example".padEnd(schema.minLength ?? 0, "e");
}

function numberFor({ minimum, exclusiveMinimum, maximum }: Schema): number {
  const least = minimum ?? (exclusiveMinimum === undefined ? 1 : exclusiveMinimum + 1);
  return maximum === undefined ? least : Math.min(Math.max(least, 1), maximum);
}
