// What a call means on its machine: told before anybody is asked about it, and what an answer is bound to (G6).
import { z } from "zod";
import { boundedList } from "./bounded-list.ts";

/** More than any tool's arguments name. */
const MOST = 1_000;

/** Where a path argument really leads. */
const place = z.strictObject({
  /** As the call names it. */
  path: z.string(),
  /** Links followed, as far as it exists; null where no tool may look. */
  real: z.string().nullable(),
  /** The nearest folder that exists, and which one it is (device, inode, birth): one that is made anew is another. */
  folder: z.string().nullable(),
  id: z.string().nullable(),
});
/** A program or script that a command names, by its real path. */
const script = z.strictObject({ path: z.string(), sha256: z.string() });

export const bound = z.strictObject({
  /** Hosts it sends data to, in the spelling of contracts/hosts.ts. */
  hosts: boundedList(z.string(), MOST),
  places: boundedList(place, MOST),
  scripts: boundedList(script, MOST),
});
export type Bound = z.infer<typeof bound>;
export type BoundPlace = z.infer<typeof place>;
export type BoundScript = z.infer<typeof script>;
