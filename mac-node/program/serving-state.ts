// What the process that serves says of itself to `status`: one small file, written whenever it changes.
import { z } from "zod";
import type { NodeFolder } from "./folder.ts";
import { readStored, writeStored } from "./stored.ts";

const servingState = z.object({
  pid: z.int().positive(),
  started_at: z.iso.datetime(),
  state: z.enum(["connecting", "connected", "cut_off"]),
  /** Of this state. */
  since: z.iso.datetime(),
  /** Why credentials are not renewed, if they are not. */
  trouble: z.string().optional(),
});
export type StoredState = z.infer<typeof servingState>;

export function writeState(folder: NodeFolder, state: StoredState): void {
  writeStored(folder.state, state);
}

/** Of that process; undefined when there is none, or none that can be read. */
export function readState(folder: NodeFolder, pid: number): StoredState | undefined {
  try {
    const state = readStored(folder.state, servingState);
    return state?.pid === pid ? state : undefined;
  } catch {
    return undefined;
  }
}
