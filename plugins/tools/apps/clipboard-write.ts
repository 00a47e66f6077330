// clipboard_write: puts a text where the user can paste it from.
import { z } from "zod";
import { answer } from "../../../lib/tools/answer.ts";
import { defineTool } from "../../../lib/tools/define-tool.ts";
import { writeClipboard } from "./clipboard/clipboard.ts";

export default defineTool({
  name: "clipboard_write",
  description:
    "Puts a text into the clipboard, so that the user can paste it. It replaces what was copied before. Plain text only.",
  category: "apps",
  risk: "write",
  runsOn: "node",
  timeoutMs: 20_000,
  parameters: z.strictObject({
    content: z.string().min(1).max(1_000_000).describe("The text"),
  }),
  execute: ({ content }, context) =>
    answer(context, async () => {
      await writeClipboard(context, content);
      return { characters: content.length };
    }),
});
