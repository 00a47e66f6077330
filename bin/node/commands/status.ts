// `status`: with whom this machine is paired, whether it serves, what it did last.
import { type NodeStatus, statusOf } from "../../../mac-node/program/status.ts";
import { visibleLine } from "../../terminal/clean-text.ts";
import { widthOf } from "../../terminal/fit-line.ts";
import { longDate } from "../../terminal/format.ts";
import type { Texts } from "../../terminal/texts.ts";
import type { ExitCode, Room } from "../room.ts";

/** @throws NodeProblem `damaged` */
export async function status({ folder, texts, say }: Room, json: boolean): Promise<ExitCode> {
  const found = await statusOf(folder);
  if (json) say(JSON.stringify(found, null, 2));
  else for (const line of linesOf(found, texts)) say(line);
  return 0;
}

function linesOf(found: NodeStatus, texts: Texts): string[] {
  const words = texts.node.status;
  const { paired, serving, frozen } = found;
  const rows: [string, string][] = [
    [words.folder, found.folder],
    [words.paired, paired ? pairedWords(paired, texts) : words.notPaired],
  ];
  if (paired) {
    rows.push([texts.node.name, visibleLine(paired.name)], [words.id, paired.node_id]);
    rows.push([texts.node.fingerprint, paired.fingerprint]);
    if (paired.revoked_at) rows.push([words.revoked, longDate(paired.revoked_at)]);
  }
  rows.push([words.serving, serving ? servingWords(serving, texts) : words.notServing]);
  if (frozen) rows.push([words.frozen, frozen === "unknown" ? words.unknown : longDate(frozen)]);
  rows.push([words.policy, policyWords(found.policy, texts)]);
  rows.push([words.calls, found.last_calls.length === 0 ? words.noCalls : ""]);
  const width = Math.max(...rows.map(([label]) => widthOf(label)));
  const calls = found.last_calls.map(({ tool, at, status: how }) => {
    const outcome = how === undefined ? words.unfinished : words.outcome[how];
    return `  ${longDate(new Date(at).toISOString())}  ${visibleLine(tool)}  ${outcome}`;
  });
  const lines = rows.map(([label, value]) =>
    `${label}${" ".repeat(width - widthOf(label))}  ${value}`.trimEnd(),
  );
  return [...lines, ...calls];
}

function pairedWords(
  { owner, server, paired_at }: NonNullable<NodeStatus["paired"]>,
  { node }: Texts,
): string {
  const { status: words } = node;
  return words.since(words.pairedWith(visibleLine(owner), server), longDate(paired_at));
}

function servingWords(
  { pid, state, since, trouble }: NonNullable<NodeStatus["serving"]>,
  texts: Texts,
): string {
  const { status: words, state: states, trouble: troubled } = texts.node;
  const now = words.process(pid, states[state]);
  const dated = since === null ? now : words.since(now, longDate(since));
  return trouble === null ? dated : `${dated}; ${troubled(texts.said(trouble))}`;
}

function policyWords({ ok, is_there, restricts, faults }: NodeStatus["policy"], texts: Texts): string {
  const { status: words } = texts.node;
  if (!ok) return words.damagedPolicy(texts.said(faults[0] ?? ""));
  if (!is_there) return words.noPolicy;
  if (restricts.length === 0) return words.emptyPolicy;
  return words.restricts(restricts.join(texts.commandLine.comma));
}
