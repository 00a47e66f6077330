// json_formatter: lays out JSON, or says where it is none.
import { z } from "zod";
import { fileResult } from "../../../lib/files/file-problem.ts";
import { defineTool } from "../../../lib/tools/define-tool.ts";
import { formatJson, JSON_MODES } from "./json/format-json.ts";

export default defineTool({
  name: "json_formatter",
  description:
    "Lays out a JSON text, or says at which line and column it is not valid and why. Values stay exactly as they are written: large numbers, escapes and keys that stand twice (named in `duplicate_keys`) too.",
  category: "data",
  risk: "read",
  runsOn: "node",
  idempotent: true,
  timeoutMs: 10_000,
  parameters: z.strictObject({
    json: z.string().min(1).max(200_000).describe("The JSON text"),
    mode: z
      .enum(JSON_MODES)
      .default("pretty")
      .describe(
        "pretty: indented by two spaces; minify: on one line; sort_keys: as pretty, keys in alphabetical order; validate: only whether it is valid",
      ),
  }),
  execute: ({ json, mode }) => fileResult("json", async () => formatJson(json, mode)),
});
