// Whether a server serves, asked over its own protocol and without a client library: connect, say something, look at the first
// bytes that come back.
import { connect } from "node:net";

const LIMIT_MS = 2_000;

/** @returns the first bytes as text, one character a byte; empty when nobody answers there in that time */
export function firstAnswer(
  port: number,
  question: string | Buffer,
  limitMs = LIMIT_MS,
  host = "127.0.0.1",
): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ port, host }, () => socket.write(question));
    const done = (answer: string) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(limitMs, () => done(""));
    socket.once("data", (bytes: Buffer) => done(bytes.toString("latin1")));
    socket.once("error", () => done(""));
    socket.once("close", () => done(""));
  });
}
