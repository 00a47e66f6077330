// Which arguments of a tool are paths, marked where the schema is written: the node finds out where they really lead before
// anybody is asked about a call, and again before it runs.
import { z } from "zod";

const marked = z.registry<{ isPath: true }>();

/** Marks the schema of a path, or of each path of a list. Descriptions come before: a description makes a copy. */
export function markPath<Schema extends z.ZodType>(schema: Schema): Schema {
  marked.add(schema, { isPath: true });
  return schema;
}

/** The paths in these arguments, in the order of the schema. */
export function pathsIn(parameters: z.ZodType, args: unknown): string[] {
  if (!(parameters instanceof z.ZodObject) || typeof args !== "object" || args === null) return [];
  const given = args as Record<string, unknown>;
  return Object.entries(parameters.shape as Record<string, z.ZodType>)
    .filter(([, schema]) => isPath(schema))
    .flatMap(([name]) => given[name] as unknown[])
    .filter((value) => typeof value === "string");
}

function isPath(schema: z.ZodType): boolean {
  if (marked.has(schema)) return true;
  if (schema instanceof z.ZodArray) return isPath(schema.element as z.ZodType);
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault
  )
    return isPath(schema.unwrap() as z.ZodType);
  return false;
}
