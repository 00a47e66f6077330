// Tools, rules and calls without a model as clients see them.
import { z } from "zod";
import { bound } from "../bound.ts";
import { labels } from "../labels.ts";
import { decision, policyRule } from "../policy.ts";
import { EXAMPLE, id, named, time } from "./basics.ts";
import { risk } from "./run-states.ts";

export const tool = named(
  "Tool",
  "`parameters`: JSON Schema of the arguments. `egress`: it sends data to hosts that its arguments name, and is asked about each that no rule allows. `nodes` are the caller's machines that have it.",
  z.strictObject({
    name: z.string(),
    category: z.string(),
    description: z.string(),
    parameters: z.record(z.string(), z.unknown()),
    risk,
    runs_on: z.enum(["node", "server"]),
    egress: z.boolean(),
    nodes: z.array(id("node")),
  }),
  {
    name: "read_file",
    category: "filesystem",
    description: "Read a text file.",
    parameters: { type: "object", properties: { path: { type: "string" } }, required: ["path"] },
    risk: "read",
    runs_on: "node",
    egress: false,
    nodes: [EXAMPLE.node],
  },
);
export type ToolInfo = z.infer<typeof tool>;

const offeredNode = z.strictObject({
  id: id("node"),
  name: z.string(),
  platform: z.string(),
  labels,
  connected: z.boolean(),
});
/** `nodes`: the machines of the caller that these tools run on. `left_out`: names of those that are more than the plan offers to a model. */
export const tools = z.strictObject({
  tools: z.array(tool),
  nodes: z.array(offeredNode),
  left_out: z.array(z.string()),
});

export const toolResult = named(
  "ToolResult",
  "What a tool gives: data, or an error that the model can read. Commands add the four last fields. `images`: pictures, `data` in base64, left out where it was more than may be kept.",
  z.strictObject({
    ok: z.boolean(),
    data: z.unknown().optional(),
    images: z
      .array(z.strictObject({ media_type: z.string(), bytes: z.int(), data: z.string().optional() }))
      .optional(),
    error: z.strictObject({ code: z.string(), message: z.string() }).optional(),
    exit_code: z.int().nullable().optional(),
    stdout: z.string().optional(),
    stderr: z.string().optional(),
    truncated: z.boolean().optional(),
  }),
  { ok: true, data: { path: "/Users/ada/notes.txt", content: "Buy milk.", lines: 1 } },
);

const rule = policyRule.extend({ decision });
export const policyRules = z.strictObject({ rules: z.array(rule) });
/** `says`: in words, what the rule allows, asks about or denies. `remembered_…`: of one that an answer made, when, and about which call. */
const shownRule = rule.extend({
  says: z.string(),
  remembered_at: time.optional(),
  remembered_from: id("call").optional(),
});
export const shownPolicy = z.strictObject({ rules: z.array(shownRule) });

export const policyCheck = named(
  "PolicyCheck",
  "What would become of a call now: nothing has run. `invalid`: there is no such tool, or the arguments do not fit (`error`). `because`: why it is asked about whatever was remembered. `bound`: what the arguments mean on the machine.",
  z.strictObject({
    decision: z.enum([...decision.options, "invalid"]),
    risk,
    node_id: id("node").nullable(),
    because: z.string().optional(),
    bound: bound.optional(),
    error: z.strictObject({ code: z.string(), message: z.string() }).optional(),
  }),
  { decision: "ask", risk: "execute", node_id: EXAMPLE.node },
);
export type PolicyCheck = z.infer<typeof policyCheck>;

export const queuedCall = named(
  "QueuedCall",
  "A call that waits for a machine that is away. `args` as they may be shown, absent where that is too much; the hash is of the whole.",
  z.strictObject({
    call_id: id("call"),
    name: z.string(),
    args: z.unknown().optional(),
    args_sha256: z.string(),
    priority: z.int(),
    queued_at: time,
    expires_at: time,
  }),
);
/** In the order in which they go. */
export const queue = z.strictObject({ calls: z.array(queuedCall) });
