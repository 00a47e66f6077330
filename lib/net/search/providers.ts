// The search providers, each as its own documentation says: how it is asked, and where in its answer the results are.
import { z } from "zod";
import { hostOf } from "../../../contracts/hosts.ts";
import type { SearchHit, SearchProvider } from "../../../contracts/server-tools.ts";
import { headOf } from "../../cut-text.ts";
import { askProvider, type Question } from "./ask-provider.ts";

const MOST_RESULTS = 20;
const MOST_TITLE = 300;
const MOST_URL = 2_000;
const MOST_SNIPPET = 1_000;

const text = z.string().nullish();
type Found = {
  title?: string | null;
  url?: string | null;
  snippet?: string | null;
  published?: string | null;
};

type Recipe = {
  name: string;
  base: URL;
  ask(base: URL, query: string, limit: number): Omit<Question, "provider">;
  /** What of an answer are results. @throws for what is no answer */
  read(answer: unknown): Found[];
};

function provider({ name, base, ask, read }: Recipe): SearchProvider {
  return {
    name,
    host: hostOf(base.href) ?? base.hostname,
    async search({ query, limit }, signal) {
      const most = Math.min(limit, MOST_RESULTS);
      const answer = await askProvider({ provider: name, ...ask(base, query, most) }, signal);
      return hitsOf(name, () => read(answer)).slice(0, most);
    },
  };
}

function hitsOf(name: string, read: () => Found[]): SearchHit[] {
  try {
    return read().flatMap(hitOf);
  } catch {
    throw new Error(`${name} answered something that is no list of results. Try again later.`);
  }
}

/** Only what can be opened. */
function hitOf({ title, url, snippet, published }: Found): SearchHit[] {
  const target = url ? URL.parse(url) : null;
  if (!target || !/^https?:$/.test(target.protocol) || target.href.length > MOST_URL) return [];
  return [
    {
      title: plain(title, MOST_TITLE) || target.hostname,
      url: target.href,
      snippet: plain(snippet, MOST_SNIPPET),
      ...(published ? { published: plain(published, 50) } : {}),
    },
  ];
}

/** Some mark the words that were found. */
function plain(given: string | null | undefined, most: number): string {
  const words = (given ?? "").replace(/<\/?(strong|b|em|mark)>/gi, "").replace(/\s+/g, " ");
  return headOf(words.trim(), most);
}

const brave = z.object({
  web: z
    .object({ results: z.array(z.object({ title: text, url: text, description: text, page_age: text })) })
    .nullish(),
});
/** https://api-dashboard.search.brave.com/app/documentation/web-search */
export const braveSearch = (key: string, base = "https://api.search.brave.com/") =>
  provider({
    name: "Brave Search",
    base: new URL(base),
    ask(at, query, limit) {
      const url = new URL("res/v1/web/search", at);
      url.search = new URLSearchParams({
        q: query,
        count: String(limit),
        text_decorations: "false",
      }).toString();
      return {
        url,
        headers: { "x-subscription-token": key },
        ofStatus: (status, answer) =>
          status === 422 && answer.includes("SUBSCRIPTION_TOKEN_INVALID")
            ? "Brave Search does not accept the key that the server has. Whoever runs the server must look at it."
            : undefined,
      };
    },
    read: (answer) =>
      (brave.parse(answer).web?.results ?? []).map(({ description, page_age, ...rest }) => ({
        ...rest,
        snippet: description,
        published: page_age,
      })),
  });

const tavily = z.object({
  results: z.array(z.object({ title: text, url: text, content: text, published_date: text })),
});
/** https://docs.tavily.com/documentation/api-reference/endpoint/search */
export const tavilySearch = (key: string, base = "https://api.tavily.com/") =>
  provider({
    name: "Tavily",
    base: new URL(base),
    ask: (at, query, limit) => ({
      url: new URL("search", at),
      headers: { authorization: `Bearer ${key}` },
      body: { query, max_results: limit, search_depth: "basic" },
    }),
    read: (answer) =>
      tavily.parse(answer).results.map(({ content, published_date, ...rest }) => ({
        ...rest,
        snippet: content,
        published: published_date,
      })),
  });

const serper = z.object({
  organic: z.array(z.object({ title: text, link: text, snippet: text, date: text })).nullish(),
});
/** https://serper.dev */
export const serperSearch = (key: string, base = "https://google.serper.dev/") =>
  provider({
    name: "Serper",
    base: new URL(base),
    ask: (at, query, limit) => ({
      url: new URL("search", at),
      headers: { "x-api-key": key },
      body: { q: query, num: limit },
      ofStatus: (status, answer) =>
        status === 400 && /not enough credits/i.test(answer)
          ? "The server's account at Serper has no searches left."
          : undefined,
    }),
    read: (answer) =>
      (serper.parse(answer).organic ?? []).map(({ link, date, ...rest }) => ({
        ...rest,
        url: link,
        published: date,
      })),
  });

const searxng = z.object({
  results: z.array(z.object({ title: text, url: text, content: text, publishedDate: text })),
});
/** https://docs.searxng.org/dev/search_api.html */
export const searxngSearch = (address: string) => {
  const base = new URL(address.endsWith("/") ? address : `${address}/`);
  const { username, password } = base;
  base.username = "";
  base.password = "";
  const login = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString(
    "base64",
  );
  return provider({
    name: "SearXNG",
    base,
    ask(at, query) {
      const url = new URL("search", at);
      url.search = new URLSearchParams({ q: query, format: "json" }).toString();
      return {
        url,
        ...(username === "" ? {} : { headers: { authorization: `Basic ${login}` } }),
        ofStatus: (status) =>
          status === 403
            ? 'SearXNG does not answer with JSON. Whoever runs it must add "json" to search.formats in its settings.yml.'
            : undefined,
      };
    },
    read: (answer) =>
      searxng.parse(answer).results.map(({ content, publishedDate, ...rest }) => ({
        ...rest,
        snippet: content,
        published: publishedDate,
      })),
  });
};
