// check_website_status: whether a public website answers, where it redirects to and how long its certificate lasts.
import { z } from "zod";
import { checkWebsite } from "../../../lib/net/check-website.ts";
import { hostsOfUrl } from "../../../lib/net/hosts-of-url.ts";
import { defineTool } from "../../../lib/tools/define-tool.ts";

export default defineTool({
  name: "check_website_status",
  description:
    "Checks whether a public website answers: HTTP status, redirects, expiry of the TLS certificate and time taken. Addresses of this machine and of private networks are refused, and so are redirects to other hosts than the given one.",
  category: "network",
  risk: "read",
  runsOn: "node",
  idempotent: true,
  egress: ({ url }) => hostsOfUrl(url),
  timeoutMs: 30_000,
  parameters: z.strictObject({
    url: z
      .string()
      .min(1)
      .max(2_000)
      .describe("Full address, starting with http:// or https://, without user name and password"),
  }),
  execute: ({ url }, { signal, mayReach }) => checkWebsite(url, { signal, mayReach }),
});
