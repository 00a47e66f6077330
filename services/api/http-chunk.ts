// The chunks of a streamed response, framed by us (RFC 9112, 7.1): node hands each to the socket as four pieces, and one costs
// less. Used by event-stream.ts.
import type { ServerResponse } from "node:http";

const LINE_END = "\r\n";
const LAST_CHUNK = "0\r\n\r\n";

/** Frames all that is written to one response; for HTTP/1.0, which has no chunks, it leaves bytes as they are. */
export class ChunkFramer {
  readonly #isChunked: boolean;

  /** @param response its head has been made, nothing of its body: from here on it passes bytes as they are */
  constructor(response: ServerResponse) {
    this.#isChunked = response.chunkedEncoding;
    response.chunkedEncoding = false;
  }

  chunk(bytes: Buffer): Buffer {
    // An empty chunk would end the body.
    return this.#isChunked && bytes.length > 0 ? framed(bytes, LINE_END) : bytes;
  }

  /** What is written last, with the end of the body. @param bytes not empty */
  last(bytes: Buffer): Buffer {
    return this.#isChunked ? framed(bytes, LINE_END + LAST_CHUNK) : bytes;
  }
}

function framed(bytes: Buffer, tail: string): Buffer {
  const head = bytes.length.toString(16) + LINE_END;
  const chunk = Buffer.allocUnsafe(head.length + bytes.length + tail.length);
  chunk.write(head, 0, "latin1");
  chunk.set(bytes, head.length);
  chunk.write(tail, head.length + bytes.length, "latin1");
  return chunk;
}
