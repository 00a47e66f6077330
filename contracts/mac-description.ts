// What a Mac says of itself, as a hub reads it: a stranger's words, bounded.
import { z } from "zod";
import { boundedList } from "./bounded-list.ts";
import { strangerSchema } from "./stranger-schema.ts";
import type { NodeDescription } from "./tools.ts";

const MOST_TOOLS = 500;
/** Characters of all tools together: whoever may use the Mac reads them with each step. */
const LONGEST_TOOLS = 1_000_000;
/** Values in all tools together: reading schemas takes long of many small ones. */
const MOST_PARTS = 30_000;

const name = z.string().regex(/^[a-z][a-z0-9_]{1,63}$/);
const path = z.string().max(4_096);
const tool = z
  .object({
    ...{
      name,
      parameters: strangerSchema,
      category: z.string().min(1).max(100),
      description: z.string().max(4_000),
    },
    ...{ risk: z.enum(["read", "write", "execute"]), egress: z.boolean(), idempotent: z.boolean() },
    timeout_ms: z.number().positive().max(3_600_000),
    changes: boundedList(z.string().max(100), 20),
  })
  .transform((one) => ({ ...one, runs_on: "node" as const }));

const tools = z
  .array(z.unknown())
  .max(MOST_TOOLS, { abort: true })
  .refine((all) => JSON.stringify(all).length <= LONGEST_TOOLS && partsIn(all) <= MOST_PARTS, {
    ...{ error: "say too much", abort: true },
  })
  .pipe(z.array(tool))
  .refine((all) => new Set(all.map((one) => one.name)).size === all.length, "have one name twice");

/** Strips what is not known, so that a newer Mac can say more. */
export const macDescription: z.ZodType<NodeDescription> = z.object({
  ...{ host_name: z.string().max(255), platform: z.string().max(20), version: z.string().max(50) },
  ...{ home: path, roots: boundedList(path, 100), tools },
  skipped_plugins: boundedList(z.object({ file: path, problem: z.string().max(2_000) }), 200),
  sandbox: z.enum(["on", "off", "unavailable"]),
  sandbox_problem: z.string().max(2_000).exactOptional(),
  frozen_since: z.iso.datetime().max(40).exactOptional(),
});

function partsIn(value: unknown): number {
  if (typeof value !== "object" || value === null) return 1;
  return Object.values(value).reduce((sum: number, part) => sum + partsIn(part), 1);
}
