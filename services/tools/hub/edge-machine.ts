// A Mac: asked through the hub. Its network comes and goes, so an answer may be lost; the Mac's journal answers the same call with its
// first outcome, and so it is sent again until the outcome is known, or nobody can know it.
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { bound } from "../../../contracts/bound.ts";
import { boundedList } from "../../../contracts/bounded-list.ts";
import type { NodeId, UserId } from "../../../contracts/ids.ts";
import { chainPart, nodeHead } from "../../../contracts/node-chain.ts";
import type { CallOutcome, FencedCall, ResolvedCall, ToolResult } from "../../../contracts/tools.ts";
import { busErrorType } from "../../../lib/broker/bus-errors.ts";
import type { Crash } from "../../../lib/crash-points.ts";
import { AppError, isType, toError } from "../../../lib/errors.ts";
import { timeOf } from "../../../lib/ids.ts";
import { boundResult } from "../../../lib/tools/bound-result.ts";
import type { Machine, NodeCall } from "../machines/machine.ts";
import type { Heads } from "./heads.ts";
import type { Hub } from "./hub.ts";
import { knowsCallsOf, type MacProcess } from "./mac-processes.ts";
import type { OutputPass } from "./output-pass.ts";

/** What costs a Mac a moment only. */
const SOON_MS = 12_000;
const CANCEL_MS = 3_000;
const DAY_MS = 86_400_000;
const AGAIN_MS = 250;

const words = z.string().max(20_000);
const result = z.looseObject({
  ok: z.boolean(),
  error: z.object({ code: z.string().max(100), message: words }).exactOptional(),
});
const outcome = z.object({
  status: z.enum(["done", "failed", "denied", "cancelled", "outcome_unknown"]),
  result: result.transform((said) => boundResult(said as ToolResult)),
  duration_ms: z.number().min(0).max(DAY_MS),
  node_head: nodeHead.exactOptional(),
});
const fenced = z.union([
  z.object({ state: z.enum(["never_seen", "running", "unknown"]) }),
  z.object({ state: z.literal("ended"), outcome }),
]);
const meaning = z.union([
  z.object({ bound }),
  z.object({ error: z.object({ code: z.string().max(100), message: words }) }),
]);
/** @param most calls that were asked about */
const resolved = (most: number) => z.object({ calls: boundedList(meaning, most) });

type Mac = {
  hub: Hub;
  outputs: OutputPass;
  heads: Heads;
  nodeId: NodeId;
  name: string;
  userId: UserId;
  crash: Crash;
};
const NO_WORD = { error: { code: "node_failed", message: "The Mac does not say what this call does." } };

export function edgeMachine(mac: Mac): Machine {
  const { hub, nodeId, userId, outputs, heads, crash } = mac;
  return {
    async resolve(calls) {
      const said = await soon(hub.ask(nodeId, "node.resolve", { calls }, { userId, limitMs: SOON_MS }));
      const { calls: answers } = readOf(mac, resolved(calls.length), said);
      return calls.map((_call, index) => answers[index] ?? NO_WORD) satisfies ResolvedCall[];
    },
    async execute(call, limitMs) {
      const end = outputs.begin(call.call_id, nodeId);
      const before = heads.last(nodeId);
      try {
        const outcome = await execute(mac, { ...call, user_id: userId }, limitMs);
        await crash("hub.answered");
        const checked = await heads.check(nodeId, outcome, before);
        await crash("hub.head_kept");
        return checked;
      } finally {
        end();
      }
    },
    async cancel(call_id) {
      await hub.ask(nodeId, "node.cancel", { call_id }, { userId, limitMs: CANCEL_MS });
    },
    async fence(call_id, epoch) {
      const asked = { call_id, epoch };
      const { journalSince = 0 } = hub.processOf(nodeId) ?? {};
      const said = await soon(hub.ask(nodeId, "node.fence", asked, { userId, limitMs: SOON_MS }));
      const answer = readOf(mac, fenced, said) satisfies FencedCall;
      await crash("hub.fenced");
      // It may have been sent to a process whose journal this one has not.
      if (answer.state === "never_seen" && journalSince > timeOf(call_id)) return { state: "unknown" };
      if (answer.state !== "ended") return answer;
      return { ...answer, outcome: await heads.check(nodeId, answer.outcome, 0) };
    },
    async chain(from, limit) {
      const asked = { from, limit };
      return readOf(mac, chainPart, await soon(hub.ask(nodeId, "node.chain", asked, { limitMs: SOON_MS })));
    },
  };
}

/** One that does not answer what takes a moment is not there. @throws node_offline */
async function soon(answer: Promise<unknown>): Promise<unknown> {
  return answer.catch((thrown: unknown) => {
    const isRefused = isOfMac(thrown) && !isNotReady(thrown);
    if (isRefused || busErrorType(thrown) === undefined) throw thrown;
    throw new AppError("node_offline", "The Mac does not answer.", {}, thrown);
  });
}

async function execute(mac: Mac, call: NodeCall, limitMs: number): Promise<CallOutcome> {
  const { hub, nodeId, name, userId, outputs } = mac;
  const until = performance.now() + limitMs;
  const left = () => until - performance.now();
  let sentTo: MacProcess | undefined;
  /** An answer was lost: what is said of the call from then on, but its outcome, does not say that it has not run. */
  let mayHaveRun = false;
  while (left() > 0 && !hub.isRevoked(nodeId)) {
    const now = hub.processOf(nodeId);
    // Whether it ran only that process knows, and one that goes on with its journal.
    if (mayHaveRun && sentTo && now && !knowsCallsOf(now, sentTo)) break;
    sentTo = now ?? sentTo;
    try {
      const asked = { userId, limitMs: left(), isAskedAgain: false };
      return readOf(mac, outcome, await hub.ask(nodeId, "node.execute", call, asked));
    } catch (thrown) {
      if (isOfMac(thrown)) {
        if (thrown.type === "stale_epoch") throw new AppError("stale_epoch", thrown.message);
        if (!mayHaveRun && !isNotReady(thrown)) return refusalOf(thrown);
      } else if (!isType(thrown, "node_offline")) {
        if (busErrorType(thrown) === undefined) throw thrown;
        mayHaveRun = true;
      }
    }
    if (sentTo !== undefined && hub.instanceOf(nodeId) === undefined)
      outputs.tell(call.call_id, `"${name}" is not connected any more; its answer is waited for.`);
    // One that is connected and yet does not answer is not asked faster than this.
    if (await hub.comes(nodeId, left())) await sleep(Math.max(0, Math.min(AGAIN_MS, left())));
  }
  if (mayHaveRun) throw new AppError("request_timeout", `"${name}" has not answered in time.`);
  throw new AppError("node_offline", `"${name}" is not connected.`);
}

/** What a Mac says instead of an outcome. */
function refusalOf({ type, message }: MacError): CallOutcome {
  const code = type === "QUEUE_FULL" ? "busy" : "node_refused";
  return { status: "failed", result: { ok: false, error: { code, message } }, duration_ms: 0 };
}

type MacError = Error & { type?: unknown };

function isOfMac(thrown: unknown): thrown is MacError {
  return toError(thrown).name === "MacError";
}

/** Its program is starting, or being stopped. */
function isNotReady({ type }: MacError): boolean {
  return type === "SERVICE_NOT_FOUND" || type === "SERVICE_NOT_AVAILABLE";
}

/** @throws what makes the outcome unknown: it was answered, but not in words that can be read */
function readOf<Schema extends z.ZodType>(mac: Mac, schema: Schema, said: unknown): z.output<Schema> {
  const parsed = schema.safeParse(said);
  if (parsed.success) return parsed.data;
  mac.hub.odd(mac.nodeId, "an answer that cannot be read");
  throw new AppError("request_timeout", "The Mac has answered what cannot be read.");
}
