// What port_killer does: finds who listens, makes sure that all of them may be ended, and ends them. Nobody is ended when one
// of them may not be.
import { setTimeout as sleep } from "node:timers/promises";
import type { ToolContext, ToolResult } from "../../../../contracts/tools.ts";
import { toError } from "../../../../lib/errors.ts";
import { ToolFailure } from "../../../../lib/tools/tool-failure.ts";
import { listProcesses } from "../../system/machine/processes.ts";
import { type Identity, identify } from "./identify.ts";
import { isOurs } from "./is-ours.ts";
import { listenersOn } from "./listeners.ts";

type KillerContext = Pick<ToolContext, "run" | "signal">;
export type EndOptions = {
  platform?: NodeJS.Platform;
  /** How long they are given after TERM, and after KILL. */
  patienceMs?: { term: number; kill: number };
  kill?: (pid: number, signal: NodeJS.Signals) => void;
  /** As for `isOurs`. */
  ours?: { program?: string; own?: number };
};
type Target = Identity & { user: string; command: string };
type Shown = { pid: number; user: string; command: string };

const PATIENCE_MS = { term: 5_000, kill: 2_000 };
const LOOK_MS = 100;
const CLOSING_MS = 2_000;

/** @throws AppError `internal` when the system does not tell who listens; ToolFailure `not_listening`, `not_allowed` */
export async function endListeners(
  { port, force }: { port: number; force: boolean },
  context: KillerContext,
  options: EndOptions = {},
): Promise<ToolResult> {
  const { platform = process.platform, patienceMs = PATIENCE_MS, kill = process.kill } = options;
  const targets = await targetsOn(port, context, platform, options.ours);
  const way: Way = { context, platform, kill: (pid, signal) => void kill(pid, signal) };
  const left = await end(targets, "SIGTERM", patienceMs.term, way);
  const stuck = force ? await end(left, "SIGKILL", patienceMs.kill, way) : left;
  const ended = targets.filter((target) => !stuck.includes(target));
  const now = await listenersAfter(port, context, platform);
  const data = {
    port,
    ended: ended.map((target) => ({
      ...shown(target),
      signal: left.includes(target) ? "SIGKILL" : "SIGTERM",
    })),
    still_running: stuck.map(shown),
    port_free: now.pids.length === 0 && !now.hasUnseen,
    listening_now: now.pids,
  };
  if (stuck.length === 0) return { ok: true, data };
  const hint = force ? "" : " Call it again with force to kill it, when the user wants that.";
  return {
    ok: false,
    data,
    error: { code: "still_running", message: `Not all of them ended when they were asked to.${hint}` },
  };
}

async function targetsOn(
  port: number,
  context: KillerContext,
  platform: NodeJS.Platform,
  ours: EndOptions["ours"],
): Promise<Target[]> {
  const { pids, hasUnseen } = await listenersOn(port, context, platform);
  if (pids.length === 0 && !hasUnseen)
    throw new ToolFailure("not_listening", `Nothing listens on TCP port ${port}; nothing was ended.`);
  const rows = await listProcesses(context, platform);
  const found = await Promise.all(pids.map((pid) => identify(pid, context, platform)));
  const targets = found.flatMap((identity): Target[] => {
    const row = rows.find(({ pid }) => pid === identity?.pid);
    return identity && row ? [{ ...identity, user: row.user, command: row.command }] : [];
  });
  const mine = targets.find((target) => isOurs(target, rows, ours));
  if (mine) throw refused(`it is held by MacJarvis itself (process ${mine.pid})`);
  const own = process.getuid?.();
  const foreign = targets.find(({ uid }) => uid !== own);
  if (foreign) throw refused(`it is held by ${named(foreign)} of the user ${foreign.user}`);
  // Shared with somebody who is not shown, it would not be free; and who that is cannot be checked.
  if (hasUnseen) throw refused("a process holds it that belongs to another user or to the system");
  if (targets.length < pids.length)
    throw new ToolFailure(
      "changed",
      `Who listens on port ${port} changed just now; nothing was ended. Try again.`,
    );
  return targets;
}

const refused = (why: string) =>
  new ToolFailure("not_allowed", `The port is not freed: ${why}. Nothing was ended.`);
const named = ({ command, pid }: Shown) => `${command} (process ${pid})`;
const shown = ({ pid, user, command }: Target): Shown => ({ pid, user, command });

/** The threads of a process that has ended may hold its socket a moment longer: then nobody is seen to hold it. */
async function listenersAfter(port: number, context: KillerContext, platform: NodeJS.Platform) {
  const until = performance.now() + CLOSING_MS;
  for (;;) {
    const now = await listenersOn(port, context, platform);
    if (now.pids.length > 0 || !now.hasUnseen || performance.now() >= until) return now;
    await sleep(LOOK_MS);
  }
}

type Way = {
  context: KillerContext;
  platform: NodeJS.Platform;
  kill: (pid: number, signal: NodeJS.Signals) => void;
};

/** Those that have not ended in time. */
async function end(
  targets: Target[],
  signal: NodeJS.Signals,
  patienceMs: number,
  way: Way,
): Promise<Target[]> {
  way.context.signal.throwIfAborted();
  await Promise.all(
    targets.map(async (target) => {
      // Looked at again at once before: its id may be another's by now.
      if (await isAlive(target, way)) send(target, signal, way);
    }),
  );
  const until = performance.now() + patienceMs;
  for (;;) {
    const alive = await Promise.all(targets.map((target) => isAlive(target, way)));
    const left = targets.filter((_target, index) => alive[index]);
    if (left.length === 0 || performance.now() >= until || way.context.signal.aborted) return left;
    await sleep(LOOK_MS);
  }
}

async function isAlive(target: Target, { context, platform }: Way): Promise<boolean> {
  return (await identify(target.pid, context, platform))?.started === target.started;
}

function send({ pid }: Target, signal: NodeJS.Signals, { kill }: Way): void {
  try {
    kill(pid, signal);
  } catch (thrown) {
    const { code, message } = toError(thrown) as NodeJS.ErrnoException;
    // It ended by itself.
    if (code !== "ESRCH")
      throw new ToolFailure("not_allowed", `The system does not let it be ended: ${message}`);
  }
}
