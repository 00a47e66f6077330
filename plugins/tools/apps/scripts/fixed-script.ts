// What a script that ships with MacJarvis is; the tables of them are in the files beside this one.
import type { z } from "zod";

export type FixedScript = {
  /** For the model: what it does and gives. */
  does: string;
  /** A strict zod object. What has passed it is all that the script gets. */
  args: z.ZodObject;
  /** JavaScript for Automation that defines `work(args)` (osascript.ts). */
  source: string;
};
export type FixedScripts = Record<string, FixedScript>;

export const defineScripts = <Scripts extends FixedScripts>(scripts: Scripts): Scripts => scripts;
