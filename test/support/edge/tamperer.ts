// Sits between Macs and nats-server and changes what they say to each other, message by message: answers that come twice, late, never, as
// garbage or as 50 MB, requests that come twice. What it has seen of deadlines it remembers.
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

export type Tampering =
  | "an answer comes twice"
  | "an answer comes late"
  | "an answer never comes"
  | "an answer is garbage"
  | "an answer has 50 MB"
  | "a request comes twice";

export type Tamperer = {
  port: number;
  /** The next message that it fits is changed so. @returns whether it has been */
  tamper(how: Tampering): () => boolean;
  /** Nothing is changed any more. */
  calm(): void;
  /** By call: the latest deadline that a Mac was sent, epoch milliseconds. */
  deadlines: Map<string, number>;
  stop(): void;
};

type Frame = { line: string; payload: Buffer };
type Armed = { how: Tampering; isDone: boolean };

const HUGE = Buffer.alloc(50 * 1_048_576, "x");
const LATE_MS = 3_000;
const GARBAGE = ["{", "[]", '{"id":7}', '{"success":true,"data":{"status":"done"}}', "\u0000\u0001"];
const WITH_PAYLOAD = /^(?:PUB|HPUB|MSG|HMSG) .*?(\d+)$/i;
const CRLF = Buffer.from("\r\n");

/** @param target the port of nats-server on this machine */
export async function startTamperer(target: () => number): Promise<Tamperer> {
  const sockets = new Set<Socket>();
  const deadlines = new Map<string, number>();
  const armed: Armed[] = [];
  let garbled = 0;
  const take = (...fitting: Tampering[]) => {
    const place = armed.findIndex(({ how }) => fitting.includes(how));
    const [taken] = place === -1 ? [] : armed.splice(place, 1);
    if (taken) taken.isDone = true;
    return taken?.how;
  };

  /** What a Mac says. */
  const answered = (frame: Frame, to: Socket) => {
    const isOutcome = / ?MOL-edge\.RES\./.test(frame.line) && frame.payload.includes('"duration_ms"');
    const how =
      isOutcome &&
      take(
        "an answer comes twice",
        "an answer comes late",
        "an answer never comes",
        "an answer is garbage",
        "an answer has 50 MB",
      );
    switch (how) {
      case "an answer never comes":
        return;
      case "an answer comes late":
        setTimeout(() => write(to, frame), LATE_MS);
        return;
      case "an answer is garbage": {
        const id = /"id":"([^"]+)"/.exec(frame.payload.toString())?.[1] ?? "";
        const words = GARBAGE[garbled++ % GARBAGE.length] ?? "";
        // Whoever waits for it gets it, where it can be read at all.
        return write(to, { ...frame, payload: Buffer.from(words.replace("{", `{"id":"${id}",`)) });
      }
      case "an answer has 50 MB":
        return write(to, { ...frame, payload: HUGE });
      case "an answer comes twice":
        write(to, frame);
    }
    write(to, frame);
  };

  /** What it is told. */
  const asked = (frame: Frame, to: Socket) => {
    const isCall = frame.line.includes("MOL-edge.REQ.") && frame.payload.includes('"node.execute"');
    if (isCall) {
      const { params } = JSON.parse(frame.payload.toString()) as {
        params: { call_id: string; deadline_at: number };
      };
      const before = deadlines.get(params.call_id) ?? 0;
      deadlines.set(params.call_id, Math.max(before, params.deadline_at));
      if (take("a request comes twice")) write(to, frame);
    }
    write(to, frame);
  };

  const listener = createServer({ noDelay: true }, (mac) => {
    const server = connect({ port: target(), host: "127.0.0.1", noDelay: true });
    for (const [from, to, told] of [
      [mac, server, answered],
      [server, mac, asked],
    ] as const) {
      sockets.add(from);
      const frames = new Frames();
      from.on("data", (piece: Buffer) => {
        for (const frame of frames.read(piece)) told(frame, to);
      });
      from.on("error", () => to.destroy());
      from.on("close", () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  return {
    port: (listener.address() as AddressInfo).port,
    deadlines,
    tamper(how) {
      const one = { how, isDone: false };
      armed.push(one);
      return () => one.isDone;
    },
    calm: () => void armed.splice(0),
    stop() {
      listener.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function write(to: Socket, { line, payload }: Frame): void {
  if (to.destroyed) return;
  if (!WITH_PAYLOAD.test(line)) return void to.write(`${line}\r\n`);
  const head = `${line.replace(/\d+$/, String(payload.length))}\r\n`;
  to.write(Buffer.concat([Buffer.from(head), payload, CRLF]));
}

/** The protocol of NATS: lines, some with so many bytes behind them as they end with. */
class Frames {
  #rest: Buffer = Buffer.alloc(0);

  *read(piece: Buffer): Iterable<Frame> {
    this.#rest = Buffer.concat([this.#rest, piece]);
    for (;;) {
      const end = this.#rest.indexOf(CRLF);
      if (end === -1) return;
      const line = this.#rest.toString("latin1", 0, end);
      const [, size] = WITH_PAYLOAD.exec(line) ?? [];
      const begin = end + CRLF.length;
      const whole = size === undefined ? begin : begin + Number(size) + CRLF.length;
      if (this.#rest.length < whole) return;
      const payload = size === undefined ? Buffer.alloc(0) : this.#rest.subarray(begin, whole - CRLF.length);
      this.#rest = this.#rest.subarray(whole);
      yield { line, payload: Buffer.from(payload) };
    }
  }
}
