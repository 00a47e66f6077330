// Where a call goes: what it names, where its run is, who has the least to do.
import { describe, expect, test } from "@jest/globals";
import type { NodeId } from "../../../../contracts/ids.ts";
import type { Grant, UsableNode } from "../../../../contracts/nodes.ts";
import type { NodeTool } from "../../../../contracts/tools.ts";
import { namesOf, withMachine } from "../../../../lib/tools/named-machines.ts";
import { place, takeMachine } from "../../../../services/tools/place.ts";

const tool = (name: string, properties: Record<string, unknown> = {}): NodeTool => ({
  ...{
    name,
    category: "files",
    description: name,
    risk: "read",
    runs_on: "node",
    egress: false,
    idempotent: true,
  },
  ...{ timeout_ms: 1_000, changes: [], parameters: { type: "object", properties } },
});
const machine = (id: string, more: Partial<UsableNode> = {}): UsableNode => ({
  ...{ id: id as NodeId, name: id, host_name: id, platform: "darwin", version: "1", home: "/", roots: ["/"] },
  ...{ skipped_plugins: [], sandbox: "on", labels: {}, way: { kind: "edge" }, is_own: true, allows: "all" },
  ...{ tools: [tool("look"), tool("pick", { machine: { type: "string" } })], ...more },
});
const nobody = () => 0;
const placed = (nodes: UsableNode[], at?: string, load: (id: NodeId) => number = nobody) =>
  place({ nodes, at: at as NodeId | undefined, load }, "look")?.node.id;

describe("the machine of a call", () => {
  test("is the one with the least to do, of those that are connected", () => {
    const nodes = [machine("asleep", { way: null }), machine("busy"), machine("idle")];
    expect(placed(nodes, undefined, (id) => (id === "busy" ? 3 : 0))).toBe("idle");
    expect(placed(nodes)).toBe("busy");
  });

  test("is, of those with equally much to do, the one whose CPUs are least busy; what says nothing of it counts as idle", () => {
    const nodes = [
      machine("hot", { load: 0.9 }),
      machine("warm", { load: 0.3 }),
      machine("alike", { load: 0.3 }),
    ];
    expect(placed(nodes)).toBe("warm");
    expect(placed(nodes, undefined, (id) => (id === "hot" ? 0 : 1))).toBe("hot");
    expect(placed([...nodes, machine("silent")])).toBe("silent");
    expect(placed([machine("silent"), machine("idle", { load: 0 })])).toBe("silent");
    expect(placed(nodes, "hot")).toBe("hot");
  });

  test("stays the one that the run has worked on, also when that has more to do or is asleep", () => {
    const nodes = [machine("one"), machine("two", { way: null })];
    expect(placed(nodes, "two", (id) => (id === "two" ? 9 : 0))).toBe("two");
    expect(placed(nodes, "gone")).toBe("one");
  });

  test("is one where the tool may be used; only where it may nowhere, one where it may not", () => {
    const shared: Grant[] = [{ decision: "allow", tools: ["other"] }];
    const nodes = [machine("shared", { allows: shared, is_own: false }), machine("own", { way: null })];
    expect(placed(nodes)).toBe("own");
    expect(placed([machine("shared", { allows: shared })])).toBe("shared");
    expect(placed([machine("without", { tools: [] })])).toBeUndefined();
  });
});

describe("a machine that a model names", () => {
  const nodes = [machine("one"), machine("two"), machine("two-again", { name: "two" })];

  test("is taken out of the arguments, by its name or its id", () => {
    expect(takeMachine(nodes, "look", { path: ".", machine: "one" })).toEqual({
      nodes: [nodes[0]],
      args: { path: "." },
    });
    expect(takeMachine(nodes, "look", { machine: "two (two-again)" })?.nodes).toEqual([nodes[2]]);
    expect(takeMachine(nodes, "look", { machine: "two" })?.nodes).toEqual([nodes[1]]);
  });

  test("must be there", () => {
    for (const wrong of ["three", "", 5, null, ["one"], { one: 1 }])
      expect(takeMachine(nodes, "look", { machine: wrong })).toBeUndefined();
  });

  test("is the tool's own argument where the tool has one, and where there is one machine only", () => {
    const args = { machine: "one" };
    expect(takeMachine(nodes, "pick", args)).toEqual({ nodes, args });
    const [only] = nodes;
    expect(takeMachine(only ? [only] : [], "look", args)).toEqual({ nodes: [only], args });
  });

  test("is offered with every name told apart, and not where there is no choice", () => {
    const parameters = { type: "object", properties: { path: { type: "string" } } };
    expect([...namesOf(nodes).values()]).toEqual(["one", "two (two)", "two (two-again)"]);
    expect(withMachine(parameters, nodes)).toMatchObject({
      properties: { path: { type: "string" }, machine: { enum: ["one", "two (two)", "two (two-again)"] } },
    });
    expect(withMachine(parameters, nodes.slice(0, 1))).toBe(parameters);
  });
});
