// Whether what a plugin file exports is a tool, and what it lacks in words. Called by the loader for each file.
import { z } from "zod";
import type { Tool } from "../../contracts/tools.ts";
import { markPath } from "./path-arguments.ts";

/** Lower case with underscores, as model vendors accept it. */
const NAME = /^[a-z][a-z0-9_]{1,63}$/;
/** The longest a call may be given, in milliseconds: an hour. */
export const LONGEST_MS = 3_600_000;
const RISKS = ["read", "write", "execute"];

const shape = z.looseObject({
  name: z.string().regex(NAME, "must be lower case letters, digits and _, 2 to 64 of them"),
  description: z.string().trim().min(1, "must say what the tool does").max(4_000),
  category: z.string().min(1).max(100),
  risk: z.enum(RISKS),
  runsOn: z.literal("node", { error: 'must be "node": tools of the server are built in' }),
  execute: z.custom<Tool["execute"]>((value) => typeof value === "function", "must be a function"),
  idempotent: z.boolean().optional(),
  timeoutMs: z
    .union([
      z.number().positive().max(LONGEST_MS),
      z.custom<(args: unknown) => number>((value) => typeof value === "function"),
    ])
    .optional(),
  changes: z.array(z.string()).optional(),
  platforms: z.array(z.string()).optional(),
  egress: z
    .custom<NonNullable<Tool["egress"]>>((value) => typeof value === "function", "must be a function")
    .optional(),
  runs: z
    .custom<NonNullable<Tool["runs"]>>((value) => typeof value === "function", "must be a function")
    .optional(),
});

/**
 * The tool that a module exports, its parameters made a strict zod object.
 * @param category what a plugin that names none belongs to
 * @throws Error saying which field is wrong and what it must be
 */
export function checkTool(exported: unknown, category: string): Tool {
  if (typeof exported !== "object" || exported === null) throw new Error("its default export is not a tool");
  const checked = shape.safeParse({ category, ...exported });
  if (!checked.success)
    throw new Error(
      checked.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; "),
    );
  const parameters = strictParameters((exported as { parameters?: unknown }).parameters);
  // What the model is shown must be writable as JSON Schema; better found here than when it is asked for.
  parametersForModel(parameters);
  const execute = checked.data.execute.bind(exported);
  const [egress, runs] = [checked.data.egress?.bind(exported), checked.data.runs?.bind(exported)];
  return { ...checked.data, execute, parameters, ...(egress && { egress }), ...(runs && { runs }) } as Tool;
}

/** The JSON Schema of the arguments, as given in: what has a default may be left out. */
export function parametersForModel(parameters: z.ZodType): Record<string, unknown> {
  const { $schema: _dialect, ...schema } = z.toJSONSchema(parameters, { io: "input" });
  return schema;
}

/** A zod object or a JSON Schema object, made to refuse arguments it does not name. */
function strictParameters(parameters: unknown): z.ZodType {
  if (parameters instanceof z.ZodObject) return parameters.strict();
  if (typeof parameters !== "object" || parameters === null)
    throw new Error('parameters: must be a zod object or a JSON Schema object of type "object"');
  if (parameters instanceof z.ZodType) throw new Error("parameters: must be a zod object at the top");
  const schema = parameters as Record<string, unknown>;
  if (schema.type !== "object") throw new Error('parameters: the JSON Schema must have type "object"');
  const complete = { properties: {}, ...schema };
  const made = z.fromJSONSchema(complete as Parameters<typeof z.fromJSONSchema>[0]);
  if (!(made instanceof z.ZodObject))
    throw new Error(
      'parameters: use plain "properties" and "required", without anyOf, allOf or $ref at the top',
    );
  markPaths(made, complete.properties as Record<string, unknown>);
  return made.strict();
}

/** `"format": "path"`, of an argument or of the items of a list. */
function markPaths(made: z.ZodObject, properties: Record<string, unknown>): void {
  for (const [name, property] of Object.entries(properties)) {
    const { format, items } = property as { format?: unknown; items?: { format?: unknown } };
    const schema = made.shape[name];
    if (schema && (format === "path" || items?.format === "path")) markPath(schema as z.ZodType);
  }
}
