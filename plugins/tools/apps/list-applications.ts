// list_applications: what is installed on this Mac.
import { z } from "zod";
import { answer } from "../../../lib/tools/answer.ts";
import { defineTool } from "../../../lib/tools/define-tool.ts";
import { installedApplications } from "./applications/installed.ts";
import { detailsOf } from "./applications/versions.ts";

const MOST = 500;

export default defineTool({
  name: "list_applications",
  description:
    "Lists the applications in this Mac's application folders: name, version, identifier and path. Which of them run tells process_list.",
  category: "apps",
  risk: "read",
  runsOn: "node",
  platforms: ["darwin"],
  idempotent: true,
  timeoutMs: 30_000,
  parameters: z.strictObject({}),
  execute: (_args, context) =>
    answer(context, async () => {
      const all = await installedApplications(context.home);
      const shown = all.slice(0, MOST);
      const details = await detailsOf(
        context,
        shown.map(({ path }) => path),
      );
      const applications = shown.map((each, index) => ({ ...each, ...details[index] }));
      return { applications, total: all.length };
    }),
});
