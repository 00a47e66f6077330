// web_fetch: the readable text of a public web page.
import { z } from "zod";
import { hostsOfUrl } from "../../../lib/net/hosts-of-url.ts";
import { defineServerTool } from "../../../lib/tools/define-server-tool.ts";

export default defineServerTool({
  name: "web_fetch",
  description:
    "Reads a public web page as Markdown, plain text and JSON as they are. The server fetches it: no logins, no private networks, no redirects to hosts that nobody was asked about, little text of pages that scripts build. For PDF and other files use download_file.",
  category: "web",
  risk: "read",
  runsOn: "server",
  idempotent: true,
  egress: ({ url }) => hostsOfUrl(url),
  timeoutMs: 30_000,
  parameters: z.strictObject({
    url: z.string().max(2_000),
    max_bytes: z.int().min(1).max(50_000).default(20_000),
  }),
  async execute({ url, max_bytes }, { signal, mayReach }) {
    // Only now: no start of the server waits for what few ask for.
    const { readPage } = await import("../../../lib/web/read-page.ts");
    return readPage(url, max_bytes, { signal, mayReach });
  },
});
