// Bytes of a response as text: characters that are split over chunks wait for their rest. Used by read-answer.ts.
import { StringDecoder } from "node:string_decoder";

/** Decodes UTF-8 in pieces. Chunks nearly always end with a whole character (a line feed); only others need the decoder. */
export class EventText {
  #decoder: StringDecoder | undefined;

  decode(chunk: Buffer): string {
    if (this.#decoder) return this.#decoder.write(chunk);
    if ((chunk[chunk.length - 1] ?? 0) < 0x80) return chunk.toString("utf8");
    this.#decoder = new StringDecoder("utf8");
    return this.#decoder.write(chunk);
  }
}
