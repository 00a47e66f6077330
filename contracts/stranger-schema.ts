// The JSON Schema of a tool's arguments in the words of a stranger: the keywords that we check arguments by, with values that do no
// harm. All else is left out (patterns that hang, references that never end): the Mac checks its arguments itself once more.
import { z } from "zod";
import { boundedList } from "./bounded-list.ts";

/** Characters. */
const LONGEST = 50_000;
const MOST = 1_000;

const count = z.int().min(0);
const type = z.enum(["object", "array", "string", "number", "integer", "boolean", "null"]);
const data = boundedList(z.unknown(), MOST);

type Schema = { [keyword: string]: unknown };
/** `true`, which lets everything through, is one as well. No union: it notes at length what is wrong with thousands. */
const schema: z.ZodType<Schema> = z.lazy(() =>
  z
    .unknown()
    .transform((said) => (said === true ? {} : said))
    .pipe(keywords),
);
const schemas = z.lazy(() => boundedList(schema, MOST));

const keywords = z
  .object({
    ...{ type: z.union([type, boundedList(type, 7)]), title: z.string(), description: z.string() },
    ...{ enum: data, const: z.unknown(), default: z.unknown(), examples: data },
    ...{ properties: z.record(z.string(), schema), required: boundedList(z.string(), MOST) },
    ...{
      additionalProperties: z.union([z.boolean(), schema]),
      items: schema,
      prefixItems: schemas,
      maxItems: count,
    },
    ...{ anyOf: schemas, oneOf: schemas, allOf: schemas, maxLength: count },
    ...{
      minimum: z.number(),
      maximum: z.number(),
      exclusiveMinimum: z.number(),
      exclusiveMaximum: z.number(),
    },
    // An example of right arguments is made by them (services/tools/example-arguments.ts).
    ...{ minLength: atMost(MOST), minItems: atMost(1), multipleOf: z.number().positive() },
  })
  .partial();

/** One that is too long, or none at all, lets everything through. */
export const strangerSchema: z.ZodType<Record<string, unknown>> = z
  .record(z.string(), z.unknown())
  .refine((said) => JSON.stringify(said).length <= LONGEST, { error: "is too long", abort: true })
  .pipe(keywords)
  .refine(canCheck, "says nothing that arguments could be checked by")
  .catch({ type: "object" });

function atMost(most: number) {
  return count.transform((said) => Math.min(said, most));
}

function canCheck(said: object): boolean {
  try {
    z.fromJSONSchema(said as Parameters<typeof z.fromJSONSchema>[0]);
    return true;
  } catch {
    return false;
  }
}
