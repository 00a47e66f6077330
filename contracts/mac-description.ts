// What a Mac says of itself, as a hub reads it: a stranger's words, bounded, and without what could keep us busy (patterns that hang,
// references that never end).
import { z } from "zod";
import type { NodeDescription } from "./tools.ts";

const MOST_TOOLS = 500;
/** Characters of the JSON Schema of one tool's arguments. */
const LONGEST_SCHEMA = 50_000;
const DEEPEST_SCHEMA = 24;
/** Keywords that make checking arguments dear, or lead elsewhere: the Mac checks its arguments itself once more. */
const LEFT_OUT = new Set([
  "pattern",
  "patternProperties",
  "$ref",
  "$dynamicRef",
  "$defs",
  "definitions",
  "$id",
  "format",
]);

const name = z.string().regex(/^[a-z][a-z0-9_]{1,63}$/);
const path = z.string().max(4_096);
const parameters = z
  .record(z.string(), z.unknown())
  .refine((schema) => JSON.stringify(schema).length <= LONGEST_SCHEMA, "is too long")
  .transform((schema) => harmless(schema, 0) as Record<string, unknown>);

const tool = z.object({
  ...{ name, parameters, category: z.string().min(1).max(100), description: z.string().max(4_000) },
  ...{ risk: z.enum(["read", "write", "execute"]), egress: z.boolean(), idempotent: z.boolean() },
  timeout_ms: z.number().positive().max(3_600_000),
  changes: z.array(z.string().max(100)).max(20),
});

/** Strips what is not known, so that a newer Mac can say more. */
export const macDescription: z.ZodType<NodeDescription> = z.object({
  ...{ host_name: z.string().max(255), platform: z.string().max(20), version: z.string().max(50) },
  ...{ home: path, roots: z.array(path).max(100) },
  tools: z.array(tool.transform((one) => ({ ...one, runs_on: "node" as const }))).max(MOST_TOOLS),
  skipped_plugins: z.array(z.object({ file: path, problem: z.string().max(2_000) })).max(200),
  sandbox: z.enum(["on", "off", "unavailable"]),
  sandbox_problem: z.string().max(2_000).exactOptional(),
  frozen_since: z.iso.datetime().max(40).exactOptional(),
});

function harmless(schema: unknown, depth: number): unknown {
  if (typeof schema !== "object" || schema === null) return schema;
  // Deeper than any tool's arguments need: anything fits.
  if (depth > DEEPEST_SCHEMA) return {};
  if (Array.isArray(schema)) return schema.map((part) => harmless(part, depth + 1));
  return Object.fromEntries(
    Object.entries(schema)
      // The name of an argument may be such a word; a keyword with a text or a list of schemas as its value is none.
      .filter(([key, value]) => !LEFT_OUT.has(key) || isArgument(value))
      .map(([key, value]) => [key, harmless(value, depth + 1)]),
  );
}

const isArgument = (value: unknown) =>
  typeof value === "object" && value !== null && !Array.isArray(value) && "type" in value;
