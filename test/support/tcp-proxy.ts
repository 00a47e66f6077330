// A network that misbehaves between a client and a server, both on this machine: connections are cut, refused, slow, or open at one end
// only.
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

export type TcpProxy = {
  port: number;
  /** Ends all connections that stand, at both ends, as when a machine dies. New ones are made. */
  cut(): void;
  /** From now on nobody can connect; those that stand stay. */
  refuse(): void;
  /** From now on each piece takes so long, in both directions, in order. 0 for none. */
  delay(ms: number): void;
  /**
   * From now on connections stand, and new ones are made, but nothing comes through: to both ends it looks as if the other one had
   * nothing to say. `to`: only what goes there is lost. What is swallowed never comes.
   */
  swallow(to?: "server" | "client" | "both"): void;
  /** How many bytes never came. */
  swallowed(): number;
  /** Connects, passes on and in time again. Who was swallowed from stays broken: cut it. */
  heal(): Promise<void>;
  /** Cuts and refuses for good. */
  stop(): void;
};

type End = "server" | "client";
type Weather = { delayMs: number; lost: Set<End>; swallowed: number; onPiece: (to: End) => void };

const HALF_OPEN = { allowHalfOpen: true, noDelay: true };

/**
 * Listens on a free port of 127.0.0.1.
 * @param target the port of the server there, which need not listen yet; or who says it of each connection
 * @param onPiece called before each piece is passed on, with where it goes
 */
export async function startTcpProxy(
  target: number | (() => number),
  onPiece: (to: End) => void = () => {},
): Promise<TcpProxy> {
  const weather: Weather = { delayMs: 0, lost: new Set(), swallowed: 0, onPiece };
  const sockets = new Set<Socket>();
  const accept = (client: Socket) => {
    const port = typeof target === "number" ? target : target();
    const server = connect({ ...HALF_OPEN, port, host: "127.0.0.1" });
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
    }
    pass(client, server, "server", weather);
    pass(server, client, "client", weather);
  };
  const listener = createServer(HALF_OPEN, accept);
  const listen = (port: number) =>
    new Promise<void>((resolve, reject) => {
      listener.once("error", reject);
      listener.listen(port, "127.0.0.1", resolve);
    });
  await listen(0);
  const { port } = listener.address() as AddressInfo;

  const proxy: TcpProxy = {
    port,
    cut() {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    refuse() {
      if (listener.listening) listener.close();
    },
    delay(ms) {
      weather.delayMs = ms;
    },
    swallow(to = "both") {
      weather.lost = new Set(to === "both" ? ["server", "client"] : [to]);
    },
    swallowed: () => weather.swallowed,
    async heal() {
      weather.delayMs = 0;
      weather.lost.clear();
      if (!listener.listening) await listen(port);
    },
    stop() {
      proxy.refuse();
      proxy.cut();
    },
  };
  return proxy;
}

/** One direction. A piece that is late holds up those behind it, and so does the end. */
function pass(from: Socket, to: Socket, direction: End, weather: Weather): void {
  let before: Promise<unknown> = Promise.resolve();
  const inOrder = (work: () => void) => {
    const { delayMs } = weather;
    const late = delayMs > 0 ? new Promise((resolve) => setTimeout(resolve, delayMs)) : undefined;
    before = Promise.all([before, late]).then(() => {
      if (!to.destroyed) work();
    });
  };
  from.on("data", (piece: Buffer) => {
    weather.onPiece(direction);
    if (weather.lost.has(direction)) {
      weather.swallowed += piece.length;
      return;
    }
    inOrder(() => {
      // Who reads slowly must not fill our memory.
      if (to.write(piece)) return;
      from.pause();
      to.once("drain", () => from.resume());
    });
  });
  from.on("end", () => {
    if (!weather.lost.has(direction)) inOrder(() => to.end());
  });
  // Refused, or reset by its other end.
  from.on("error", () => {
    if (!weather.lost.has(direction)) to.resetAndDestroy();
  });
}
