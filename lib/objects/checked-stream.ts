// Reading an object so that what was cut or damaged is never taken for the whole: the stream fails instead of ending.
import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { AppError } from "../errors.ts";
import type { ObjectInfo } from "../ports/objects.ts";

type Options = {
  /** How long one piece may take. Time in which nobody wants one does not count. */
  patienceMs: number;
  /** What an error of the source means; given undefined for a source that ended early or says nothing. */
  failure(thrown: unknown): Error;
};

/** Destroying it destroys the source. */
export function checkedStream(source: Readable, info: ObjectInfo, options: Options): Readable {
  const hash = createHash("sha256");
  let size = 0;
  // It may fail while nobody reads; whoever reads then is told.
  source.on("error", () => undefined);
  const pieces = source[Symbol.asyncIterator]();
  const next = async (): Promise<Buffer | null> => {
    const { done, value } = await inTime(pieces.next(), options);
    if (!done) {
      size += value.length;
      if (size > info.size) throw damaged(info.key);
      hash.update(value);
      return value;
    }
    if (size < info.size) throw options.failure(undefined);
    if (hash.digest("hex") !== info.sha256) throw damaged(info.key);
    return null;
  };
  return new Readable({
    read() {
      next().then(
        (piece) => this.push(piece),
        (error: Error) => this.destroy(error),
      );
    },
    destroy(error, done) {
      source.destroy();
      done(error);
    },
  });
}

/** The whole of it. @throws body_too_large */
export async function readWhole(
  object: { info: ObjectInfo; stream: Readable },
  mostBytes: number,
): Promise<{ info: ObjectInfo; bytes: Buffer }> {
  const { info, stream } = object;
  if (info.size > mostBytes) {
    stream.destroy();
    throw new AppError("body_too_large", `The object has ${info.size} bytes, and at most ${mostBytes} fit.`);
  }
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece as Buffer);
  return { info, bytes: Buffer.concat(pieces) };
}

export function damaged(key: string, cause?: unknown): AppError {
  return new AppError(
    "store_damaged",
    `The object "${key}" is not what was stored. Whoever runs the server has to restore it from a backup.`,
    {},
    cause,
  );
}

async function inTime<T>(piece: Promise<T>, { patienceMs, failure }: Options): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(failure(undefined)), patienceMs);
  });
  const told = piece.catch((thrown: unknown) => {
    throw failure(thrown);
  });
  return Promise.race([told, late]).finally(() => clearTimeout(timer));
}
