// check_website_status: whether a public website answers, where it redirects to and how long its certificate lasts.
import { z } from "zod";
import { checkWebsite } from "../../../lib/net/check-website.ts";
import { defineTool } from "../../../lib/tools/define-tool.ts";

export default defineTool({
  name: "check_website_status",
  description:
    "Checks whether a public website answers: HTTP status, redirects, expiry of the TLS certificate and time taken. Addresses of this machine and of private networks are refused.",
  category: "network",
  risk: "read",
  runsOn: "node",
  idempotent: true,
  timeoutMs: 30_000,
  parameters: z.strictObject({
    url: z
      .string()
      .min(1)
      .max(2_000)
      .describe("Full address, starting with http:// or https://, without user name and password"),
  }),
  execute: ({ url }, { signal }) => checkWebsite(url, { signal }),
});
