// dns_info: which name servers this machine asks, and which domains it tries behind a short name.
import { z } from "zod";
import { answer } from "../../../lib/tools/answer.ts";
import { defineTool } from "../../../lib/tools/define-tool.ts";
import { readDns } from "./machine/dns.ts";

export default defineTool({
  name: "dns_info",
  description:
    "Shows the name servers (DNS resolvers) that this machine asks, those for certain domains or interfaces only (a VPN, the local network), and the search domains. Reads the settings and looks no name up.",
  category: "network",
  risk: "read",
  runsOn: "node",
  idempotent: true,
  timeoutMs: 10_000,
  parameters: z.strictObject({}),
  execute: (_args, context) => answer(context, () => readDns(context)),
});
