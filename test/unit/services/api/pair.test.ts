// The command that a pairing is shown with, which a person types at another machine.
import { expect, test } from "@jest/globals";
import { trustedProxies } from "../../../../services/api/authenticate.ts";
import { pairing } from "../../../../services/api/pair.ts";

async function commandFor(headers: Record<string, string>, peer: string): Promise<string> {
  let sent = "";
  const exchange = {
    broker: {
      call: async () => ({ id: "pair_1", code: "AB12C-D3FGH", expires_at: "2026-12-01T00:00:00.000Z" }),
    },
    request: { headers, socket: { remoteAddress: peer } },
    response: {
      writeHead: () => undefined,
      setHeader: () => undefined,
      end: (body: string) => (sent = body),
    },
    ...{ meta: {}, params: {}, requestId: "request", leftMs: 1_000 },
  };
  await pairing(trustedProxies(["10.0.0.1"]))(exchange as never);
  return (JSON.parse(sent) as { command: string }).command;
}

test.each([
  ["as it was reached", { host: "127.0.0.1:3000" }, "127.0.0.1", "http://127.0.0.1:3000"],
  [
    "with TLS, when a trusted proxy says so",
    { host: "jarvis.example", "x-forwarded-proto": "https" },
    "10.0.0.1",
    "https://jarvis.example",
  ],
  [
    "without, when anybody else does",
    { host: "jarvis.example", "x-forwarded-proto": "https" },
    "10.0.0.2",
    "http://jarvis.example",
  ],
  [
    "never with what else a header holds",
    { host: "jarvis.example", "x-forwarded-proto": "file" },
    "10.0.0.1",
    "http://jarvis.example",
  ],
  [
    "never by a host that only a header forwards",
    { host: "jarvis.example", "x-forwarded-host": "evil.example" },
    "10.0.0.1",
    "http://jarvis.example",
  ],
])("it names the server %s", async (_how, headers, peer, url) => {
  expect(await commandFor(headers as unknown as Record<string, string>, peer)).toBe(
    `npm run node -- join ${url} AB12C-D3FGH`,
  );
});
