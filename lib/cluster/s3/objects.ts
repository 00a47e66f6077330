// The objects port on S3. What is put is in memory or in a temporary file first, so that its sum goes with the request and is kept with
// the object: the store refuses what arrives damaged, and a reader notices what was cut or changed.
import { createHash } from "node:crypto";
import { tmpdir } from "node:os";
import { Readable } from "node:stream";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { AppError } from "../../errors.ts";
import { checkedStream, damaged, readWhole } from "../../objects/checked-stream.ts";
import { checkContentType, checkKey, checkLimit, checkPrefix } from "../../objects/object-key.ts";
import { tooLarge, withTemporaryFile } from "../../objects/temporary-file.ts";
import { MOST_OBJECT_BYTES, type ObjectInfo, type Objects } from "../../ports/objects.ts";
import { type Patience, patience } from "./patience.ts";
import { isCut } from "./s3-errors.ts";
import type { S3Target } from "./s3-url.ts";

/** As a signature lasts at most. */
const MOST_URL_SECONDS = 7 * 24 * 3600;

export type S3Ways = {
  client: S3Client;
  target: S3Target;
  mostBytes?: number;
  /** How long nothing may happen. */
  patienceMs: number;
  /** Ends all that is under way and all that is asked later. */
  closing: AbortSignal;
  /** An error of the catalogue for what the client threw, which is said in the log; undefined for an answer that broke off. */
  failure(thrown: unknown): AppError;
};

type Known = { ContentLength?: number; ContentType?: string; Metadata?: Record<string, string> };

export function s3Objects({
  client,
  target,
  mostBytes = MOST_OBJECT_BYTES,
  patienceMs,
  closing,
  failure,
}: S3Ways): Objects {
  const { bucket, prefix } = target;
  const placeOf = (key: string) => ({ Bucket: bucket, Key: prefix + checkKey(key) });
  const asked = async <T>(request: (end: Patience) => Promise<T>): Promise<T> => {
    const end = patience(patienceMs, closing);
    try {
      return await request(end);
    } catch (thrown) {
      throw failure(thrown);
    } finally {
      end.end();
    }
  };
  /** Null for what is not there. A bucket that is not there is no such thing, and a HEAD does not tell them apart. */
  const found = async <T>(request: (signal: AbortSignal) => Promise<T>): Promise<T | null> =>
    asked(async ({ signal }) => {
      try {
        return await request(signal);
      } catch (thrown) {
        const { name } = thrown as Error;
        if (name === "NoSuchKey") return null;
        if (name !== "NotFound") throw thrown;
        await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, MaxKeys: 1 }), {
          abortSignal: signal,
        });
        return null;
      }
    });
  /** @param open the bytes anew */
  const send = (info: ObjectInfo, open: () => Uint8Array | Readable) => {
    const attempt = () =>
      asked(async (end) => {
        const body = open();
        const command = new PutObjectCommand({
          ...placeOf(info.key),
          Body: body instanceof Uint8Array ? body : watched(body, end),
          ContentLength: info.size,
          ContentType: info.contentType,
          ChecksumSHA256: Buffer.from(info.sha256, "hex").toString("base64"),
          Metadata: { sha256: info.sha256 },
        });
        await client.send(command, { abortSignal: end.signal }).finally(() => {
          if (body instanceof Readable) body.destroy();
        });
      });
    // The client does not repeat a stream, also not on a connection that had ended unseen.
    return attempt().catch((error: AppError) => {
      if (!isCut(error.cause)) throw error;
      return attempt();
    });
  };

  const objects: Objects = {
    async put(key, body, { contentType }) {
      checkKey(key);
      checkContentType(contentType);
      if (body instanceof Uint8Array) {
        if (body.length > mostBytes) throw tooLarge(mostBytes);
        const sha256 = createHash("sha256").update(body).digest("hex");
        const info = { key, size: body.length, contentType, sha256 };
        await send(info, () => body);
        return info;
      }
      const place = { folder: tmpdir(), offset: 0, mostBytes, isNameless: true, failure: noRoom };
      return withTemporaryFile(body, place, async ({ file, size, sha256 }) => {
        const info = { key, size, contentType, sha256 };
        await send(info, () =>
          file.createReadStream({ start: 0, autoClose: false }).on("error", () => undefined),
        );
        return info;
      });
    },
    async get(key) {
      const place = placeOf(key);
      const answer = await found((abortSignal) => client.send(new GetObjectCommand(place), { abortSignal }));
      if (!answer) return null;
      const source = answer.Body as Readable;
      try {
        const info = infoOf(key, answer);
        return { info, stream: checkedStream(source, info, { patienceMs, failure }) };
      } catch (thrown) {
        source.on("error", () => undefined).destroy();
        throw thrown;
      }
    },
    async read(key, most) {
      const object = await objects.get(key);
      return object && readWhole(object, most);
    },
    async head(key) {
      const place = placeOf(key);
      const answer = await found((abortSignal) => client.send(new HeadObjectCommand(place), { abortSignal }));
      return answer && infoOf(key, answer);
    },
    async remove(key) {
      const place = placeOf(key);
      await asked(({ signal }) => client.send(new DeleteObjectCommand(place), { abortSignal: signal }));
    },
    async list(begin, { after, limit } = {}) {
      checkPrefix(begin);
      const command = new ListObjectsV2Command({
        Bucket: bucket,
        Prefix: prefix + begin,
        MaxKeys: checkLimit(limit),
        ...(after === undefined ? {} : { StartAfter: prefix + checkKey(after) }),
      });
      const { Contents = [] } = await asked(({ signal }) => client.send(command, { abortSignal: signal }));
      return Contents.map(({ Key = "", Size = 0, LastModified }) => ({
        key: Key.slice(prefix.length),
        size: Size,
        modifiedMs: LastModified?.getTime() ?? 0,
      }));
    },
    async temporaryUrl(key, seconds) {
      const command = new GetObjectCommand(placeOf(key));
      if (!Number.isInteger(seconds) || seconds < 1 || seconds > MOST_URL_SECONDS)
        throw new AppError("invalid_request", `A temporary address lasts 1 to ${MOST_URL_SECONDS} seconds.`);
      return getSignedUrl(client, command, { expiresIn: seconds });
    },
  };
  return objects;
}

function infoOf(key: string, { ContentLength, ContentType, Metadata }: Known): ObjectInfo {
  const sha256 = Metadata?.sha256;
  if (sha256 === undefined || ContentLength === undefined) throw damaged(key);
  return { key, size: ContentLength, contentType: ContentType ?? "application/octet-stream", sha256 };
}

/** The same bytes; each piece that goes on its way shows that something happens. */
function watched(body: Readable, end: Patience): Readable {
  const pieces = async function* () {
    for await (const piece of body) {
      end.touch();
      yield piece as Buffer;
    }
  };
  // Whoever sends it tells of its errors; it may also be destroyed when nobody does any more.
  return Readable.from(pieces(), { objectMode: false }).on("error", () => undefined);
}

/** The disk of this machine, not the store. */
function noRoom(thrown: unknown): AppError {
  return new AppError(
    "store_unavailable",
    "The server cannot store anything now: there is no room for temporary files. Nothing was lost; try again.",
    { retryAfterMs: 5_000 },
    thrown,
  );
}
