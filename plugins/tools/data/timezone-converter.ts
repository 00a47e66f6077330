// timezone_converter: what time it is somewhere else.
import { z } from "zod";
import { fileResult } from "../../../lib/files/file-problem.ts";
import { defineTool } from "../../../lib/tools/define-tool.ts";
import { convertTime } from "./time/convert-time.ts";

export default defineTool({
  name: "timezone_converter",
  description:
    "Tells the time in a time zone, now or at a given time, with its offset, weekday and daylight saving time. `notes` say when a time does not exist or comes twice because clocks are put forward or back, and which zone was assumed.",
  category: "data",
  risk: "read",
  runsOn: "node",
  idempotent: true,
  timeoutMs: 10_000,
  parameters: z.strictObject({
    timestamp: z
      .string()
      .min(1)
      .max(100)
      .optional()
      .describe(
        "ISO 8601, e.g. 2026-03-08T14:30 (on this machine's clocks), 2026-03-08T14:30 America/New_York, 2026-03-08T14:30+01:00; or seconds since 1970. Now unless given",
      ),
    target_timezone: z
      .string()
      .min(1)
      .max(100)
      .describe("IANA name such as Asia/Shanghai, UTC, or an offset such as +08:00"),
  }),
  execute: ({ timestamp, target_timezone }) =>
    fileResult("timestamp", async () =>
      convertTime(timestamp, target_timezone, {
        zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
        now: Date.now(),
      }),
    ),
});
