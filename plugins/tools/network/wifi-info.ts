// wifi_info: the wireless network this machine is in.
import { z } from "zod";
import { answer } from "../../../lib/tools/answer.ts";
import { defineTool } from "../../../lib/tools/define-tool.ts";
import { readWifi } from "./machine/wifi.ts";

export default defineTool({
  name: "wifi_info",
  description:
    "Shows the Wi-Fi network this machine is connected to: name (SSID), signal, noise, channel, band, security and rate, for each wireless interface. Says so where there is no Wi-Fi. Newer versions of macOS hide the name from programs: ssid is null and ssid_hidden true then. Lists no other networks.",
  category: "network",
  risk: "read",
  runsOn: "node",
  idempotent: true,
  timeoutMs: 45_000,
  parameters: z.strictObject({}),
  execute: (_args, context) =>
    answer(context, async () => {
      const interfaces = await readWifi(context);
      return interfaces.length > 0
        ? { interfaces }
        : { interfaces, message: "This machine has no Wi-Fi interface." };
    }),
});
