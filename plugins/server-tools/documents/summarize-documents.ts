// summarize_documents: a summary of documents on a machine, made by the run's model and written there.
import { z } from "zod";
import { defineServerTool } from "../../../lib/tools/define-server-tool.ts";
import { ToolFailure } from "../../../lib/tools/tool-failure.ts";
import { summarizeDocuments } from "./summary/summarize-documents.ts";

const path = z.string().min(1).max(4_096);

export default defineServerTool({
  name: "summarize_documents",
  description:
    "Summarises documents on the user's machine (pdf, docx, xlsx, pptx, html, md, txt, csv and other text) and writes the summary to a new Markdown file there. The model reads the documents whole, in parts, which uses as many tokens as they have: for one short document read it and answer yourself. A file that is there already is not replaced.",
  category: "documents",
  risk: "write",
  runsOn: "server",
  needsMachine: true,
  timeoutMs: 600_000,
  parameters: z.strictObject({
    paths: z.array(path).min(1).max(20).describe("The documents, as file tools name them"),
    output_path: path.describe("Where to write the summary, e.g. summary.md; it must not be there yet"),
    length: z
      .enum(["short", "medium", "long"])
      .default("medium")
      .describe("About 150, 500 or 1500 words for all of them together"),
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
