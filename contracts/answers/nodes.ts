// Machines and their pairing as clients see them.
import { z } from "zod";
import { edgeCredentials } from "../pairing.ts";
import { share } from "../shares.ts";
import { count, EXAMPLE, id, named, time } from "./basics.ts";

export const node = named(
  "Node",
  "A machine that tools run on. `platform` and `version` are as Node names them; `tools` their names, of a shared Mac those that were shared; `queue_length` counts calls that wait for a machine that is away. Of a Mac that is there and says it: `load`, the share of its CPUs that is busy, and `battery`. Of a Mac: `fingerprint` of its key, `shared_by` and `accepted` of one that somebody else shares, `problem` why the server keeps it away, `record_problem` what contradicts its own record of calls. `frozen`: it runs nothing until it is thawed.",
  z.strictObject({
    id: id("node"),
    name: z.string(),
    platform: z.string(),
    version: z.string(),
    status: z.enum(["online", "offline", "revoked"]),
    labels: z.record(z.string(), z.string()),
    tools: z.array(z.string()),
    last_seen_at: time,
    queue_length: count,
    load: z.number().min(0).max(1).optional(),
    battery: z.strictObject({ percent: z.int().min(0).max(100), charging: z.boolean() }).optional(),
    fingerprint: z.string().optional(),
    shared_by: z.string().optional(),
    accepted: z.boolean().optional(),
    problem: z.string().optional(),
    record_problem: z.string().optional(),
    frozen: z.boolean(),
    frozen_since: time.optional(),
    frozen_by: z.array(z.enum(["mac", "owner", "admin"])).optional(),
  }),
  {
    id: EXAMPLE.node,
    name: "Studio",
    platform: "darwin",
    version: "0.1.0",
    status: "online",
    labels: { room: "studio" },
    tools: ["read_file", "execute_command"],
    last_seen_at: EXAMPLE.time,
    queue_length: 0,
    load: 0.1,
    battery: { percent: 80, charging: false },
    fingerprint: "a1b2 c3d4 e5f6 0718 293a",
    frozen: false,
  },
);
export type Node = z.infer<typeof node>;

/** What becomes of freezing and thawing all machines. */
export const allFrozen = z.strictObject({ frozen: z.boolean(), frozen_since: time.nullable() });

export const openedPairing = named(
  "OpenedPairing",
  "`code` is good once, for ten minutes; `command` is what to type on the Mac.",
  z.strictObject({ id: id("pairing"), code: z.string(), expires_at: time, command: z.string() }),
  {
    id: "pair_01kb3m9f0d4n8v2j5k1x7a6b9c",
    code: "AB12C-D3FGH",
    expires_at: EXAMPLE.later,
    command: "npm run node -- join http://127.0.0.1:3000 AB12C-D3FGH",
  },
);
export const pairing = named(
  "Pairing",
  "How far a pairing is. The last four are what the Mac said of itself, null until one has redeemed the code; `node_id`: the machine that came of it.",
  z.strictObject({
    id: id("pairing"),
    status: z.enum(["waiting", "redeemed", "confirmed", "expired"]),
    expires_at: time,
    node_id: id("node").nullable(),
    name: z.string().nullable(),
    platform: z.string().nullable(),
    version: z.string().nullable(),
    fingerprint: z.string().nullable(),
  }),
);
export type Pairing = z.infer<typeof pairing>;

export const credentials = named(
  "EdgeCredentials",
  "What opens the edge bus to one Mac for half an hour. `jwt`: of its NATS user. `edge_url`: where it connects, commas between several. `grant_keys`: public nkeys of those whose grants are believed. `server_time`: the server's clock as it answered.",
  edgeCredentials,
);

export const nodes = z.strictObject({ nodes: z.array(node) });
export const oneNode = z.strictObject({ node });
export const grants = z.strictObject({ grants: z.array(share) });
