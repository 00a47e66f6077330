// The S3 store as the bus uses it: opened by the first request or answer that is large, so that a process which meets none never loads
// the client (its code takes as much memory as a small service).
import { createHash } from "node:crypto";
import type { Log } from "../../log.ts";
import type { BusObjects } from "../bus/large-parts.ts";
import { LEFT_AFTER_MS, removeLeftBehind } from "../bus/left-behind.ts";
import type { S3 } from "./open-s3.ts";
import { readS3Url } from "./s3-url.ts";

/** @throws Error in words when the URL cannot be used */
export function s3ForBus(url: string, log: Pick<Log, "warn">): BusObjects & { close(): Promise<void> } {
  const { endpoint, bucket, prefix } = readS3Url(url);
  let opened: Promise<S3> | undefined;
  let isClosed = false;
  const open = async () => {
    opened ??= import("./open-s3.ts").then(({ openS3 }) => openS3({ url, log }));
    const s3 = await opened;
    if (isClosed) await s3.close();
    return s3.objects;
  };
  const sweep = () =>
    open()
      .then((objects) => removeLeftBehind(objects))
      // Said in the log by the store; the next time is as good.
      .catch(() => undefined);
  const timer = setInterval(() => void sweep(), LEFT_AFTER_MS);
  timer.unref();
  return {
    place: createHash("sha256").update(`${endpoint}/${bucket}/${prefix}`).digest("hex").slice(0, 16),
    open,
    async close() {
      isClosed = true;
      clearInterval(timer);
      await (await opened)?.close();
    },
  };
}
