import { expect, test } from "@jest/globals";
import { differencesOf } from "../../../../services/mcp/differences.ts";

const definition = (description: string, input_schema: Record<string, unknown> = {}) => ({
  name: "a",
  description,
  input_schema,
});

test("each is named by its path, with what was and what is", () => {
  const before = definition("one", {
    type: "object",
    properties: { a: { type: "string" }, b: { enum: [1] } },
    required: ["a"],
  });
  const after = definition("two", {
    type: "object",
    properties: { a: { type: "number" }, c: {} },
    required: ["a", "c"],
  });
  expect(differencesOf(before, after)).toEqual([
    { path: "description", accepted: '"one"', now: '"two"' },
    { path: "input_schema.properties.a.type", accepted: '"string"', now: '"number"' },
    { path: "input_schema.properties.b", accepted: '{"enum":[1]}', now: null },
    { path: "input_schema.properties.c", accepted: null, now: "{}" },
    { path: "input_schema.required", accepted: '["a"]', now: '["a","c"]' },
  ]);
  expect(differencesOf(before, structuredClone(before))).toEqual([]);
});

test("they are bounded", () => {
  const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`p${index}`, index]));
  const found = differencesOf(definition("x"), definition("y".repeat(100_000), many));
  expect(found.length).toBe(200);
  expect(found[0]?.now?.length).toBeLessThanOrEqual(4_000);
});
