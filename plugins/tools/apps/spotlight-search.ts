// spotlight_search: finds files by what they are about (Spotlight), or by their names where there is no Spotlight.
import { z } from "zod";
import { answer } from "../../../lib/tools/answer.ts";
import { defineTool } from "../../../lib/tools/define-tool.ts";
import { searchFiles } from "./spotlight/search.ts";

export default defineTool({
  name: "spotlight_search",
  description:
    "Finds files of the user when you do not know where they are. On a Mac it asks Spotlight, by name and content; elsewhere it looks for names that have all the words. `truncated` says that there may be more. In a known folder use search_files or grep_recursive.",
  category: "apps",
  risk: "read",
  runsOn: "node",
  idempotent: true,
  timeoutMs: 60_000,
  parameters: z.strictObject({
    query: z
      .string()
      .trim()
      .min(1)
      .max(500)
      .refine((query) => !query.startsWith("-"), "must not begin with a dash")
      .describe(
        'Words as typed into Spotlight, or on a Mac an expression such as kMDItemContentType == "com.adobe.pdf"',
      ),
    limit: z.int().min(1).max(200).default(50).describe("Files at most"),
  }),
  execute: (args, context) => answer(context, () => searchFiles(context, args)),
});
