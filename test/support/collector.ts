// A stand-in for an OpenTelemetry collector, which is outside of what we build: takes traces over OTLP/HTTP as JSON and keeps them.
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export type CollectedSpan = {
  traceId: string;
  spanId: string;
  parentSpanId: string;
  name: string;
  /** As OTLP numbers them: 1 internal, 2 server, 3 client. */
  kind: number;
  attributes: Record<string, string | number | boolean>;
  isFault: boolean;
  /** Of the process it is from. */
  resource: Record<string, string | number | boolean>;
};

export type Collector = {
  url: string;
  spans: CollectedSpan[];
  /** All that was sent, as it came. */
  raw(): string;
  /** From now on it answers like this: not at all, or with a status. */
  answer(how: "well" | "never" | number): void;
  close(): Promise<void>;
};

type Value = { stringValue?: string; intValue?: string | number; doubleValue?: number; boolValue?: boolean };
type Pairs = { key: string; value: Value }[];
type Sent = {
  resourceSpans: {
    resource: { attributes: Pairs };
    scopeSpans: {
      spans: (Omit<CollectedSpan, "attributes"> & { attributes: Pairs; status?: { code?: number } })[];
    }[];
  }[];
};

export async function startCollector(): Promise<Collector> {
  const spans: CollectedSpan[] = [];
  let raw = "";
  let how: "well" | "never" | number = "well";
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const piece of request) body += String(piece);
    if (how === "never") return;
    if (how !== "well") return response.writeHead(how).end();
    if (request.url !== "/v1/traces") return response.writeHead(404).end();
    raw += body;
    spans.push(...spansOf(JSON.parse(body) as Sent));
    return response.writeHead(200, { "Content-Type": "application/json" }).end("{}");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    raw: () => raw,
    answer(next) {
      how = next;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function spansOf({ resourceSpans }: Sent): CollectedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map(({ traceId, spanId, parentSpanId = "", name, kind, attributes, status }) => ({
        ...{ traceId, spanId, parentSpanId, name, kind },
        attributes: plain(attributes),
        isFault: status?.code === 2,
        resource: plain(resource.attributes),
      })),
    ),
  );
}

function plain(pairs: Pairs): Record<string, string | number | boolean> {
  return Object.fromEntries(
    pairs.map(({ key, value: { stringValue, intValue, doubleValue, boolValue } }) => [
      key,
      stringValue ??
        (intValue === undefined ? undefined : Number(intValue)) ??
        doubleValue ??
        boolValue ??
        "",
    ]),
  );
}
