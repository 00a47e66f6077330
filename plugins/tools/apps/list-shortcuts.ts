// list_shortcuts: names of the user's Apple Shortcuts.
import { z } from "zod";
import { answer } from "../../../lib/tools/answer.ts";
import { defineTool } from "../../../lib/tools/define-tool.ts";
import { listShortcuts } from "./shortcuts/shortcuts.ts";

const MOST = 1_000;

export default defineTool({
  name: "list_shortcuts",
  description: "Lists the names of the user's Apple Shortcuts; run_shortcut runs one.",
  category: "apps",
  risk: "read",
  runsOn: "node",
  platforms: ["darwin"],
  idempotent: true,
  timeoutMs: 30_000,
  parameters: z.strictObject({}),
  execute: (_args, context) =>
    answer(context, async () => {
      const names = await listShortcuts(context);
      return { shortcuts: names.slice(0, MOST), total: names.length };
    }),
});
