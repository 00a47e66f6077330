// The search providers against a server that answers in the formats of their documentation.
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, test } from "@jest/globals";
import type { SearchProvider } from "../../../../../contracts/server-tools.ts";
import { openSearch } from "../../../../../lib/net/search/open-search.ts";
import {
  braveSearch,
  searxngSearch,
  serperSearch,
  tavilySearch,
} from "../../../../../lib/net/search/providers.ts";

const KEY = "canary-key-4711";
const signal = new AbortController().signal;
const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

type Asked = {
  method?: string | undefined;
  url?: string | undefined;
  headers: IncomingMessage["headers"];
  body: unknown;
};

async function answering(status: number, answer: unknown): Promise<{ base: string; asked: Asked[] }> {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    const body = await text(request);
    const { method, url, headers } = request;
    asked.push({ method, url, headers, body: body === "" ? undefined : JSON.parse(body) });
    response.writeHead(status, { "content-type": "application/json" });
    response.end(typeof answer === "string" ? answer : JSON.stringify(answer));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  return { base: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, asked };
}

const search = (provider: SearchProvider, limit = 5) => provider.search({ query: "a & b?", limit }, signal);
const hit = {
  title: "One & only",
  url: "https://one.example/",
  snippet: "What one says.",
  published: "2026-01-02",
};

const BRAVE = {
  type: "search",
  query: { original: "a", more_results_available: true },
  web: {
    type: "search",
    results: [
      {
        title: "One & only",
        url: "https://one.example/",
        description: "What <strong>one</strong> says.",
        page_age: "2026-01-02",
        profile: { name: "One" },
      },
      { title: "Bad", url: "javascript:alert(1)", description: "x" },
    ],
  },
};
const TAVILY = {
  query: "a",
  answer: null,
  results: [
    {
      title: "One & only",
      url: "https://one.example/",
      content: "What one says.",
      score: 0.9,
      published_date: "2026-01-02",
    },
  ],
  response_time: "1.2",
};
const SERPER = {
  searchParameters: { q: "a", type: "search", engine: "google" },
  organic: [
    {
      title: "One & only",
      link: "https://one.example/",
      snippet: "What one says.",
      date: "2026-01-02",
      position: 1,
    },
  ],
  credits: 1,
};
const SEARXNG = {
  query: "a",
  number_of_results: 0,
  results: [
    {
      url: "https://one.example/",
      title: "One & only",
      content: "What one says.",
      publishedDate: "2026-01-02",
      engine: "bing",
    },
    { url: "https://two.example/", title: "Two", content: "", engine: "bing" },
  ],
  unresponsive_engines: [],
};

describe("a provider is asked as it wants to be, and its results are read", () => {
  test("Brave Search", async () => {
    const { base, asked } = await answering(200, BRAVE);
    expect(await search(braveSearch(KEY, base))).toEqual([hit]);
    expect(asked).toMatchObject([
      {
        method: "GET",
        url: "/res/v1/web/search?q=a+%26+b%3F&count=5&text_decorations=false",
        headers: { "x-subscription-token": KEY },
      },
    ]);
  });

  test("Tavily", async () => {
    const { base, asked } = await answering(200, TAVILY);
    expect(await search(tavilySearch(KEY, base))).toEqual([hit]);
    expect(asked).toMatchObject([
      {
        method: "POST",
        url: "/search",
        headers: { authorization: `Bearer ${KEY}` },
        body: { query: "a & b?", max_results: 5 },
      },
    ]);
  });

  test("Serper", async () => {
    const { base, asked } = await answering(200, SERPER);
    expect(await search(serperSearch(KEY, base))).toEqual([hit]);
    expect(asked).toMatchObject([
      { method: "POST", headers: { "x-api-key": KEY }, body: { q: "a & b?", num: 5 } },
    ]);
  });

  test("SearXNG, below a path and with a login", async () => {
    const { base, asked } = await answering(200, SEARXNG);
    const provider = searxngSearch(`${base.replace("//", "//me:p%40ss@")}searx`);
    expect(await search(provider, 1)).toEqual([hit]);
    expect(asked).toMatchObject([
      {
        url: "/searx/search?q=a+%26+b%3F&format=json",
        headers: { authorization: `Basic ${btoa("me:p@ss")}` },
      },
    ]);
    expect([provider.host, await search(provider)]).toMatchObject([
      "127.0.0.1",
      [{}, { title: "Two", snippet: "" }],
    ]);
  });
});

describe("a search that fails says so in words, without the key", () => {
  test.each([
    [401, { detail: { error: `Unauthorized: ${KEY}` } }, "does not accept the key"],
    [429, { type: "ErrorResponse", error: { code: "RATE_LIMITED" } }, "too often"],
    [432, { detail: { error: "plan limit" } }, "no searches left"],
    [500, "oops", "fault of its own (500)"],
    [302, "", "refused the search (302)"],
    [200, "<html>", "no list of results"],
    [200, { results: "none" }, "no list of results"],
    [200, `{"results": "${"x".repeat(2_200_000)}"}`, "could not be reached"],
  ])("%s %j", async (status, answer, words) => {
    const { base } = await answering(status, answer);
    const failed = await search(tavilySearch(KEY, base)).catch((error: Error) => error.message);
    expect(failed).toContain(words);
    expect(failed).not.toContain(KEY);
  });

  test("with what only one provider says", async () => {
    const token = await answering(422, {
      type: "ErrorResponse",
      error: { code: "SUBSCRIPTION_TOKEN_INVALID" },
    });
    await expect(search(braveSearch(KEY, token.base))).rejects.toThrow("does not accept the key");
    const credits = await answering(400, { message: "Not enough credits", statusCode: 400 });
    await expect(search(serperSearch(KEY, credits.base))).rejects.toThrow("no searches left");
    const html = await answering(403, "<html>");
    await expect(search(searxngSearch(html.base))).rejects.toThrow('add "json" to search.formats');
    await expect(search(tavilySearch(KEY, "http://127.0.0.1:1/"))).rejects.toThrow("could not be reached");
  });
});

test("the first provider that is set up is used, and none without any", () => {
  expect(openSearch({})).toBeUndefined();
  expect(openSearch({ SERPER_API_KEY: "k", BRAVE_API_KEY: "k" })?.host).toBe("api.search.brave.com");
  expect(openSearch({ TAVILY_API_KEY: "k" })?.host).toBe("api.tavily.com");
  expect(openSearch({ BRAVE_API_KEY: "k", SEARXNG_URL: "http://Searx.Home:8080" })?.host).toBe("searx.home");
});
