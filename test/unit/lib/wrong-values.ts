// Values that do not fit a JSON Schema, one fault each, made systematically; and the whole value around each of them.
export type JsonSchema = {
  type?: string;
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  items?: JsonSchema;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: JsonSchema | boolean;
  anyOf?: JsonSchema[];
  format?: string;
};

/** One of each type, and what languages without types send. */
const OF_EVERY_TYPE = [null, true, "true", "", "words", "7", 7, -1, 1.5, 1e30, [], [7], {}, { a: 1 }];

/** A value that may well fit: something to put a fault into. */
export function plain(schema: JsonSchema): unknown {
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  if (schema.anyOf) return plain(schema.anyOf[0] ?? {});
  switch (schema.type) {
    case "object":
      return Object.fromEntries(
        (schema.required ?? []).map((name) => [name, plain(schema.properties?.[name] ?? {})]),
      );
    case "array":
      return Array.from({ length: schema.minItems ?? 1 }, () => plain(schema.items ?? {}));
    case "string":
      return schema.format === "email" ? "you@example.com" : "x".repeat(Math.max(8, schema.minLength ?? 0));
    case "integer":
    case "number":
      return schema.minimum ?? 1;
    default:
      return schema.type === "boolean" ? true : "x";
  }
}

/** Wrong values in the place of the schema itself. */
function wrongHere(schema: JsonSchema): unknown[] {
  return [
    ...OF_EVERY_TYPE,
    ...(schema.maximum === undefined ? [] : [schema.maximum + 1]),
    ...(schema.minimum === undefined ? [] : [schema.minimum - 1]),
    ...((schema.maxLength ?? 1e9) > 1e5 ? [] : ["x".repeat((schema.maxLength ?? 0) + 1)]),
    ...((schema.maxItems ?? 1e9) > 1e4
      ? []
      : [Array.from({ length: (schema.maxItems ?? 0) + 1 }, () => plain(schema.items ?? {}))]),
  ];
}

/** Whole values with one fault each, at every depth. */
export function wrongValues(schema: JsonSchema): unknown[] {
  const whole = plain(schema);
  const wrong = wrongHere(schema);
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    for (const value of wrongValues(property)) wrong.push({ ...(whole as object), [name]: value });
    const { [name]: _left, ...without } = whole as Record<string, unknown>;
    wrong.push(without);
  }
  if (schema.properties) wrong.push({ ...(whole as object), not_a_field: 1, "": 2 });
  if (schema.items) for (const value of wrongValues(schema.items)) wrong.push([value]);
  if (typeof schema.additionalProperties === "object")
    for (const value of wrongValues(schema.additionalProperties)) wrong.push({ name: value, "": value });
  for (const way of schema.anyOf ?? []) wrong.push(...wrongValues(way));
  return wrong;
}
