// web_search: results of the search provider that the server has set up.
import { z } from "zod";
import type { SearchHit } from "../../../contracts/server-tools.ts";
import { defineServerTool } from "../../../lib/tools/define-server-tool.ts";
import { untrusted } from "../../../lib/tools/untrusted-text.ts";

export default defineServerTool({
  name: "web_search",
  description:
    "Searches the web: titles, addresses, snippets; read one with web_fetch. For what you do not know or what may have changed. The query goes to a search provider: nothing private in it.",
  category: "web",
  risk: "read",
  runsOn: "server",
  idempotent: true,
  isOffered: ({ search }) => search !== undefined,
  egress: (_args, { search }) => (search ? [search.host] : []),
  timeoutMs: 20_000,
  parameters: z.strictObject({
    query: z.string().max(400).regex(/\S/, "is only white space: say what to look for"),
    limit: z.int().min(1).max(20).default(8),
  }),
  async execute({ query, limit }, { signal, mayReach, doors: { search } }) {
    if (!search)
      return failed("not_set_up", "This server has no search provider. Use web_fetch with an address.");
    if (!mayReach(search.host))
      return failed("host_not_asked", `Nobody was asked whether the query may be sent to ${search.host}.`);
    try {
      const hits = await search.search({ query, limit }, signal);
      const results =
        hits.length === 0
          ? "Nothing was found. Try other words, fewer ones."
          : untrusted("what a search on the web has found", hits.map(told).join("\n\n"));
      return { ok: true, data: { provider: search.name, query, found: hits.length, results } };
    } catch (thrown) {
      if (signal.aborted) throw thrown;
      return failed("search_failed", thrown instanceof Error ? thrown.message : "The search failed.");
    }
  },
});

function told({ title, url, snippet, published }: SearchHit, index: number): string {
  const lines = [
    `${index + 1}. ${title}`,
    url,
    ...(published ? [published] : []),
    ...(snippet ? [snippet] : []),
  ];
  return lines.join("\n");
}

function failed(code: string, message: string) {
  return { ok: false, error: { code, message } };
}
