// Reads the events of a run to their end as a client does whose connection is cut again and again: it goes on behind the last whole
// event, through another gateway. It keeps every byte of every event.
import { setTimeout as sleep } from "node:timers/promises";
import { type Door, isPassing } from "./door.ts";
import type { Member } from "./member.ts";

export type Frame = { id: number; event: string; data: Record<string, unknown> };

/** Between two pings there are 15 s: what is silent for so long is dead. */
export const SILENT_MS = 35_000;
const PAUSE_MS = 300;

export class Reader {
  /** Each event as it came, without the empty line behind it. */
  readonly frames: string[] = [];
  /** What a reader must never see, in words. */
  readonly faults: string[] = [];
  cuts = 0;
  isDone = false;
  readonly silentMs: number;
  #lastId = 0;

  /** @param silentMs a connection that is silent for so long is cut */
  constructor(silentMs = SILENT_MS) {
    this.silentMs = silentMs;
  }

  /** All that was read, as it came. */
  get text(): string {
    return this.frames.join("\n\n");
  }

  /**
   * Reads one response to its end.
   * @param cutAt told each event; true cuts the connection there
   */
  async take(response: Response, silence: AbortController, cutAt: (frame: Frame) => boolean): Promise<void> {
    const body = response.body?.getReader();
    const decoder = new TextDecoder();
    let rest = "";
    let isCut = false;
    const silent = setTimeout(() => silence.abort(), this.silentMs);
    try {
      while (!isCut) {
        const piece = await body?.read();
        if (!piece || piece.done) break;
        silent.refresh();
        rest += decoder.decode(piece.value, { stream: true });
        const parts = rest.split("\n\n");
        rest = parts.pop() ?? "";
        for (const part of parts) {
          if (part.startsWith(":") || isCut) continue;
          isCut = this.#add(part, cutAt);
        }
      }
    } catch {
      // The connection broke: what came before counts.
    }
    clearTimeout(silent);
    silence.abort();
    if (isCut) this.cuts += 1;
  }

  /** Goes on until `done`, however often it takes. */
  async finish(door: Door, run: string, before: Member, cutAt: (frame: Frame) => boolean): Promise<void> {
    let gateway = before;
    while (!this.isDone) {
      gateway = door.any(gateway);
      const silence = new AbortController();
      const late = setTimeout(() => silence.abort(), this.silentMs);
      const headers = { "Last-Event-ID": String(this.#lastId) };
      const asked: [string, string, unknown, Record<string, string>] = [
        ...["GET", `/agent/runs/${run}/events`],
        ...[undefined, headers],
      ] as never;
      const response = await door.open(gateway, asked, silence.signal);
      clearTimeout(late);
      if (response?.status === 200) await this.take(response, silence, cutAt);
      else {
        await response?.body?.cancel().catch(() => undefined);
        if (response && !isPassing(response.status)) {
          this.faults.push(`G9: ${run} resumed behind ${this.#lastId} is answered ${response.status}`);
          return;
        }
        await sleep(PAUSE_MS);
      }
    }
  }

  #add(part: string, cutAt: (frame: Frame) => boolean): boolean {
    const [id = "", event = "", data = ""] = part.split("\n");
    const frame = {
      id: Number(id.slice("id: ".length)),
      event: event.slice("event: ".length),
      data: JSON.parse(data.slice("data: ".length)) as Record<string, unknown>,
    };
    if (frame.id !== this.#lastId + 1) this.faults.push(`G9: event ${frame.id} came behind ${this.#lastId}`);
    this.frames.push(part);
    this.#lastId = frame.id;
    if (frame.event === "done") this.isDone = true;
    return cutAt(frame) && !this.isDone;
  }
}
