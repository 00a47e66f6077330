import { expect, test } from "@jest/globals";
import type { Bound } from "../../../../contracts/bound.ts";
import type { NodeId, SessionId } from "../../../../contracts/ids.ts";
import { hashOf } from "../../../../lib/canonical-json.ts";
import { boundHash, rememberedRules } from "../../../../lib/tools/remembered-rules.ts";

const node_id = "nod_1" as NodeId;
const args = { url: "http://evil.example/?leak=1" };
const args_hash = hashOf(args);
const boundTo = (...hosts: string[]): Bound => ({ hosts, places: [], scripts: [] });
const call = { name: "a_tool", args, node_id };

test("of a tool that sends nothing the tool is remembered, of a command these very arguments", () => {
  expect(rememberedRules({ ...call, risk: "write" }, "allow", "ses_1" as SessionId)).toEqual([
    { tool: "a_tool", node_id, session_id: "ses_1", decision: "allow" },
  ]);
  expect(rememberedRules({ ...call, risk: "execute" }, "allow")).toEqual([
    { tool: "a_tool", node_id, args_hash, decision: "allow" },
  ]);
});

test("G30 of one that sends its hosts are remembered, never the tool for all hosts", () => {
  const bound = boundTo("a.example", "b.example");
  expect(rememberedRules({ ...call, risk: "read", bound }, "deny")).toEqual([
    { node_id, host: "a.example", decision: "deny" },
    { node_id, host: "b.example", decision: "deny" },
  ]);
  expect(rememberedRules({ ...call, risk: "write", bound: boundTo("a.example") }, "allow")).toEqual([
    { tool: "a_tool", node_id, host: "a.example", decision: "allow" },
  ]);
});

test("G30 where a tool cannot say to whom it sends, only this very call is remembered", () => {
  expect(rememberedRules({ ...call, risk: "read", bound: boundTo("*") }, "allow")).toEqual([
    { tool: "a_tool", node_id, host: "*", args_hash, bound_hash: boundHash(boundTo("*")), decision: "allow" },
  ]);
});

test("G6 a command that was allowed is remembered with what it meant, one that was denied whatever it means", () => {
  const bound = { ...boundTo(), scripts: [{ path: "/w/run.sh", sha256: "a".repeat(64) }] };
  const command = { ...call, risk: "execute" as const, bound };
  expect(rememberedRules(command, "allow")).toMatchObject([{ args_hash, bound_hash: boundHash(bound) }]);
  expect(rememberedRules(command, "deny")).toEqual([
    { tool: "a_tool", node_id, args_hash, decision: "deny" },
  ]);
});
