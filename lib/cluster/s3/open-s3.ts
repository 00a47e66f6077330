// The one way of a process to an S3 store. Opening asks nothing: a store that is away fails single requests, and is used as soon as it
// is there.
import { ListObjectsV2Command } from "@aws-sdk/client-s3";
import type { Log } from "../../log.ts";
import type { Objects } from "../../ports/objects.ts";
import { makeS3Client } from "./client.ts";
import { s3Objects } from "./objects.ts";
import { patience } from "./patience.ts";
import { s3Failure, wordsOf } from "./s3-errors.ts";
import { readS3Url } from "./s3-url.ts";

export type S3Options = {
  /** In the form of s3-url.ts. */
  url: string;
  log?: Pick<Log, "warn">;
  mostBytes?: number;
  /** How long nothing may happen in a request. */
  patienceMs?: number;
};

export interface S3 {
  readonly objects: Objects;
  /** What keeps it from being used and what to do, in words without secrets; undefined when all is well. */
  check(): Promise<string | undefined>;
  /** Ends the connections and what is under way. Safe to repeat. */
  close(): Promise<void>;
}

const PATIENCE_MS = 15_000;
const CHECK_MS = 5_000;
/** The same is said again only after this time. */
const SILENCE_MS = 60_000;

/** @throws Error in words when the URL cannot be used */
export function openS3({ url, log, mostBytes, patienceMs = PATIENCE_MS }: S3Options): S3 {
  const target = readS3Url(url);
  const client = makeS3Client(target);
  const closing = new AbortController();
  const said = new Map<string, number>();
  const sentence = (thrown: unknown) => {
    const { reason, advice } = wordsOf(thrown);
    return `${target.shown} cannot be used: ${reason}. ${advice}`;
  };
  const failure = (thrown: unknown) => {
    const words = sentence(thrown);
    const before = said.get(words);
    if (before === undefined || performance.now() - before > SILENCE_MS) {
      said.set(words, performance.now());
      if (!closing.signal.aborted) log?.warn(words);
    }
    return s3Failure(thrown);
  };
  return {
    objects: s3Objects({
      client,
      target,
      patienceMs,
      closing: closing.signal,
      failure,
      ...(mostBytes ? { mostBytes } : {}),
    }),
    async check() {
      const end = patience(Math.min(CHECK_MS, patienceMs), closing.signal);
      const command = new ListObjectsV2Command({ Bucket: target.bucket, Prefix: target.prefix, MaxKeys: 1 });
      try {
        await client.send(command, { abortSignal: end.signal });
        return undefined;
      } catch (thrown) {
        return sentence(thrown);
      } finally {
        end.end();
      }
    },
    async close() {
      closing.abort();
      client.destroy();
    },
  };
}
