// clipboard_read: the text that somebody has copied.
import { z } from "zod";
import { answer } from "../../../lib/tools/answer.ts";
import { defineTool } from "../../../lib/tools/define-tool.ts";
import { readClipboard } from "./clipboard/clipboard.ts";

export default defineTool({
  name: "clipboard_read",
  description:
    "Reads the text in the clipboard. Use it only when the user refers to what they have copied: it may be a password, so it is asked about. Empty when nothing, or no text, is copied.",
  category: "apps",
  // It changes nothing, but nobody expects to be read along.
  risk: "write",
  runsOn: "node",
  idempotent: true,
  timeoutMs: 15_000,
  parameters: z.strictObject({}),
  execute: (_args, context) => answer(context, () => readClipboard(context)),
});
