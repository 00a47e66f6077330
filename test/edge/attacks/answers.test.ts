// What a Mac answers to calls of its own, and what it says of its tools. How: test/support/edge/attack-stage.ts.
import { describe, expect, test } from "@jest/globals";
import type { Caller } from "../../../contracts/access.ts";
import { as, attackStage, call, MIB } from "../../support/edge/attack-stage.ts";
import { describedTool, description } from "../../support/edge/rogue.ts";
import { waitFor } from "../../support/wait-for.ts";

const stage = attackStage();
const { aRogue, execute, oddities } = stage;

describe("G22 what a Mac answers to its own calls", () => {
  const fine = { status: "done", result: { ok: true, data: 1 }, duration_ms: 1 };
  const bad: [string, unknown][] = [
    ["no outcome", null],
    ["a text", "done"],
    ["a status that there is not", { ...fine, status: "ran twice" }],
    ['ok: "yes"', { ...fine, result: { ok: "yes" } }],
    ["an error without words", { ...fine, result: { ok: false, error: { code: "x" } } }],
    ["an endless duration", { ...fine, duration_ms: 1e300 }],
    [
      "data nested beyond sense",
      { ...fine, result: { ok: true, data: JSON.parse(`${"[".repeat(900)}${"]".repeat(900)}`) } },
    ],
    [
      "data with __proto__",
      { ...fine, result: { ok: true, data: JSON.parse('{"__proto__":{"ok":false}}') } },
    ],
  ];

  test.each(bad)("%s: its outcome is not known, at once, and it is audited", async (_name, data) => {
    const { mac, rogue } = await aRogue();
    rogue.answer = () => data ?? false;
    await expect(execute(mac, call("read_file", { path: "/x" }), 50_000)).rejects.toMatchObject({
      type: "request_timeout",
    });
    await waitFor("it is audited", async () =>
      (await oddities(mac)).includes("an answer that cannot be read"),
    );
  });

  test("a result of 7 MB is cut, and words of an error too", async () => {
    const { mac, rogue } = await aRogue();
    rogue.answer = () => ({ ...fine, result: { ok: true, data: "x".repeat(7 * MIB) } });
    const outcome = await execute(mac, call("read_file", { path: "/x" }));
    expect(outcome.result).toMatchObject({ ok: true, truncated: true });
    expect(JSON.stringify(outcome).length).toBeLessThan(1.2 * MIB);
    rogue.answer = ({ id }) =>
      rogue.respond(id, { success: false, error: { message: "x".repeat(MIB), type: {}, code: "1" } });
    const refused = await execute(mac, call("read_file", { path: "/x" }));
    expect(JSON.stringify(refused).length).toBeLessThan(3_000);
  });

  test("more meanings than it was asked for are not read", async () => {
    const { mac, rogue } = await aRogue();
    rogue.answer = () => ({ calls: Array.from({ length: 80_000 }, () => ({})) });
    await expect(stage.edge.machine(mac).resolve([{ name: "read_file", args: {} }])).rejects.toMatchObject({
      type: "request_timeout",
    });
  });
});

describe("G22 what a Mac says that it can do", () => {
  async function described(tools: unknown) {
    const { mac } = await aRogue(() => description({ tools }));
    const said = async () => {
      const usable = await stage.edge.stack.as(
        { ...as(stage.attacker), service: "tools" } as Caller,
        "nodes.usable",
        {
          node_id: mac.id,
        },
      );
      return usable[0]?.tools;
    };
    return { mac, said };
  }

  test.each<[string, () => unknown]>([
    ["a million tools", () => Array.from({ length: 80_000 }, () => ({}))],
    [
      "500 tools of 50 KB",
      () =>
        Array.from({ length: 120 }, (_, at) =>
          describedTool({ name: `t_${at}`, parameters: { description: "x".repeat(49_000) } }),
        ),
    ],
    ["a tool called __proto__", () => [describedTool({ name: "__proto__" })]],
    ["two tools with one name", () => [describedTool(), describedTool({ risk: "execute" })]],
    ["no list", () => ({ length: 1e9 })],
    ["a tool of no risk", () => [describedTool({ risk: "none" })]],
  ])("%s: nothing of it is believed, and it is audited", async (_name, tools) => {
    const { mac, said } = await described(tools());
    await waitFor("it is audited", async () =>
      (await oddities(mac)).includes("a description that cannot be read"),
    );
    expect(await said()).toBeUndefined();
  });

  test("schemas keep no pattern, no reference and no room for a huge example", async () => {
    const parameters = {
      type: "object",
      properties: {
        type: { type: "string", pattern: "^(a+)+$" },
        loop: { $ref: "#" },
        many: { type: "array", minItems: 1e9, items: { type: "string", minLength: 1e9, format: "email" } },
      },
      patternProperties: { type: {}, "^(a+)+$": { type: "string" } },
      $defs: { type: { $ref: "#/$defs/type" } },
    };
    const { said } = await described([describedTool({ name: "own_tool", parameters })]);
    const [tool] = await waitFor("it is known", said);
    expect(tool?.parameters).toEqual({
      type: "object",
      properties: {
        type: { type: "string" },
        loop: {},
        many: { type: "array", minItems: 1, items: { type: "string", minLength: 1_000 } },
      },
    });
  });

  test("of our own tools what they do is not its word, of others it is", async () => {
    const lie = { category: "chat", risk: "read", egress: false, idempotent: true, changes: [] };
    const { said } = await described([
      describedTool({ name: "execute_shell_command", ...lie }),
      describedTool({ name: "write_file", ...lie }),
      describedTool({ name: "check_website_status", ...lie }),
      describedTool({ name: "its_own", ...lie }),
    ]);
    expect(await waitFor("it is known", said)).toMatchObject([
      { name: "execute_shell_command", risk: "execute", category: "developer", idempotent: false },
      { name: "write_file", risk: "write", category: "files", idempotent: false, changes: ["path"] },
      { name: "check_website_status", egress: true, category: "network" },
      { name: "its_own", ...lie },
    ]);
  });
});
