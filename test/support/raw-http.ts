// Bytes to the server as they are, and what comes back: for requests that no HTTP client would send.
import { connect } from "node:net";

export type RawAnswer = { status: number; headers: Record<string, string>; body: string };

/** Sends the bytes and reads until the first answer is whole (Content-Length, or none). @throws when nothing comes */
export function rawRequest(url: string, bytes: string | Buffer): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    let received = "";
    const look = () => {
      const [head = "", ...rest] = received.split("\r\n\r\n");
      if (rest.length === 0) return;
      const body = rest.join("\r\n\r\n");
      const answer = parse(head, body);
      if (Buffer.byteLength(body, "latin1") < Number(answer.headers["content-length"] ?? 0)) return;
      socket.destroy();
      resolve({ ...answer, body: Buffer.from(body, "latin1").toString() });
    };
    socket.on("data", (data: Buffer) => {
      received += data.toString("latin1");
      look();
    });
    socket.once("error", reject);
    socket.once("close", () => reject(new Error(`closed after ${JSON.stringify(received)}`)));
    socket.write(bytes);
  });
}

/**
 * A POST whose head alone says that its body is too large. A client that sends the body as well may be cut off before it reads the answer.
 * @param headers besides those of its host and length
 */
export function declareTooLarge(
  url: string,
  path: string,
  headers: Record<string, string>,
): Promise<RawAnswer> {
  const all = { Host: new URL(url).host, "Content-Length": "99999999", Expect: "100-continue", ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return rawRequest(url, `POST ${path} HTTP/1.1\r\n${lines.join("")}\r\n`);
}

function parse(head: string, body: string): RawAnswer {
  const [status = "", ...lines] = head.split("\r\n");
  const headers = lines.map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  return { status: Number(status.split(" ")[1]), headers: Object.fromEntries(headers), body };
}
