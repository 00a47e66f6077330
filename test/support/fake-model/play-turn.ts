// Says one turn to one client: pieces, pauses, gates and faults. Ends quietly when the client leaves.
import type { ServerResponse } from "node:http";
import { setImmediate as nextTick, setTimeout as sleep } from "node:timers/promises";
import type { FakeTurn } from "./turn.ts";
import type { StreamFrames, Wire } from "./wire.ts";

export async function playTurn(
  wire: Wire,
  turn: FakeTurn,
  isStream: boolean,
  response: ServerResponse,
): Promise<void> {
  const gone = new Promise<"gone">((resolve) => response.once("close", () => resolve("gone")));
  const { fault } = turn;
  if (turn.gate && !turn.gateAfter && (await Promise.race([turn.gate, gone])) === "gone") return;
  if (fault?.type === "refuse") {
    response.socket?.destroy();
    return;
  }
  if (fault?.type === "hang" && !fault.after) {
    await gone;
    return;
  }
  if (fault?.type === "status") {
    response.writeHead(fault.status, { "Content-Type": "application/json", ...fault.headers });
    response.end(typeof fault.body === "string" ? fault.body : JSON.stringify(fault.body ?? {}));
    return;
  }
  if (turn.raw) return playRaw(turn, turn.raw, response, gone);
  if (!isStream || turn.whole) {
    response.writeHead(200, { "Content-Type": turn.contentType ?? "application/json" });
    response.end(JSON.stringify(wire.whole(turn)));
    return;
  }
  response.writeHead(200, { "Content-Type": turn.contentType ?? "text/event-stream" });
  response.flushHeaders();
  await playStream(turn, wire.stream(turn), response, gone);
}

async function playRaw(
  turn: FakeTurn,
  raw: (string | Buffer)[],
  response: ServerResponse,
  gone: Promise<"gone">,
): Promise<void> {
  response.writeHead(200, {
    "Content-Type": turn.contentType ?? "text/event-stream",
    ...(turn.contentEncoding ? { "Content-Encoding": turn.contentEncoding } : {}),
  });
  for (const piece of raw) {
    response.write(piece);
    // Into a segment of its own, as far as the network stack allows.
    await nextTick();
    await sleep(turn.rawDelayMs ?? 1);
  }
  if (turn.rawGate) await Promise.race([turn.rawGate, gone]);
  response.end();
}

/**
 * Ends the connection within the answer, in an orderly way: what was sent before arrives whoever reads how slowly. A reset
 * would take away what was received and not read yet.
 */
function breakOff(response: ServerResponse): void {
  response.socket?.end();
}

async function playStream(
  turn: FakeTurn,
  { start, pieces, end }: StreamFrames,
  response: ServerResponse,
  gone: Promise<"gone">,
): Promise<void> {
  const { fault, gate, gateAfter = 0, delayMs = 0 } = turn;
  let left = fault?.type === "cut" ? fault.afterBytes : Number.POSITIVE_INFINITY;
  /** @returns false when the connection is closed now */
  const write = async (frame: string): Promise<boolean> => {
    if (response.destroyed) return false;
    const bytes = Buffer.from(frame);
    left -= bytes.length;
    if (left > 0) return response.write(bytes) || true;
    response.write(bytes.subarray(0, bytes.length + left));
    breakOff(response);
    return false;
  };
  if (!(await write(start))) return;
  for (let index = 0; index <= pieces.length; index += 1) {
    if (gate && gateAfter > 0 && index === gateAfter && (await Promise.race([gate, gone])) === "gone") return;
    if (fault?.type === "hang" && fault.after === index) return void (await gone);
    if (fault?.type === "garbage" && fault.after === index) return void response.end(fault.text);
    if (fault?.type === "cut_after" && fault.pieces === index) {
      breakOff(response);
      return;
    }
    if (!(await write(pieces[index] ?? end))) return;
    if (delayMs > 0) await sleep(delayMs);
  }
  response.end();
}
