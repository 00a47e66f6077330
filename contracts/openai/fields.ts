// Fields of OpenAI's requests that chat completions and responses have in common. Whatever is `null` counts as not said, known here or not
// (services/api/without-nulls.ts).
import { z } from "zod";
import { cacheControl } from "../given.ts";

/** Says nothing of the result: taken, and not looked at. */
export const harmless = z.unknown().optional();

/** A field that would change the result and that nobody here can do: refused by its name unless it has a value that changes nothing. */
export const unsupported = (...nothing: unknown[]) =>
  z
    .unknown()
    .refine((value) => isNothing(value, nothing), { error: "is not supported here: leave it out" })
    .optional();

function isNothing(value: unknown, nothing: unknown[]): boolean {
  return value === undefined || value === null || nothing.some((other) => equal(value, other));
}

const equal = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

export const model = z.string().min(1).max(200);
export const sampling = {
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
};
const toolName = z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/, "must be 1 to 64 letters, digits, _ and -");
const functionFields = {
  name: toolName,
  description: z.string().nullish(),
  parameters: z.record(z.string(), z.unknown()).nullish(),
  strict: z.boolean().nullish(),
};
/** Marks for a vendor's cache: they change what a question costs, never its answer. */
export const cacheMarks = {
  cache_control: z.object(cacheControl.shape).nullish(),
  prompt_cache_breakpoint: harmless,
};
/** How closely the model looks, in the vendor's own words. */
export const detail = z.string().max(20).nullish();
export const functionOf = z.strictObject(functionFields);
/** As responses name it: without a level of its own. */
export const flatFunction = z.strictObject({
  type: z.literal("function"),
  ...functionFields,
  async: unsupported(false),
  defer_loading: unsupported(false),
  allowed_callers: unsupported([], ["direct"]),
  output_schema: unsupported(),
});
export const named = z.strictObject({ name: toolName });
export const choice = z.enum(["none", "auto", "required"]);
/** Which of the tools may be called. @param tool as the protocol names one of them */
export const allowed = <T extends z.ZodType>(tool: T) => ({
  mode: z.enum(["auto", "required"]),
  tools: z.array(tool).min(1).max(128),
});
export const jsonSchema = {
  name: z.string().min(1).max(64),
  description: z.string().nullish(),
  schema: z.record(z.string(), z.unknown()).nullish(),
  strict: z.boolean().nullish(),
};
/** OpenAI's limits of what is attached to a request. */
export const metadata = z.record(z.string().max(64), z.string().max(512)).nullish();
export const toolList = <T extends z.ZodType>(tool: T) => z.array(tool).max(128).nullish();

/** What says only how and for whom a request is worked. */
export const aside = {
  user: harmless,
  safety_identifier: harmless,
  prompt_cache_key: harmless,
  prompt_cache_retention: harmless,
  prompt_cache_options: harmless,
  service_tier: unsupported("auto", "default"),
  metadata,
  moderation: unsupported(),
};
