import { expect, test } from "@jest/globals";
import { definitionsOf } from "../../../lib/mcp/definitions.ts";

const tool = (more: object = {}) => ({
  name: "a",
  description: "does a",
  inputSchema: { type: "object" },
  ...more,
});
const hashOf = (more: object) => definitionsOf([tool(more)])[0]?.sha256;
const namesOf = (tools: ReturnType<typeof tool>[]) =>
  definitionsOf(tools).map(({ definition }) => definition.name);

test("each thing that a model reads is in the hash, the order of keys is not", () => {
  const plain = hashOf({});
  expect(plain).toMatch(/^[0-9a-f]{64}$/);
  for (const change of [
    { name: "b" },
    { description: "does a. " + "And more" },
    { description: "does\u200b a" },
    { inputSchema: { type: "object", properties: { x: {} } } },
    { inputSchema: { type: "object", description: "read me" } },
  ])
    expect(hashOf(change)).not.toBe(plain);
  expect(hashOf({ inputSchema: { a: 1, type: "object" } })).toBe(
    hashOf({ inputSchema: { type: "object", a: 1 } }),
  );
});

test("a title counts where there is no description", () => {
  expect(hashOf({ description: "", title: "one" })).not.toBe(hashOf({ description: "", title: "two" }));
});

test("what cannot be told or kept is left out", () => {
  const deep = (levels: number): object => (levels === 0 ? {} : { a: deep(levels - 1) });
  expect(
    namesOf([
      tool(),
      tool({ description: "again" }),
      ...["", "x".repeat(201), "a\u0000", "a\nb", "a\u202eb", "a\ud800"].map((name) => tool({ name })),
      tool({ name: "deep", inputSchema: deep(100) }),
      tool({ name: "proto", inputSchema: JSON.parse('{"__proto__": {}}') }),
      tool({ name: "long", description: "x".repeat(60_000) }),
      tool({ name: "last" }),
    ]),
  ).toEqual(["a", "last"]);
  expect(namesOf([tool()])).toEqual(["a"]);
  expect(definitionsOf([tool(), tool({ description: "again" })])[0]?.definition.description).toBe("does a");
});

test("all of a server's together are bounded", () => {
  const many = Array.from({ length: 100 }, (_, index) =>
    tool({ name: `t${index}`, description: "x".repeat(40_000) }),
  );
  expect(definitionsOf(many).length).toBe(24);
});
