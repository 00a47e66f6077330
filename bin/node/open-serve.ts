// Where the program of a Mac gets the bus from: the one line that joins them.
import type { Serve } from "../../mac-node/program/serving.ts";

/** @throws Error in words where this version has none */
export async function openServe(): Promise<Serve> {
  throw new Error("This version has no way to the bus of Macs yet: it pairs, and serves with the next one.");
}
