// `audit verify --node`: the server's trail and the Mac's own record against each other.
import { compareNode, type MacsSide, serversSide } from "../../lib/audit/compare-node.ts";
import type { AuditRows } from "../../lib/ports/audit.ts";
import { visibleText } from "../terminal/clean-text.ts";
import type { Texts } from "../terminal/texts.ts";

/** Faults that are named; of more, how many they are. */
const NAMED = 100;

/**
 * @param read the Mac's side, once it is known that there is a server's
 * @returns the exit code: 0 when both sides say the same, 1 when they do not
 * @throws Error in words when the trail has no such Mac, or its record cannot be had
 */
export async function verifyNode(
  trail: AuditRows,
  nodeId: string,
  read: () => Promise<MacsSide>,
  { audit, said }: Texts,
): Promise<0 | 1> {
  const server = await serversSide(trail, nodeId);
  if (server.publicKey === undefined) throw new Error(audit.noSuchMac(nodeId));
  const { entries, calls, faults, notes } = await compareNode(nodeId, server, await read());
  const list = (all: string[]) => {
    const more = all.length > NAMED ? [audit.andMore(all.length - NAMED)] : [];
    return visibleText([...all.slice(0, NAMED), ...more].map((line) => `  ${said(line)}\n`).join(""));
  };
  if (faults.length > 0) process.stdout.write(`${audit.sidesDiffer(nodeId)}\n${list(faults)}`);
  else process.stdout.write(`${audit.sidesAgree(nodeId, entries, calls)}\n`);
  if (notes.length > 0) process.stdout.write(`${audit.sidesNotes}\n${list(notes)}`);
  return faults.length > 0 ? 1 : 0;
}
