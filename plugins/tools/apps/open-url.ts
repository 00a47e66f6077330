// open_url: shows a web page in the user's browser.
import { z } from "zod";
import { hostsOfUrl } from "../../../lib/net/hosts-of-url.ts";
import { answer } from "../../../lib/tools/answer.ts";
import { defineTool } from "../../../lib/tools/define-tool.ts";
import { openInBrowser, webAddress } from "./desktop/open-in-browser.ts";

export default defineTool({
  name: "open_url",
  description:
    "Opens a web page (http or https) in the user's default browser, on the screen. It gives nothing of the page back: to read a page use web_fetch, to see whether it answers check_website_status.",
  category: "apps",
  risk: "write",
  runsOn: "node",
  egress: ({ url }) => hostsOfUrl(url),
  timeoutMs: 30_000,
  parameters: z.strictObject({
    url: z
      .string()
      .min(1)
      .max(2_000)
      .describe("Full address, starting with http:// or https://, without user name and password"),
  }),
  execute: ({ url }, context) =>
    answer(context, async () => {
      const address = webAddress(url, context);
      await openInBrowser(context, address);
      return { opened: address };
    }),
});
