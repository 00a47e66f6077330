// system_sleep_settings: when this Mac and its display sleep, and what keeps them awake.
import { z } from "zod";
import { answer } from "../../../lib/tools/answer.ts";
import { defineTool } from "../../../lib/tools/define-tool.ts";
import { readSleepSettings } from "./machine/sleep-settings.ts";

export default defineTool({
  name: "system_sleep_settings",
  description:
    "Shows the energy settings that this Mac uses now, as fields. sleep, displaysleep and disksleep are minutes without use, 0 means never; most others are 1 for on and 0 for off (womp: wake for network access, powernap, lowpowermode …). Also which programs keep the Mac or its display awake now. Changes nothing.",
  category: "system",
  risk: "read",
  runsOn: "node",
  idempotent: true,
  platforms: ["darwin"],
  timeoutMs: 10_000,
  parameters: z.strictObject({}),
  execute: (_args, context) => answer(context, () => readSleepSettings(context)),
});
