// Machines and their pairing as clients see them.
import { z } from "zod";
import { edgeCredentials } from "../pairing.ts";
import { share } from "../shares.ts";
import { count, EXAMPLE, id, named, nextCursor, time } from "./basics.ts";

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

export const adminNode = named(
  "AdminNode",
  "A Mac as whoever runs the installation sees it: as its owner does, but for its tools, of which there are `tool_count`. `owner_email` is null while the account is being removed, or where accounts cannot be asked now.",
  node.omit({ tools: true, shared_by: true, accepted: true, record_problem: true }).extend({
    owner_id: id("user"),
    owner_email: z.string().nullable(),
    tool_count: count,
  }),
  {
    id: EXAMPLE.node,
    name: "Studio",
    platform: "darwin",
    version: "0.1.0",
    status: "online",
    labels: { room: "studio" },
    last_seen_at: EXAMPLE.time,
    queue_length: 0,
    fingerprint: "a1b2 c3d4 e5f6 0718 293a",
    frozen: false,
    owner_id: EXAMPLE.user,
    owner_email: "ada@example.com",
    tool_count: 12,
  },
);
export type AdminNode = z.infer<typeof adminNode>;
export const adminNodes = z.strictObject({ nodes: z.array(adminNode), next_cursor: nextCursor });

export const coreProcess = named(
  "CoreProcess",
  "A process of the installation as the one that answers (`answers`) hears of it: `seen_at` is the last time, and one that is not `available` is told of for a few minutes more. `started_at` and `version` are null of one that does not say.",
  z.strictObject({
    id: z.string(),
    answers: z.boolean(),
    available: z.boolean(),
    services: z.array(z.string()),
    version: z.string().nullable(),
    hostname: z.string().nullable(),
    started_at: time.nullable(),
    seen_at: time,
  }),
  {
    id: "core-6f1f0c1e-0f3a-4c56-9a55-0d8f5b7c2a10",
    answers: true,
    available: true,
    services: ["agent", "api", "nodes"],
    version: "0.1.0",
    hostname: "studio",
    started_at: EXAMPLE.time,
    seen_at: EXAMPLE.later,
  },
);
export type CoreProcess = z.infer<typeof coreProcess>;
export const processes = z.strictObject({ processes: z.array(coreProcess) });

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
