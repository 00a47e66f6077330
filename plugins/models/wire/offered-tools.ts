// The tools of a question in the form that all vendors take: names, lengths, number, and their JSON Schemas. OpenAI, Anthropic and Google
// each refuse another part of what the standard allows, and with it the whole question. And names of tools that models have made up: the
// vendor that sent one may refuse to have it back.
import type { PromptTool } from "../../../contracts/models.ts";
import { headOf } from "../../../lib/cut-text.ts";

/** What all vendors take: 64 letters, digits, `_` and `-`. */
const TAKEN = /^[a-zA-Z0-9_-]{1,64}$/;
const MOST = 64;
const NAMELESS = "unnamed";

const isTaken = (name: string): boolean => TAKEN.test(name);

/** The name itself where every vendor takes it, else one that is as near. */
export function takenName(name: string): string {
  if (isTaken(name)) return name;
  return name.replace(/[^a-zA-Z0-9_-]+/g, "_").slice(0, MOST) || NAMELESS;
}

/** Google's rule besides: it begins with a letter or `_`. */
export function beginsWithLetter(name: string): string {
  return /^[a-zA-Z_]/.test(name) ? name : `_${name}`.slice(0, MOST);
}

/** `description` in characters. */
type ToolLimits = { tools: number; description: number };

/**
 * @param schemaOf what the vendor makes of a schema that all vendors take; the schema itself unless given
 * @returns each tool at most once; one whose name no vendor takes is left out, because it would take the whole question with it
 */
export function offeredTools(
  tools: PromptTool[],
  limits: ToolLimits,
  schemaOf: (schema: Record<string, unknown>) => Record<string, unknown> = (schema) => schema,
): PromptTool[] {
  const names = new Set<string>();
  const taken = tools.filter(({ name }) => isTaken(name) && !names.has(name) && names.add(name));
  return taken.slice(0, limits.tools).map(({ name, description, parameters }) => ({
    name,
    description: shortened(description.trim() === "" ? name : description, limits.description),
    parameters: schemaOf(plainSchema(parameters)),
  }));
}

/** A caller's own tools, as they are: its door has seen to their names and their number. */
export function exactTools(
  tools: PromptTool[],
  schemaOf: (schema: Record<string, unknown>) => Record<string, unknown> = (schema) => schema,
): PromptTool[] {
  return tools.map(({ name, description, parameters, strict }) => ({
    ...{ name, description },
    parameters: schemaOf(parameters),
    ...(strict === undefined ? {} : { strict }),
  }));
}

function shortened(text: string, most: number): string {
  return text.length <= most ? text : `${headOf(text, most - 1)}…`;
}

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
