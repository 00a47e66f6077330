// Schemas of tools for Google's models. They take a part of OpenAPI's schema only, and refuse a question with any other keyword
// in it (https://ai.google.dev/api/caching#Schema).

type Schema = Record<string, unknown>;

/** Taken as they are. */
const TAKEN = [
  "title",
  "description",
  "nullable",
  "minItems",
  "maxItems",
  "minLength",
  "maxLength",
  "pattern",
  "minimum",
  "maximum",
  "required",
];
const FORMATS: Record<string, string[]> = {
  string: ["date-time", "enum"],
  integer: ["int32", "int64"],
  number: ["float", "double"],
};
/** Google's models take no references. What they stand for is put in their place, and may lead to itself or grow with each step. */
const DEEPEST = 8;
const MOST_PARTS = 500;
/** Anything may stand where a schema goes on for too long. */
const OPEN_END = { type: "object", properties: {} };

const known = new WeakMap<Schema, Schema>();

/** The same object for the same schema: it is made once. @param schema as wire/offered-tools.ts makes it */
export function geminiSchema(schema: Schema): Schema {
  const made = known.get(schema) ?? {
    properties: {},
    ...converted(schema, { schema, parts: 0 }, 0),
    type: "object",
  };
  known.set(schema, made);
  return made;
}

/** Where references lead into, and how many parts have come of it. */
type Root = { readonly schema: Schema; parts: number };

function converted(schema: Schema, root: Root, depth: number): Schema {
  root.parts += 1;
  if (depth > DEEPEST || root.parts > MOST_PARTS) return OPEN_END;
  const whole = withoutReference(schema, root.schema);
  const choices = choicesOf(whole).filter(({ type }) => type !== "null");
  const isNullable = choices.length < choicesOf(whole).length;
  const nullable = isNullable ? { nullable: true } : {};
  const [only, another] = choices;
  // Beside a choice Google takes nothing else but words.
  if (another)
    return {
      ...(whole.description ? { description: whole.description } : {}),
      ...nullable,
      anyOf: choices.map((choice) => converted(choice, root, depth + 1)),
    };
  if (only) return { ...converted({ ...withoutChoices(whole), ...only }, root, depth + 1), ...nullable };
  return plainParts(whole, root, depth);
}

function plainParts(schema: Schema, root: Root, depth: number): Schema {
  const made: Schema = {};
  for (const key of TAKEN) if (schema[key] !== undefined) made[key] = schema[key];
  const type = typeof schema.type === "string" ? schema.type : typeOfValues(schema);
  made.type = type;
  const values = schema.const === undefined ? schema.enum : [schema.const];
  if (Array.isArray(values) && type === "string")
    made.enum = values.filter((value) => value !== "").map(String);
  if (typeof schema.format === "string" && FORMATS[type]?.includes(schema.format))
    made.format = schema.format;
  if (type === "integer") {
    if (typeof schema.exclusiveMinimum === "number") made.minimum = schema.exclusiveMinimum + 1;
    if (typeof schema.exclusiveMaximum === "number") made.maximum = schema.exclusiveMaximum - 1;
  }
  if (type === "object")
    made.properties = Object.fromEntries(
      Object.entries(fields(schema.properties)).map(([name, part]) => [
        name,
        converted(fields(part), root, depth + 1),
      ]),
    );
  if (type === "array") made.items = converted(fields(schema.items), root, depth + 1);
  return made;
}

/** A schema that says no type means anything; as text every value can be said. */
function typeOfValues({ properties, items, enum: values, const: value }: Schema): string {
  if (properties) return "object";
  if (items) return "array";
  const first: unknown = value ?? (Array.isArray(values) ? values[0] : undefined);
  return typeof first === "number" || typeof first === "boolean" ? typeof first : "string";
}

/** What the schema lets choose from: `anyOf`, `oneOf`, or several types. */
function choicesOf({ anyOf, oneOf, type }: Schema): Schema[] {
  if (Array.isArray(type)) return type.map((one) => ({ type: one }));
  const choices = anyOf ?? oneOf;
  return Array.isArray(choices) ? choices.map(fields) : [];
}

function withoutChoices({ anyOf: _any, oneOf: _one, type, ...rest }: Schema): Schema {
  return Array.isArray(type) || type === undefined ? rest : { type, ...rest };
}

/** `$ref` within the schema, and the parts of `allOf`, put in their place. */
function withoutReference(schema: Schema, root: Schema): Schema {
  const { $ref, allOf, ...rest } = schema;
  const parts = Array.isArray(allOf) ? allOf.map(fields) : [];
  if (typeof $ref === "string") parts.push(target($ref, root));
  return parts.length === 0 ? rest : Object.assign({}, ...parts, rest);
}

function target(reference: string, root: Schema): Schema {
  const steps = reference
    .replace(/^#\/?/, "")
    .split("/")
    .filter((step) => step !== "");
  return steps.reduce<Schema>((place, step) => fields(place[step]), root);
}

function fields(value: unknown): Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Schema) : {};
}
