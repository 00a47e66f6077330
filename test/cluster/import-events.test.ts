// Events from elsewhere in the stream of a cluster: whatever NATS takes as one message, readers get the same bytes, and who takes the run
// over goes on behind them.
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { LocalServer } from "../../bin/cluster/servers/local-server.ts";
import { startNats } from "../../bin/cluster/servers/nats.ts";
import type { RunId } from "../../contracts/ids.ts";
import { ImportEvents } from "../../lib/cluster/nats/events/import-events.ts";
import { openRunEvents } from "../../lib/cluster/nats/events/open-run-events.ts";
import { type Nats, openNats } from "../../lib/cluster/nats/open-nats.ts";
import { frameOf } from "../../lib/events/sse-frames.ts";
import { newId } from "../../lib/ids.ts";

let server: LocalServer;
let nats: Nats;
let events: ImportEvents;
beforeAll(async () => {
  server = await startNats({ config: "max_payload: 64KB" });
  nats = await openNats({ url: server.url, name: "test" });
  events = await ImportEvents.open(nats);
});
afterAll(async () => {
  events.close();
  await nats.close();
  await server.stop();
});

const frame = (seq: number, length: number) =>
  frameOf(seq, { event: "content", data: { step: 1, text: "é".repeat(length) } } as never);

function frames(epoch: number, firstSeq: number, count: number, length = 500, done = false) {
  const all = Array.from({ length: count }, (_, n) => frame(firstSeq + n, length));
  return { epoch, firstSeq, lastSeq: firstSeq + count - 1, done, bytes: Buffer.from(all.join("")) };
}

async function stored(run: RunId): Promise<{ bytes: Buffer; messages: number }> {
  const parts: Buffer[] = [];
  for await (const part of events.bytes(run)) parts.push(part);
  return { bytes: Buffer.concat(parts), messages: parts.length };
}

test("what is more than a message takes goes as several, at borders of events, and is the same for readers", async () => {
  const run = newId<RunId>("run");
  const all = [frames(1, 1, 200), frames(2, 201, 3, 500, true)];
  await events.put(run, all);
  const { bytes, messages } = await stored(run);
  expect(nats.maxPayload).toBe(64 * 1024);
  expect(messages).toBeGreaterThan(3);
  expect(bytes.equals(Buffer.concat(all.map((one) => one.bytes)))).toBe(true);
  // Broken off and begun anew, also in the middle of what was one piece.
  await events.put(run, all);
  await events.put(run, [frames(1, 1, 100), frames(1, 101, 100), frames(2, 201, 3, 500, true)]);
  expect((await stored(run)).messages).toBe(messages);
  const port = await openRunEvents(nats);
  expect(await port.state(run)).toMatchObject({ lastSeq: 203, done: true, expired: false });
  const read = await port.readAll(run);
  expect(read.map(({ seq, epoch }) => [seq, epoch]).slice(199, 202)).toEqual([
    [200, 1],
    [201, 2],
    [202, 2],
  ]);
  await port.close();
});

test("a run that goes on is taken over by a later owner, and by none that is older", async () => {
  const run = newId<RunId>("run");
  await events.put(run, [frames(3, 1, 5)]);
  const port = await openRunEvents(nats);
  await expect(port.open(run, 2)).rejects.toMatchObject({ type: "stale_epoch" });
  const writer = await port.open(run, 4);
  expect(writer.lastSeq).toBe(5);
  await port.close();
});

test("an event that no message takes is refused in words that say what to set", async () => {
  await expect(events.put(newId<RunId>("run"), [frames(1, 1, 1, 50_000)])).rejects.toThrow(
    /An event has more bytes than NATS passes on .*max_payload/,
  );
});
