// `logs`: the last lines of the program's log, and with -f those that come.
import { open, stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { logPath } from "../../../mac-node/program/log-file.ts";
import { cleanText } from "../../terminal/clean-text.ts";
import type { NodeArguments } from "../arguments.ts";
import { clock } from "../clock.ts";
import { onSignal } from "../on-signal.ts";
import type { ExitCode, Room } from "../room.ts";

type Wanted = Extract<NodeArguments, { command: "logs" }>;

/** Of the end of the file: enough for all lines that can be asked for. */
const MOST_BYTES = 4_194_304;
const LOOK_EVERY_MS = 500;
const LEVELS: Record<number, string> = {
  10: "trace",
  20: "debug",
  30: "info",
  40: "warn",
  50: "error",
  60: "fatal",
};

export async function logs(room: Room, { lines, follows }: Wanted): Promise<ExitCode> {
  const path = logPath(room.folder.log);
  const size = await sizeOf(path);
  const end = await readFrom(path, Math.max(0, size - MOST_BYTES), size);
  const last = end
    .split("\n")
    .filter((line) => line !== "")
    .slice(-lines);
  if (last.length === 0 && !follows) room.note(room.texts.node.noLog);
  for (const line of last) room.say(shown(line));
  if (follows) await follow(room, path, size);
  return 0;
}

/** Until Ctrl-C. A file that became shorter is a new one. */
async function follow(room: Room, path: string, from: number): Promise<void> {
  const { signal, end } = onSignal();
  let at = from;
  let rest = "";
  while (!signal.aborted) {
    const size = await sizeOf(path);
    if (size < at) at = 0;
    const lines = (rest + (await readFrom(path, at, size))).split("\n");
    rest = lines.pop() ?? "";
    at = size;
    for (const line of lines) room.say(shown(line));
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
  end();
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0;
}

async function readFrom(path: string, from: number, to: number): Promise<string> {
  if (to <= from) return "";
  const file = await open(path, "r");
  try {
    const bytes = Buffer.alloc(to - from);
    const { bytesRead } = await file.read(bytes, 0, bytes.length, from);
    return bytes.toString("utf8", 0, bytesRead);
  } finally {
    await file.close();
  }
}

/** "2026-01-31 14:05:09 warn the credentials cannot be renewed now  {…}" */
function shown(line: string): string {
  try {
    const { time, level, msg, ...fields } = JSON.parse(line) as Record<string, unknown>;
    const at = new Date(Number(time));
    const day = at.toLocaleDateString("sv-SE");
    const more = Object.keys(fields).length === 0 ? "" : `  ${JSON.stringify(fields)}`;
    return cleanText(`${day} ${clock(at)} ${LEVELS[Number(level)] ?? level} ${msg}${more}`);
  } catch {
    return cleanText(line);
  }
}
