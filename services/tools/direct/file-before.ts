// What stands in a file that a call is to change, for the question about the call. It is read by the tool `read_file`, as a call of its
// own that its user could make: what policy, sharing and the machine's owner say about reading holds, and the trail has it
// (docs/decisions/2026-12-01-file-before.md).
import { setTimeout as sleep } from "node:timers/promises";
import type { ServiceBroker } from "moleculer";
import type { Caller } from "../../../contracts/access.ts";
import { type FileBefore, writtenFile } from "../../../contracts/file-before.ts";
import type { CallId, NodeId, RunId, SessionId } from "../../../contracts/ids.ts";
import type { CallOutcome, ToolResult } from "../../../contracts/tools.ts";
import { toError, typeOf } from "../../../lib/errors.ts";
import { newId } from "../../../lib/ids.ts";
import { logOf } from "../../../lib/log.ts";
import { settingsOf } from "../../../lib/settings/live-settings.ts";
import { nodeOf } from "../catalogue.ts";
import type { Machines } from "../machines/machines.ts";
import { planCalls } from "../plan-calls.ts";
import type { Rules } from "../policy/rules.ts";
import type { OpenCalls } from "./open-calls.ts";

const READER = "read_file";
/** Bytes of a file that is shown: what the tool reads at once. */
const MOST_BYTES = 50_000;
/** A question does not wait longer for its difference. */
const LIMIT_MS = 3_000;

type Rooms = { broker: ServiceBroker; machines: Machines; rules: Rules; open: OpenCalls };
/** A file as a call names it, on the machine where the call would run. */
export type AskedFile = { path: string; node_id: NodeId; session_id: SessionId | null };

/** Never rejects: a question is asked whatever becomes of this. */
export async function fileBefore(rooms: Rooms, caller: Caller, file: AskedFile): Promise<FileBefore> {
  const read_at = new Date().toISOString();
  const stop = new AbortController();
  const late = sleep(LIMIT_MS, "no_answer" as const, { ref: false, signal: stop.signal }).catch(
    () => "no_answer" as const,
  );
  try {
    const said = await Promise.race([read(rooms, caller, file), late]);
    return typeof said === "string" ? { state: said, read_at } : { ...said, state: "text", read_at };
  } catch (thrown) {
    logOf(rooms.broker, "tools").warn({ err: toError(thrown) }, "a file was not read for a question");
    return { state: "no_answer", read_at };
  } finally {
    stop.abort();
  }
}

/** The same for a call that no run keeps; undefined for one that writes into no file. */
export async function fileBeforeCall(
  rooms: Rooms,
  caller: Caller,
  call: { name: string; args: unknown },
  node_id: NodeId | null,
): Promise<FileBefore | undefined> {
  const path = writtenFile(call);
  if (path === undefined || node_id === null) return undefined;
  return fileBefore(rooms, caller, { path, node_id, session_id: null });
}

type Said = { text: string } | Exclude<FileBefore["state"], "text">;

async function read(rooms: Rooms, caller: Caller, { path, node_id, session_id }: AskedFile): Promise<Said> {
  const { broker, machines, rules, open } = rooms;
  const nodes = await machines.usable(caller, { node_id });
  const call = { call_id: newId<CallId>("call"), name: READER, args: { path, max_bytes: MOST_BYTES } };
  const circumstances = {
    ...{ caller, nodes, session_id },
    rules: await rules.of(caller.user_id),
    defaults: settingsOf(broker).now.policy,
  };
  const [planned] = await planCalls(machines, [call], circumstances);
  if (planned?.plan.decision !== "allow" || planned.plan.node_id !== node_id) return "not_read";
  const { plan, reach } = planned;
  const node = nodeOf(nodes, plan);
  if (node.way === null) return "no_answer";
  const machine = machines.at({ ...node, userId: caller.user_id });
  await open.begin(caller, call, plan);
  const sent = { ...call, run_id: newId<RunId>("run"), epoch: 1, approved: false, reach, attempt: 1 };
  try {
    const outcome = await machine.execute({ ...sent, deadline_at: Date.now() + LIMIT_MS }, LIMIT_MS);
    await open.end(caller, call, outcome);
    return saidBy(outcome);
  } catch (thrown) {
    const code = typeOf(thrown) ?? "internal";
    const result = { ok: false, error: { code, message: "" } };
    await open.end(caller, call, { status: "outcome_unknown", result, duration_ms: 0 });
    return "no_answer";
  }
}

function saidBy({ status, result }: CallOutcome): Said {
  if (status === "done") return textIn(result);
  if (status === "outcome_unknown" || status === "cancelled") return "no_answer";
  switch (result.error?.code) {
    case "not_found":
      return "new";
    case "binary":
      return "binary";
    case "deadline":
      return "no_answer";
    default:
      return "not_read";
  }
}

/** Half of a file would show the other half as taken away. */
function textIn({ data, truncated }: ToolResult): Said {
  const part = data as { content?: unknown; truncated?: unknown } | undefined;
  if (truncated || part?.truncated === true) return "too_large";
  return typeof part?.content === "string" ? { text: part.content } : "not_read";
}
