// summarize_documents: a summary of documents on a machine, made by the run's model and written there.
import { z } from "zod";
import { defineServerTool } from "../../../lib/tools/define-server-tool.ts";
import { ToolFailure } from "../../../lib/tools/tool-failure.ts";
import { summarizeDocuments } from "./summary/summarize-documents.ts";

export default defineServerTool({
  name: "summarize_documents",
  description:
    "Summarises documents on the user's machine (pdf, docx, xlsx, pptx, html, csv, text) into a new Markdown file there. Reads them whole, which costs their tokens: one short document read and answer yourself.",
  category: "documents",
  risk: "write",
  runsOn: "server",
  needsMachine: true,
  timeoutMs: 600_000,
  parameters: z.strictObject({
    paths: z.array(z.string()).min(1).max(20),
    output_path: z.string().describe("Must not be there yet"),
    length: z
      .enum(["short", "medium", "long"])
      .default("medium")
      .describe("About 150, 500 or 1500 words in all"),
  }),
  async execute(args, context) {
    try {
      return { ok: true, data: await summarizeDocuments(args, context) };
    } catch (thrown) {
      if (!(thrown instanceof ToolFailure)) throw thrown;
      return { ok: false, error: { code: thrown.code, message: thrown.message } };
    }
  },
});
