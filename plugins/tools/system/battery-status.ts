// battery_status: how full the battery is, how long it lasts and how worn it is.
import { z } from "zod";
import { answer } from "../../../lib/tools/answer.ts";
import { defineTool } from "../../../lib/tools/define-tool.ts";
import { readBatteries } from "./machine/batteries.ts";

export default defineTool({
  name: "battery_status",
  description:
    "Shows the charge of the battery, whether it is charging, the minutes left (until it is empty, or full while it charges) and its health: what it still holds of its capacity when new, condition and charge cycles. Says so where the machine has no battery. What cannot be told is null.",
  category: "system",
  risk: "read",
  runsOn: "node",
  idempotent: true,
  timeoutMs: 30_000,
  parameters: z.strictObject({}),
  execute: (_args, context) =>
    answer(context, async () => {
      const found = await readBatteries(context);
      return found.batteries.length > 0 ? found : { ...found, message: "This machine has no battery." };
    }),
});
