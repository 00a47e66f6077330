// run_shortcut: runs one of the user's Apple Shortcuts.
import { z } from "zod";
import { ANY_HOST } from "../../../contracts/hosts.ts";
import { answer } from "../../../lib/tools/answer.ts";
import { defineTool } from "../../../lib/tools/define-tool.ts";
import { RUN_LIMIT_MS, runShortcut } from "./shortcuts/shortcuts.ts";

export default defineTool({
  name: "run_shortcut",
  description:
    "Runs one of the user's Apple Shortcuts (list_shortcuts has the names), with a text as its input, and gives the text it ends with. It does whatever the user has built, outside of the sandbox. A shortcut may ask the person at the Mac something and wait: at most 290 seconds.",
  category: "apps",
  risk: "execute",
  runsOn: "node",
  platforms: ["darwin"],
  // What a shortcut does with its input only its owner knows.
  egress: () => [ANY_HOST],
  timeoutMs: RUN_LIMIT_MS + 10_000,
  parameters: z.strictObject({
    name: z.string().min(1).max(300).describe("Its name, exactly as list_shortcuts gives it"),
    input: z.string().max(100_000).optional().describe("Text that the shortcut gets as its input"),
  }),
  execute: (args, context) => answer(context, () => runShortcut(context, args)),
});
