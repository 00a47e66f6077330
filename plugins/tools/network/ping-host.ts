// ping_host: whether a public host answers, and how fast.
import { z } from "zod";
import { hostOf } from "../../../contracts/hosts.ts";
import { defineTool } from "../../../lib/tools/define-tool.ts";
import { pingHost } from "./ping/ping-host.ts";

export default defineTool({
  name: "ping_host",
  description:
    "Checks whether a public host answers, and how fast: packets sent and received, loss, and the least, mean and greatest time in milliseconds. Uses ICMP, and where that is not allowed or not answered TCP connections to port 443 or 80 (`method` says which). Addresses of this machine and of private networks are refused.",
  category: "network",
  risk: "read",
  runsOn: "node",
  idempotent: true,
  egress: ({ host }) => [host],
  timeoutMs: 60_000,
  parameters: z.strictObject({
    host: z
      .string()
      .min(1)
      .max(253)
      .refine(
        (host) => !host.startsWith("-") && !host.includes("://") && hostOf(host) !== undefined,
        "must be a host name or an IP address, such as example.com, without http:// and without a port",
      )
      .describe("Host name or IP address, without http:// and without a port"),
    count: z.int().min(1).max(10).default(4).describe("How many packets to send, one a second"),
  }),
  execute: (args, context) => pingHost(args, context),
});
