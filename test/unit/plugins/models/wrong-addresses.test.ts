// Addresses at which something else answers: its `/v1` is tried, and where that is no help the address is blamed, not the model.
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "@jest/globals";
import { openaiProvider } from "../../../../plugins/models/openai.ts";
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
