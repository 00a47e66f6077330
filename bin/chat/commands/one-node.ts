// /nodes <number>: one machine in full: what waits for it, what it did last, what it can do.
import type { ChainEntry, ChainPart } from "../../../contracts/node-chain.ts";
import type { Node } from "../../../contracts/nodes.ts";
import type { ShownQueuedCall } from "../../../contracts/tools.ts";
import { visibleLine } from "../../terminal/clean-text.ts";
import { fitLine } from "../../terminal/fit-line.ts";
import { shortArguments, shortDate } from "../../terminal/format.ts";
import { presenceOf } from "../../terminal/presence.ts";
import { wrapText } from "../../terminal/wrap.ts";
import type { CommandRoom } from "../conversation.ts";

const LAST_CALLS = 10;

export async function showNode(room: CommandRoom, node: Node): Promise<void> {
  const { screen } = room;
  const { nodes: texts, said } = screen.texts;
  const { dim, green, yellow } = screen.colours;
  const { name, status, platform, version, tools, fingerprint, frozen_since } = node;
  const line = (text: string) => screen.note(fitLine(`  ${text}`, screen.columns));
  const colour = status === "online" ? green : dim;
  line(
    `${visibleLine(name)}  ${colour(presenceOf(node, screen.texts))}  ${dim(visibleLine(`${platform} ${version}`))}`,
  );
  if (status !== "online") line(texts.lastSeen(shortDate(node.last_seen_at)));
  if (node.frozen) line(yellow(texts.frozen(shortDate(frozen_since ?? node.last_seen_at))));
  for (const problem of [node.problem, node.record_problem])
    if (problem !== undefined) line(yellow(said(visibleLine(problem))));
  if (fingerprint !== undefined) line(texts.fingerprint(fingerprint));
  await showQueue(room, node, line);
  if (fingerprint !== undefined && status === "online" && node.shared_by === undefined)
    await showLastCalls(room, node, line);
  line(texts.itsTools(tools.length));
  for (const words of wrapText(tools.map(visibleLine).join(texts.comma), screen.columns - 4))
    line(`  ${dim(words)}`);
}

type Line = (text: string) => void;

async function showQueue({ server, screen }: CommandRoom, { id }: Node, line: Line): Promise<void> {
  const { nodes: texts } = screen.texts;
  const { calls } = await server.json<{ calls: ShownQueuedCall[] }>(
    "GET",
    `/nodes/${encodeURIComponent(id)}/queue`,
  );
  if (calls.length > 0) line(texts.waiting(calls.length));
  for (const { name, args, priority, expires_at } of calls)
    line(
      `  ${priority}  ${visibleLine(name)} ${shortArguments(args)}  ${screen.colours.dim(texts.until(shortDate(expires_at)))}`,
    );
}

/** By the record that the Mac keeps itself. */
async function showLastCalls({ server, screen }: CommandRoom, { id }: Node, line: Line): Promise<void> {
  const { nodes: texts } = screen.texts;
  const part = (from: number, limit: number) =>
    server.json<ChainPart>("GET", `/nodes/${encodeURIComponent(id)}/chain?from=${from}&limit=${limit}`);
  const { first, last } = await part(1, 1);
  if (last === 0) return;
  // Each has a beginning and an end.
  const { entries } = await part(Math.max(1, first, last - 2 * LAST_CALLS + 1), 2 * LAST_CALLS);
  const ends = new Map(
    entries.flatMap((entry) => (entry.kind === "ended" ? [[entry.call_id, entry.status]] : [])),
  );
  line(texts.lastCalls);
  for (const entry of entries.filter(isBegun).toReversed()) {
    const status = ends.get(entry.call_id);
    const state = (status && texts.ends[status]) ?? texts.runs;
    line(
      `  ${shortDate(new Date(entry.at).toISOString())}  ${visibleLine(entry.tool)}  ${screen.colours.dim(state)}`,
    );
  }
}

const isBegun = (entry: ChainEntry) => entry.kind === "begun";
