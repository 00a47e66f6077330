// Which search provider the server uses: the first that is set up.
import type { SearchProvider } from "../../../contracts/server-tools.ts";
import { braveSearch, searxngSearch, serperSearch, tavilySearch } from "./providers.ts";

export type SearchSettings = {
  BRAVE_API_KEY?: string | undefined;
  TAVILY_API_KEY?: string | undefined;
  SERPER_API_KEY?: string | undefined;
  SEARXNG_URL?: string | undefined;
};

/** @returns undefined where none is: then web_search is not offered */
export function openSearch(settings: SearchSettings): SearchProvider | undefined {
  const { BRAVE_API_KEY, TAVILY_API_KEY, SERPER_API_KEY, SEARXNG_URL } = settings;
  // What the operator runs comes before what others run.
  if (SEARXNG_URL) return searxngSearch(SEARXNG_URL);
  if (BRAVE_API_KEY) return braveSearch(BRAVE_API_KEY);
  if (TAVILY_API_KEY) return tavilySearch(TAVILY_API_KEY);
  if (SERPER_API_KEY) return serperSearch(SERPER_API_KEY);
  return undefined;
}
