// show_notification: tells the person at the machine something.
import { z } from "zod";
import { answer } from "../../../lib/tools/answer.ts";
import { defineTool } from "../../../lib/tools/define-tool.ts";
import { showNotification } from "./desktop/notify.ts";

export default defineTool({
  name: "show_notification",
  description:
    "Shows a notification on the machine's screen, e.g. when long work is done or at a time the user wanted to be told. It cannot tell whether somebody has seen it.",
  category: "apps",
  risk: "write",
  runsOn: "node",
  timeoutMs: 30_000,
  parameters: z.strictObject({
    title: z.string().trim().min(1).max(200).describe("The first line"),
    message: z.string().max(2_000).default("").describe("The text below it; long ones are cut by the system"),
  }),
  execute: ({ title, message }, context) =>
    answer(context, async () => {
      await showNotification(context, { title, message });
      return { shown: true };
    }),
});
