// What the grammars of all vendors have in common: texts that are whole, names of tools, schemas. Each check adds what it finds.

export type Faults = string[];
export type Fields = Record<string, unknown>;

export const NAME = /^[a-zA-Z0-9_-]{1,64}$/;

export const fieldsOf = (value: unknown): Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
export const listOf = (value: unknown): Fields[] => (Array.isArray(value) ? value.map(fieldsOf) : []);
export const isBlank = (value: unknown) => typeof value !== "string" || value.trim() === "";

/** Texts and names of fields anywhere in a value that are no UTF-8. */
export function checkTexts(value: unknown, faults: Faults, path = "body"): void {
  if (typeof value === "string" && !value.isWellFormed()) faults.push(`${path}: half a surrogate pair`);
  if (typeof value === "string" && value.includes("\0")) faults.push(`${path}: NUL`);
  if (typeof value !== "object" || value === null) return;
  for (const [key, part] of Object.entries(value)) {
    if (!key.isWellFormed()) faults.push(`${path}: half a surrogate pair in a name`);
    checkTexts(part, faults, `${path}.${key}`);
  }
}

const NOT_AT_THE_TOP = ["oneOf", "anyOf", "allOf", "not", "enum", "const", "$schema"];

export function checkSchema(schema: Fields, faults: Faults): void {
  if (schema.type !== "object") faults.push("schema: the top is no object");
  if (typeof schema.properties !== "object") faults.push("schema: an object without properties");
  for (const key of NOT_AT_THE_TOP) if (key in schema) faults.push(`schema: ${key} at the top`);
  walkSchema(schema, (part) => {
    if (part.type === "array" && part.items === undefined && part.prefixItems === undefined)
      faults.push("schema: a list without items");
    for (const name of Object.keys(fieldsOf(part.properties)))
      if (!/^[a-zA-Z0-9_.-]{1,64}$/.test(name))
        faults.push(`schema: a parameter named ${JSON.stringify(name)}`);
  });
}

/** The schema and all that lie in it. */
export function walkSchema(schema: Fields, visit: (part: Fields) => void): void {
  visit(schema);
  for (const part of Object.values(fieldsOf(schema.properties))) walkSchema(fieldsOf(part), visit);
  for (const key of ["anyOf", "oneOf", "allOf"])
    for (const part of listOf(schema[key])) walkSchema(part, visit);
  if (schema.items !== undefined) walkSchema(fieldsOf(schema.items), visit);
}

export function checkNames(names: string[], faults: Faults): void {
  for (const name of names) if (!NAME.test(name)) faults.push(`tool: a name ${JSON.stringify(name)}`);
  if (new Set(names).size !== names.length) faults.push("tools: a name twice");
}
