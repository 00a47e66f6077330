// What nobody asks about any more is removed now and again; every process does it.
import { toError } from "../../lib/errors.ts";
import { dropOldPairings } from "./pairing/pairing-rows.ts";
import type { Rooms } from "./rooms.ts";

const EVERY_MS = 3_600_000;

/** @returns how to stop */
export function startSweep({ database, log }: Rooms): () => void {
  const sweep = () =>
    dropOldPairings(database).catch((thrown: unknown) =>
      log.warn({ err: toError(thrown) }, "old pairings are removed later"),
    );
  const timer = setInterval(() => void sweep(), EVERY_MS).unref();
  return () => clearInterval(timer);
}
