// open_app: opens an installed application, or brings it to the front.
import { z } from "zod";
import { answer } from "../../../lib/tools/answer.ts";
import { defineTool } from "../../../lib/tools/define-tool.ts";
import { openApplication } from "./applications/open-application.ts";

export default defineTool({
  name: "open_app",
  description:
    "Opens an application of this Mac by its name, or brings it to the front when it runs. Only what is in the application folders can be opened: list_applications shows it.",
  category: "apps",
  risk: "write",
  runsOn: "node",
  platforms: ["darwin"],
  timeoutMs: 30_000,
  parameters: z.strictObject({
    name: z
      .string()
      .trim()
      .min(1)
      .max(200)
      .refine((name) => !name.includes("/"), "must be a name, not a path")
      .describe('Its name, e.g. "Notes" or "Visual Studio Code"'),
  }),
  execute: ({ name }, context) => answer(context, () => openApplication(context, name)),
});
