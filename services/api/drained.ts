// Backpressure: waits for a slow reader.
import type { ServerResponse } from "node:http";

/** Answers when the response takes more, or when its client is gone. */
export function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    if (response.destroyed) return resolve();
    const go = () => {
      response.off("drain", go);
      response.off("close", go);
      resolve();
    };
    response.on("drain", go);
    response.on("close", go);
  });
}
