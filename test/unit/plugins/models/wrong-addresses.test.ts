// Addresses at which something else answers: its `/v1` is tried, and where that is no help the address is blamed, not the model.
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "@jest/globals";
import { openaiProvider } from "../../../../plugins/models/openai.ts";
import { type SetUp, setUpProviders } from "../../../../plugins/models/set-up-providers.ts";
import { ask } from "./ask-provider.ts";
import { DONE, delta } from "./openai-frames.ts";

const open: Server[] = [];
afterEach(() => {
  for (const server of open.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** What a server answers where nothing of a model is. */
const ELSEWHERE: [string, RequestListener][] = [
  ["a page", (_request, response) => response.end("<!DOCTYPE html><title>Open WebUI</title>")],
  ["a page behind white space", (_request, response) => response.end("\n\n  <html></html>")],
  ["a sentence", (_request, response) => response.end("Ollama is running")],
  [
    "an error object of its own",
    (_request, response) => response.end('{"error":"Unexpected endpoint or method. (POST /)"}'),
  ],
  ["some other object", (_request, response) => response.end('{"status":"ok"}')],
  ["404", (_request, response) => response.writeHead(404).end("404 page not found")],
  ["405", (_request, response) => response.writeHead(405).end('{"detail":"Method Not Allowed"}')],
];

describe.each(ELSEWHERE)("a bare host that answers with %s", (_what, elsewhere) => {
  test("is asked at its /v1", async () => {
    const url = await serve((request, response) =>
      request.url === "/v1/chat/completions"
        ? response.end(delta({ content: "here" }) + delta({}, "stop") + DONE)
        : elsewhere(request, response),
    );
    expect(await ask(openaiProvider({ baseUrl: url }))).toMatchObject({ text: "here", error: undefined });
  });

  test("and nothing else there: the address is told, with its variable", async () => {
    const url = await serve(elsewhere);
    const { error } = await ask(openaiProvider({ baseUrl: url, name: "mine" }));
    expect(error?.type).toBe("model_rejected");
    expect(error?.message).toContain("OPENAI_BASE_URL_MINE");
  });
});

test("an address with a path is blamed at once when a page answers", async () => {
  const url = await serve((_request, response) => response.end("<html>"));
  const { error } = await ask(openaiProvider({ baseUrl: `${url}/chat` }));
  expect(error?.data?.show).toEqual({ reason: "wrong_address" });
  expect(error?.message).toMatch(/answers with a web page: check OPENAI_BASE_URL/);
});

test.each([
  ["/v1/chat/completions", "/v1/chat/completions"],
  ["/v1/chat/completions/", "/v1/chat/completions"],
  ["/openai/v1/responses", "/openai/v1/chat/completions"],
  // Azure's address of many models ends so.
  ["/models?api-version=1", "/models/chat/completions?api-version=1"],
  ["/v1/", "/v1/chat/completions"],
  ["/deployments/g/chat/completions?api-version=1", "/deployments/g/chat/completions?api-version=1"],
])("an address with the path of a request, %s, is taken without it", async (path, asked) => {
  let seen: string | undefined;
  const url = await serve((request, response) => {
    if (request.method === "POST") seen = request.url;
    response.end(delta({ content: "here" }, "stop") + DONE);
  });
  const [openai] = setUpProviders({ openai: { baseUrl: url + path } }).all;
  expect((await ask((openai as SetUp).provider)).text).toBe("here");
  expect(seen).toBe(asked);
});

test.each(["/v1/messages", "/v1", "", "/"])("Anthropic's address may be %j too", async (path) => {
  let seen: string | undefined;
  const url = await serve((request, response) => {
    seen = request.url;
    response.end('{"content":[{"type":"text","text":"here"}],"stop_reason":"end_turn"}');
  });
  const [, anthropic] = setUpProviders({ anthropic: { baseUrl: url + path, apiKey: "k" } }).all;
  expect((await ask((anthropic as SetUp).provider)).text).toBe("here");
  expect(seen).toBe("/v1/messages");
});

test("a server of plain HTTP at an address that begins with https is told as that", async () => {
  const url = await serve((_request, response) => response.end());
  const { error } = await ask(openaiProvider({ baseUrl: `${url.replace("http:", "https:")}/v1` }));
  expect(error?.message).toMatch(/does not speak HTTPS.*http:\/\//);
});
