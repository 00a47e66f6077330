// A stream of events over a real connection, with a clock that the test moves: what fills a silence.
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import type { RunId } from "../../../../contracts/ids.ts";
import { EventLog } from "../../../../lib/embedded/events/event-log.ts";
import { newId } from "../../../../lib/ids.ts";
import { content, done } from "../../../support/contracts/events-contract.ts";
import { waitFor } from "../../../support/wait-for.ts";

// The timer of the pings begins when its file is loaded.
jest.useFakeTimers({
  advanceTimers: false,
  doNotFake: ["nextTick", "setImmediate", "setTimeout", "queueMicrotask"],
});
const { streamEvents } = await import("../../../../services/api/event-stream.ts");

const run = newId<RunId>("run");
let folder: string;
let log: EventLog;
let server: Server;
let answer: IncomingMessage;
let received: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "macjarvis-stream-"));
  log = new EventLog(folder, Date.now);
  server = createServer((_request, response) => streamEvents(log, run, 0, response)).listen(0, "127.0.0.1");
  await once(server, "listening");
  received = "";
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  log.close();
  await rm(folder, { recursive: true });
});

async function read(): Promise<void> {
  const asked = request({ port: (server.address() as AddressInfo).port, host: "127.0.0.1" }).end();
  [answer] = (await once(asked, "response")) as [IncomingMessage];
  answer.setEncoding("utf8").on("data", (text: string) => {
    received += text;
  });
}

test("a silence of 15 seconds is filled with a ping, each of them, and an event ends it", async () => {
  const writer = await log.open(run, 1);
  writer.append(content("one", 1));
  await writer.flush();
  await read();
  await waitFor("the first event", () => received.includes("one"));
  jest.advanceTimersByTime(14_000);
  writer.append(content("two", 1));
  await writer.flush();
  await waitFor("the next event", () => received.includes("two"));
  jest.advanceTimersByTime(16_000);
  await waitFor("a ping", () => received.includes(": ping\n\n"));
  jest.advanceTimersByTime(16_000);
  await waitFor("another", () => received.split(": ping\n\n").length === 3);
  writer.append(done(run));
  await writer.flush();
  await once(answer, "end");
  expect(received.match(/^event: \w+$|^: ping$/gm)).toEqual([
    "event: content",
    "event: content",
    ": ping",
    ": ping",
    "event: done",
  ]);
});
