// Nobody reads zod's own words: every schema of the contract and every tool, with systematically wrong values.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { z } from "zod";
import { checkFields, faultsUnder, inWords } from "../../../lib/field-errors.ts";
import { type JsonSchema, wrongValues } from "./wrong-values.ts";

const CONTRACTS = join(import.meta.dirname, "..", "..", "..", "contracts");

async function schemasOfContracts(): Promise<[string, z.ZodType][]> {
  const files = readdirSync(CONTRACTS).filter((name) => /^[\w-]+\.ts$/.test(name));
  const found: [string, z.ZodType][] = [];
  for (const file of files)
    for (const [name, value] of Object.entries((await import(join(CONTRACTS, file))) as object))
      if (value instanceof z.ZodType) found.push([`${file} ${name}`, value]);
  return found;
}

/** zod's vocabulary, JavaScript's, and patterns. */
const RAW = /invalid|too small|too big|expected|received|unrecognized|undefined|NaN|zod|\\d|\(\?:|\[object/i;
/** How what is said of a field begins: it is read after the field's name. */
const SAID = /^(must|is|has|have|may|does|fits|at most)\b/;

describe("what does not fit", () => {
  test("is told in words for every schema of the contract, whatever is wrong", async () => {
    const schemas = await schemasOfContracts();
    expect(schemas.length).toBeGreaterThan(30);
    const bad = new Set<string>();
    let faults = 0;
    for (const [name, schema] of schemas) {
      const json = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as JsonSchema;
      for (const value of wrongValues(json)) {
        const checked = checkFields(schema, value);
        if (checked.ok) continue;
        expect(checked.faults.length).toBeGreaterThan(0);
        for (const { path, message } of checked.faults) {
          faults += 1;
          if (RAW.test(message) || !SAID.test(message) || message.length > 200)
            bad.add(`${name} ${path}: ${message}`);
        }
      }
    }
    expect([...bad]).toEqual([]);
    expect(faults).toBeGreaterThan(1_000);
  });

  const all = z.strictObject({
    text: z.string().min(2).max(3),
    full: z.string().min(1),
    exact: z.string().length(4),
    choice: z.enum(["x", "y"]),
    only: z.literal("k"),
    whole: z.int().min(1).max(5),
    more: z.number().gt(1).lt(3),
    five: z.number().multipleOf(5),
    yes: z.boolean(),
    list: z.array(z.string()).min(2).max(3),
    named: z.record(z.string().max(2), z.number()),
    either: z.union([z.string(), z.number()]),
    kind: z.discriminatedUnion("t", [z.object({ t: z.literal("p") }), z.object({ t: z.literal("r") })]),
    when: z.iso.datetime(),
    day: z.iso.date(),
    mail: z.email(),
    link: z.url(),
    short: z.string().regex(/^[a-z]+$/),
    long: z.string().regex(/^(?:(?:[a-z]{1,10}|[0-9]{1,10})-){3,7}(?:[a-z]{1,10}|[0-9]{1,10})$/),
    begins: z.string().startsWith("/"),
    own: z.string().refine(() => false, "must be what nobody can say"),
    bare: z.string().refine(() => false),
  });
  const said = (value: unknown) => {
    const checked = checkFields(all.partial(), value);
    return checked.ok ? {} : Object.fromEntries(checked.faults.map(({ path, message }) => [path, message]));
  };

  test("says what is right, for each kind of fault", () => {
    expect(
      said({
        ...{ text: "a", full: "", exact: "abc", choice: "z", only: "z", whole: 0, more: 1, five: 3, yes: 1 },
        ...{ list: ["a"], named: { abc: 1 }, either: true, kind: { t: "q" }, when: "tomorrow", day: "1.2.3" },
        ...{ mail: "me", link: "me", short: "A", long: "A", begins: "x", own: "x", bare: "x", other: 1 },
      }),
    ).toEqual({
      text: "must have at least 2 characters",
      full: "must not be empty",
      exact: "must have exactly 4 characters",
      choice: 'must be one of "x", "y"',
      only: 'must be "k"',
      whole: "must be at least 1",
      more: "must be more than 1",
      five: "must be a multiple of 5",
      yes: "must be true or false",
      list: "must have at least 2 entries",
      "named.abc": "has a name that must have at most 2 characters",
      either: 'must be text, like "example", or must be a number, like 10',
      "kind.t": 'must be one of "p", "r"',
      when: "must be a date and time in UTC, like 2026-01-31T12:00:00Z",
      day: "must be a date, like 2026-01-31",
      mail: "must be an e-mail address, like you@example.com",
      link: "must be a web address, like https://example.com",
      short: "must fit /^[a-z]+$/",
      long: "does not have the form that is asked for here",
      begins: 'must begin with "/"',
      own: "must be what nobody can say",
      bare: "is not right",
      other: "is not known here",
    });
    expect(
      said({
        ...{ text: 7, whole: "3", more: 3, yes: "true", list: "a", named: [1], kind: 1, when: null },
        ...{ list2: 1, five: Number.NaN, either: null },
      }),
    ).toMatchObject({
      text: 'must be text, like "example"',
      whole: "must be a number, like 10, without quotes",
      more: "must be less than 3",
      yes: "must be true or false, without quotes",
      list: 'must be a list, like ["example"], without quotes',
      named: 'must be an object, like {"name": "value"}',
      when: 'must be text, like "example"',
    });
    expect(said({ whole: 1.5 })).toEqual({ whole: "must be a whole number, like 10" });
    expect(said({ whole: 1e30 })).toMatchObject({ whole: expect.stringMatching(/beyond|at most 5/) });
    const missing = checkFields(all, {});
    expect(!missing.ok && new Set(missing.faults.map(({ message }) => message))).toEqual(
      new Set(["is missing"]),
    );
  });

  test("stays short, however much is wrong, and can be told in one line", () => {
    const wide = z.strictObject({
      a: z.array(z.int()),
      e: z.enum(Array.from({ length: 99 }, (_, n) => `v${n}`)),
    });
    const many = checkFields(wide, { a: Array(1_000).fill("x"), e: "z", ["k".repeat(1_000)]: 1 });
    if (many.ok) throw new Error("it fits");
    expect(many.faults.length).toBeLessThanOrEqual(50);
    expect(JSON.stringify(many.faults).length).toBeLessThan(10_000);
    expect(
      inWords([
        { path: "", message: "is missing" },
        ...faultsUnder("args", [{ path: "a", message: "is b" }]),
      ]),
    ).toBe("arguments: is missing; args.a: is b");
  });
});
