// disk_usage: how full the volumes of this machine are.
import { homedir } from "node:os";
import { resolve } from "node:path";
import { z } from "zod";
import { answer } from "../../../lib/tools/answer.ts";
import { defineTool } from "../../../lib/tools/define-tool.ts";
import { readVolumes } from "./machine/volumes.ts";

export default defineTool({
  name: "disk_usage",
  description: "Shows size, used and free space of every volume, or of the one on which a path lies.",
  category: "system",
  risk: "read",
  runsOn: "node",
  idempotent: true,
  parameters: z.strictObject({
    path: z
      .string()
      .min(1)
      .max(4_096)
      .refine((path) => !path.includes("\0"), "must not contain a NUL character")
      .optional()
      .describe("Show only the volume on which this path lies; all volumes unless given"),
  }),
  execute: ({ path }, context) =>
    answer(context, async () => {
      const absolute = path && resolve(context.roots[0] ?? "/", path.replace(/^~(?=$|\/)/, homedir()));
      return { volumes: await readVolumes(context, absolute) };
    }),
});
