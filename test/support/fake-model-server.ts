// A scripted model server for tests: OpenAI's chat completions and Anthropic's messages on one port, with faults on demand.
// Alone: `node test/support/fake-model-server.ts --port 4010 [--tokens 100 --rate 50]`.
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { parseArgs } from "node:util";
import { anthropicWire } from "./fake-model/anthropic-wire.ts";
import { openaiWire } from "./fake-model/openai-wire.ts";
import { type Pace, Paced } from "./fake-model/paced.ts";
import { playTurn } from "./fake-model/play-turn.ts";
import { type FakeTurn, type Heard, usualTurn } from "./fake-model/turn.ts";

export type RecordedRequest = {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  /** The parsed body of a question. */
  body: Record<string, unknown>;
  heard: Heard;
  /** `performance.now()` when it was there. */
  at: number;
  /** Port of the client's connection: the same number is the same connection. */
  clientPort: number | undefined;
  /** Settles when the first byte of the answer's body is sent. */
  begun: Promise<void>;
  /** Settles when the connection or the answer has ended. */
  gone: Promise<void>;
  /** The client went away before the answer's end. */
  closed: boolean;
  /** The answer was sent to its end. */
  answered: boolean;
};

/** Turns are used up in their order, one a request; then, and where a function gives none, the usual rules hold. */
export type Script = FakeTurn[] | ((request: RecordedRequest) => FakeTurn | undefined);

export type FakeModel = {
  /** Without a path: add `/v1` for OpenAI's base URL, nothing for Anthropic's. */
  url: string;
  /** Questions, oldest first. */
  requests: RecordedRequest[];
  /** What `GET /v1/models` names. */
  models: (string | ({ id: string } & Record<string, unknown>))[];
  /** Replaces the script; without one the usual rules hold. */
  script(script?: Script): void;
  /** The first request, made already or to come, that fits. */
  waitForRequest(fits?: (request: RecordedRequest) => boolean): Promise<RecordedRequest>;
  /** From now on no answer begins before `release`. */
  hold(): void;
  release(): void;
  close(): Promise<void>;
};

type Waiting = { fits: (request: RecordedRequest) => boolean; found: (request: RecordedRequest) => void };

/** Listens on a free port of this machine. @param pace answers every question with a steady load instead of turns */
export async function startFakeModel(options: { port?: number; pace?: Pace } = {}): Promise<FakeModel> {
  const requests: RecordedRequest[] = [];
  const waiting = new Set<Waiting>();
  const paced = options.pace ? new Paced(options.pace) : undefined;
  let script: Script | undefined;
  let held: PromiseWithResolvers<void> | undefined;

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.method === "GET") return listModels(request, response, fake.models);
    const recorded = await record(request, response);
    requests.push(recorded);
    for (const wait of waiting) if (wait.fits(recorded)) wait.found(recorded);
    if (paced) return paced.add(response);
    const turn = (Array.isArray(script) ? script.shift() : script?.(recorded)) ?? usualTurn(recorded.heard);
    await held?.promise;
    await playTurn(wireOf(recorded.path), turn, recorded.body.stream === true, response);
  };

  const server = createServer({ noDelay: true, keepAliveTimeout: 75_000 }, (request, response) => {
    answer(request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, "127.0.0.1", 4_096, resolve));

  const fake: FakeModel = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    models: ["fake", "other"],
    script(next) {
      script = Array.isArray(next) ? [...next] : next;
    },
    waitForRequest(fits = () => true) {
      const known = requests.find(fits);
      if (known) return Promise.resolve(known);
      const { promise, resolve } = Promise.withResolvers<RecordedRequest>();
      const wait: Waiting = { fits, found: resolve };
      waiting.add(wait);
      return promise.finally(() => waiting.delete(wait));
    },
    hold() {
      held ??= Promise.withResolvers<void>();
    },
    release() {
      held?.resolve();
      held = undefined;
    },
    close() {
      fake.release();
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  return fake;
}

function wireOf(path: string) {
  return path.endsWith("/messages") ? anthropicWire : openaiWire;
}

async function record(request: IncomingMessage, response: ServerResponse): Promise<RecordedRequest> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  const path = request.url ?? "";
  const body = JSON.parse(Buffer.concat(pieces).toString("utf8")) as Record<string, unknown>;
  const gone = Promise.withResolvers<void>();
  const recorded: RecordedRequest = {
    method: request.method ?? "",
    path,
    headers: request.headers,
    body,
    heard: wireOf(path).hear(body),
    at: performance.now(),
    clientPort: request.socket.remotePort,
    begun: firstWrite(response),
    gone: gone.promise,
    closed: false,
    answered: false,
  };
  response.once("finish", () => {
    recorded.answered = true;
  });
  response.once("close", () => {
    recorded.closed = !response.writableFinished;
    gone.resolve();
  });
  return recorded;
}

function firstWrite(response: ServerResponse): Promise<void> {
  const write = response.write.bind(response);
  return new Promise((resolve) => {
    response.write = ((...args: Parameters<typeof write>) => {
      resolve();
      response.write = write;
      return write(...args);
    }) as typeof response.write;
  });
}

function listModels(request: IncomingMessage, response: ServerResponse, models: FakeModel["models"]): void {
  const isList = request.url?.endsWith("/models");
  response.writeHead(isList ? 200 : 404, { "Content-Type": "application/json" });
  response.end(
    JSON.stringify(
      isList
        ? { object: "list", data: models.map((model) => (typeof model === "string" ? { id: model } : model)) }
        : {},
    ),
  );
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { port: { type: "string" }, tokens: { type: "string" }, rate: { type: "string" } },
  });
  const fake = await startFakeModel({
    port: Number(values.port ?? 0),
    ...(values.tokens ? { pace: { tokens: Number(values.tokens), rate: Number(values.rate ?? 0) } } : {}),
  });
  process.stdout.write(`${fake.url}\n`);
}
