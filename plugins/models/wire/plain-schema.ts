// JSON Schemas of tools in the form that all vendors take: OpenAI, Anthropic and Google each refuse another part of what the
// standard allows, and with it the whole question.

type Schema = Record<string, unknown>;

/** Anthropic's rule for names of parameters; OpenAI's and Google's are wider. */
const NAME = /^[a-zA-Z0-9_.-]{1,64}$/;
/** None of them takes these at the top. */
const NOT_AT_THE_TOP = ["$schema", "$id", "oneOf", "anyOf", "allOf", "not", "enum", "const"];
/** Keywords with values for the tool in them, not schemas. */
const VALUES = new Set(["default", "enum", "const", "examples"]);
/** Deeper than any tool's arguments; a schema that goes on means anything from there. */
const DEEPEST = 12;

const known = new WeakMap<Schema, Schema>();

/** An object schema with `properties`; lists name their items. The same object for the same schema: it is made once. */
export function plainSchema(schema: Schema): Schema {
  const made = known.get(schema) ?? plainObject(schema);
  known.set(schema, made);
  return made;
}

function plainObject(schema: Schema): Schema {
  const rest = Object.fromEntries(Object.entries(schema).filter(([key]) => !NOT_AT_THE_TOP.includes(key)));
  return { properties: {}, ...(plain({ ...rest, type: "object" }, 0) as Schema) };
}

function plain(value: unknown, depth: number): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (depth > DEEPEST) return Array.isArray(value) ? [] : {};
  if (Array.isArray(value)) return value.map((part) => plain(part, depth + 1));
  const schema = Object.fromEntries(
    Object.entries(value).map(([key, part]) => {
      if (VALUES.has(key)) return [key, part];
      return [key, key === "properties" ? properties(part, depth) : plain(part, depth + 1)];
    }),
  );
  if (schema.type === "array" && schema.items === undefined && schema.prefixItems === undefined)
    schema.items = {};
  if (Array.isArray(schema.required) && typeof schema.properties === "object" && schema.properties !== null) {
    const names = Object.keys(schema.properties);
    schema.required = [...new Set(schema.required)].filter((name) => names.includes(String(name)));
  }
  return schema;
}

/** A parameter whose name cannot be written is not offered. */
function properties(value: unknown, depth: number): unknown {
  if (typeof value !== "object" || value === null) return {};
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => NAME.test(name))
      .map(([name, part]) => [name, plain(part, depth + 1)]),
  );
}
