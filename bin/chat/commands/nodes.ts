// /nodes: the person's machines, one of them in full (one-node.ts); the pairing of a Mac, whose fingerprint is compared here; the end of one.
import { setTimeout as sleep } from "node:timers/promises";
import type { Node, Pairing } from "../../../contracts/nodes.ts";
import { visibleLine } from "../../terminal/clean-text.ts";
import { fitLine } from "../../terminal/fit-line.ts";
import { longDate } from "../../terminal/format.ts";
import { presenceOf } from "../../terminal/presence.ts";
import { wrapText } from "../../terminal/wrap.ts";
import type { CommandRoom } from "../conversation.ts";
import { type Keyboard, openKeyboard } from "../keys.ts";
import { patiently } from "../patiently.ts";
import { showNode } from "./one-node.ts";

type Opened = { id: string; command: string; expires_at: string };

const LOOK_MS = 1_500;
/** Tools that are named where the plan leaves some out. */
const MOST_NAMES = 10;

export async function nodes(room: CommandRoom, argument: string): Promise<void> {
  const { screen } = room;
  const [verb = "", ...more] = argument.split(/\s+/);
  if (verb === "") return listNodes(room);
  if (verb === "pair") return pair(room, more.join(" "));
  if (verb === "revoke" && more.length <= 1) return revoke(room, more[0] ?? "");
  if (/^\d/.test(verb) && more.length === 0) return withNode(room, verb, (node) => showNode(room, node));
  screen.tell(screen.texts.nodes.usage);
}

async function listNodes(room: CommandRoom): Promise<void> {
  const { screen } = room;
  const { nodes: texts, said } = screen.texts;
  const { dim, green, yellow } = screen.colours;
  const all = await nodesOf(room);
  if (all.length === 0) return screen.tell(texts.none);
  for (const [index, node] of all.entries()) {
    const { name, status, platform, version, tools, shared_by, problem, queue_length } = node;
    const number = String(index + 1).padStart(String(all.length).length);
    const colour = status === "online" ? green : dim;
    const what = [
      presenceOf(node, screen.texts),
      ...(platform === "" ? [] : [visibleLine(`${platform} ${version}`)]),
      texts.tools(tools.length),
      ...(queue_length > 0 ? [texts.waiting(queue_length)] : []),
      ...(shared_by === undefined ? [] : [texts.sharedBy(visibleLine(shared_by))]),
    ].join(texts.comma);
    screen.note(fitLine(`  ${colour(number)}  ${visibleLine(name)}  ${dim(what)}`, screen.columns));
    if (problem !== undefined) screen.note(`     ${yellow(said(visibleLine(problem)))}`);
  }
  await tellLeftOut(room);
  screen.note(dim(`  ${texts.hint}`));
}

/** An aside, which an older server does not know. */
async function tellLeftOut({ server, screen }: CommandRoom): Promise<void> {
  const { left_out = [] } = await server
    .json<{ left_out?: string[] }>("GET", "/tools")
    .catch((): { left_out?: string[] } => ({}));
  if (left_out.length === 0) return;
  const some = left_out.slice(0, MOST_NAMES).map(visibleLine).join(screen.texts.nodes.comma);
  const words = screen.texts.nodes.leftOut(
    left_out.length,
    left_out.length > MOST_NAMES ? `${some} …` : some,
  );
  for (const line of wrapText(words, screen.columns - 2)) screen.note(`  ${screen.colours.yellow(line)}`);
}

async function nodesOf({ server }: CommandRoom): Promise<Node[]> {
  return (await server.json<{ nodes: Node[] }>("GET", "/nodes")).nodes;
}

async function pair(room: CommandRoom, name: string): Promise<void> {
  const { server, screen } = room;
  const { nodes: texts } = screen.texts;
  const opened = await server.json<Opened>("POST", "/nodes/pairings", name === "" ? {} : { name });
  screen.tell(texts.typeThere);
  screen.note(`\n  ${opened.command}\n`);
  screen.tell(texts.validUntil(longDate(opened.expires_at)));
  await withKeys(room, async (keyboard, signal) => {
    const pairing = await untilRedeemed(room, opened, signal);
    if (pairing === undefined) return screen.tell(texts.leftOff);
    if (pairing.status === "expired") return screen.tell(texts.expired);
    await compare(room, pairing, keyboard, signal);
  });
}

/** @returns undefined when the person has left */
async function untilRedeemed(
  { server }: CommandRoom,
  { id }: Opened,
  signal: AbortSignal,
): Promise<Pairing | undefined> {
  const look = () => server.json<Pairing>("GET", `/nodes/pairings/${encodeURIComponent(id)}`);
  for (;;) {
    try {
      const pairing = await patiently(look, signal);
      if (signal.aborted) return undefined;
      if (pairing.status !== "waiting") return pairing;
      await sleep(LOOK_MS, undefined, { signal });
    } catch (thrown) {
      if (signal.aborted) return undefined;
      throw thrown;
    }
  }
}

/** What is confirmed is the fingerprint that was shown here, whatever has become of the pairing meanwhile. */
async function compare(
  { server, screen }: CommandRoom,
  { id, name, platform, version, fingerprint }: Pairing,
  keyboard: Keyboard,
  signal: AbortSignal,
): Promise<void> {
  const { nodes: texts } = screen.texts;
  const said = [name, platform, version].map((text) => visibleLine(text ?? ""));
  screen.tell(texts.used(said[0] ?? "", said[1] ?? "", said[2] ?? ""));
  screen.note(`\n  ${screen.colours.cyan(visibleLine(fingerprint ?? ""))}\n`);
  screen.tell(texts.same);
  if (!(await isYes(screen, keyboard, texts.yesKey, signal))) return screen.tell(texts.notConfirmed);
  const path = `/nodes/pairings/${encodeURIComponent(id)}/confirm`;
  const { node } = await server.json<{ node: Node }>("POST", path, { fingerprint });
  screen.tell(texts.joined(visibleLine(node.name)));
}

async function revoke(room: CommandRoom, number: string): Promise<void> {
  const { server, screen } = room;
  const { nodes: texts } = screen.texts;
  if (number === "") return screen.tell(texts.which);
  await withNode(room, number, (node) => {
    const name = visibleLine(node.name);
    return withKeys(room, async (keyboard, signal) => {
      screen.tell(texts.revokeAsk(name));
      if (!(await isYes(screen, keyboard, texts.revokeKey, signal))) return screen.tell(texts.kept);
      await server.json("DELETE", `/nodes/${encodeURIComponent(node.id)}`);
      screen.tell(texts.revoked(name));
    });
  });
}

/** The machine with this number in the list. */
async function withNode(
  room: CommandRoom,
  number: string,
  work: (node: Node) => Promise<void>,
): Promise<void> {
  const { screen } = room;
  const all = await nodesOf(room);
  const node = /^\d{1,4}$/.test(number) ? all[Number(number) - 1] : undefined;
  if (!node) return screen.tell(screen.texts.nodes.noSuch(visibleLine(number)));
  await work(node);
}

/** Ctrl-C aborts the signal. */
async function withKeys(
  { input }: CommandRoom,
  work: (keyboard: Keyboard, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  const keyboard = openKeyboard(input, () => stop.abort());
  try {
    await work(keyboard, stop.signal);
  } finally {
    keyboard.close();
  }
}

async function isYes(
  screen: CommandRoom["screen"],
  keyboard: Keyboard,
  yes: string,
  signal: AbortSignal,
): Promise<boolean> {
  for (const line of [yes, screen.texts.nodes.noKey]) screen.note(`  ${line}`);
  return (await keyboard.ask("yn", signal)) === "y";
}
