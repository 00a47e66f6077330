// What a call means on its machine: told before anybody is asked about it, and what an answer is bound to (G6).
import { z } from "zod";

export const bound = z.strictObject({
  /** Hosts it sends data to, in the spelling of contracts/hosts.ts. */
  hosts: z.array(z.string()),
});
export type Bound = z.infer<typeof bound>;
