// The parts of an Office document, which is a zip: read one by one as streams, whatever size they claim (zip bombs), never unpacked.
import type { Readable } from "node:stream";
import { type Entry, fromFdPromise, type ZipFile } from "yauzl";
import type { HandedFile } from "../../../../lib/apart/handed-file.ts";
import { ToolFailure } from "../../../../lib/tools/tool-failure.ts";
import { encrypted } from "./kind.ts";

const MAX_PARTS = 20_000;
/** Of all parts that are read, unpacked. */
const MAX_BYTES = 400_000_000;

export class ZipParts {
  readonly #zip: ZipFile;
  readonly #entries: Map<string, Entry>;
  #left = MAX_BYTES;

  private constructor(zip: ZipFile, entries: Map<string, Entry>) {
    this.#zip = zip;
    this.#entries = entries;
  }

  /** @throws ToolFailure `damaged` */
  static async open(source: HandedFile): Promise<ZipParts> {
    try {
      const zip = await fromFdPromise(source.descriptor, { autoClose: false, lazyEntries: true });
      if (zip.entryCount > MAX_PARTS) throw new Error(`it has ${zip.entryCount} parts`);
      const entries = new Map<string, Entry>();
      for await (const entry of zip.eachEntry()) {
        const name = nameOf(entry.fileName);
        if (!entries.has(name)) entries.set(name, entry);
      }
      return new ZipParts(zip, entries);
    } catch (error: unknown) {
      throw damaged(error);
    }
  }

  has(name: string): boolean {
    return this.#entries.has(nameOf(name));
  }

  /**
   * The bytes of a part as they are unpacked; nothing for one that is not there.
   * @throws ToolFailure `encrypted`, `too_large`, `damaged`
   */
  async *bytesOf(name: string): AsyncGenerator<Buffer> {
    const entry = this.#entries.get(nameOf(name));
    if (!entry) return;
    if (entry.isEncrypted()) throw encrypted();
    const stream = await this.#open(entry);
    try {
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        this.#left -= chunk.length;
        if (this.#left < 0) throw tooLarge();
        yield chunk;
      }
    } catch (error: unknown) {
      throw error instanceof ToolFailure ? error : damaged(error);
    } finally {
      stream.destroy();
    }
  }

  async #open(entry: Entry): Promise<Readable> {
    try {
      return await this.#zip.openReadStreamPromise(entry);
    } catch (error: unknown) {
      throw damaged(error);
    }
  }
}

/** Names of parts are alike whatever their case (ECMA-376 part 2, 6.2.2). */
const nameOf = (name: string) => name.replace(/^\//, "").toLowerCase();

export const damaged = (error: unknown) =>
  new ToolFailure("damaged", `It is damaged: ${error instanceof Error ? error.message : String(error)}.`);

const tooLarge = () =>
  new ToolFailure(
    "too_large",
    `Unpacked it has more than ${MAX_BYTES / 1_000_000} MB, so it is not read: it may be made to fill memory.`,
  );
