// Signals over a real NATS: the port's contract, and what happens when the server goes and comes back.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import type { LocalServer } from "../../bin/cluster/servers/local-server.ts";
import { startNats } from "../../bin/cluster/servers/nats.ts";
import { type Nats, openNats } from "../../lib/cluster/nats/open-nats.ts";
import { type NatsSignals, natsSignals } from "../../lib/cluster/nats/signals.ts";
import { signalsContract } from "../support/contracts/signals-contract.ts";
import { waitFor } from "../support/wait-for.ts";

let server: LocalServer;
beforeAll(async () => {
  server = await startNats({
    config:
      'no_auth_user: all\naccounts { A { users: [{ user: all, password: all }, { user: deaf, password: deaf, permissions: { subscribe: { deny: "mj.signal.secret" } } }] , jetstream: enabled } }',
  });
});
afterAll(() => server.stop());

let opened: Nats[] = [];
async function process(url = server.url, report?: (thrown: unknown) => void) {
  const nats = await openNats({ url, name: "a test" });
  opened.push(nats);
  return { nats, signals: natsSignals(nats, report ? { report } : {}) };
}
afterEach(async () => {
  await Promise.all(opened.map((nats) => nats.close()));
  opened = [];
});

signalsContract("NATS", async () => {
  const { nats, signals } = await process();
  return { ports: { signals }, close: () => nats.close() };
});

describe("signals between two processes", () => {
  let here: NatsSignals;
  let there: NatsSignals;
  let nats: Nats;
  const faults: unknown[] = [];
  beforeEach(async () => {
    faults.length = 0;
    ({ nats, signals: here } = await process(server.url, (thrown) => faults.push(thrown)));
    ({ signals: there } = await process());
  });
  /** How many subscriptions the server has of this connection. */
  const subscriptions = () =>
    (
      nats.connection as unknown as { protocol: { subscriptions: { size(): number } } }
    ).protocol.subscriptions.size();

  test("are heard once each, in order, by all who listen, over one subscription", async () => {
    const heard: [unknown[], unknown[]] = [[], []];
    const quiet = heard.map((list) => here.subscribe("a", (data) => list.push(data)));
    await Promise.all(quiet.map(({ ready }) => ready));
    expect(subscriptions()).toBe(1);
    const sent = Array.from({ length: 500 }, (_, n) => ({ n }));
    for (const data of sent) there.publish("a", data);
    await waitFor("all", () => heard.every((list) => list.length === sent.length));
    expect(heard).toEqual([sent, sent]);
    for (const end of quiet) end();
    expect(subscriptions()).toBe(0);
  });

  test("are heard again when the server is back; what was sent meanwhile is lost, and nothing throws", async () => {
    const heard: unknown[] = [];
    await here.subscribe("a", (data) => heard.push(data)).ready;
    await server.kill();
    await waitFor("it is known to be away", () => !nats.isThere);
    there.publish("a", "lost");
    here.publish("a", "lost as well");
    const late = here.subscribe("b", (data) => heard.push(data));
    await server.restart();
    await late.ready;
    await waitFor("the other is back", () => {
      there.publish("a", "again");
      return heard.includes("again");
    });
    there.publish("b", "new");
    await waitFor("the new one", () => heard.includes("new"));
    expect(heard.filter((data) => String(data).startsWith("lost"))).toEqual([]);
    expect(faults).toEqual([]);
  });

  test("listening that cannot be ready says so in bounded time, and hears when the server is back", async () => {
    await server.pause();
    const heard: unknown[] = [];
    const listening = here.subscribe("a", (data) => heard.push(data));
    await expect(listening.ready).rejects.toMatchObject({ type: "store_unavailable" });
    server.resume();
    await waitFor("it hears", () => {
      there.publish("a", "now");
      return heard.includes("now");
    });
  });

  test("one that is too large, or is no JSON, is reported and throws nothing", async () => {
    const heard: unknown[] = [];
    await there.subscribe("a", (data) => heard.push(data)).ready;
    here.publish("a", "x".repeat(nats.maxPayload));
    const circle: { self?: unknown } = {};
    circle.self = circle;
    here.publish("a", circle);
    here.publish("a", undefined);
    await waitFor("the one that fits", () => heard.length > 0);
    expect(heard).toEqual([null]);
    expect(faults.map(String)).toEqual([
      expect.stringMatching(/the signal a has 8388610 bytes; NATS takes 8388608/),
      expect.stringMatching(/circular/),
    ]);
  });

  test("what is no JSON on the subject is reported, and the next one heard", async () => {
    const heard: unknown[] = [];
    await here.subscribe("a", (data) => heard.push(data)).ready;
    nats.publish("mj.signal.a", "{");
    there.publish("a", "fine");
    await waitFor("the one that is fine", () => heard.length > 0);
    expect(heard).toEqual(["fine"]);
    expect(faults).toHaveLength(1);
  });

  test("a subject that the credentials do not allow is said, and disturbs no other", async () => {
    const url = server.url.replace("//", "//deaf:deaf@");
    const { signals } = await process(url, (thrown) => faults.push(thrown));
    const heard: unknown[] = [];
    const listening = signals.subscribe("secret", () => undefined);
    await signals.subscribe("a", (data) => heard.push(data)).ready;
    await expect(listening.ready).rejects.toThrow(/NATS refuses to let mj\.signal\.secret be heard/);
    there.publish("a", 1);
    await waitFor("the other subject", () => heard.length > 0);
    expect(faults).toHaveLength(1);
    listening();
  });

  test("all is quiet after the end, also for those who come late", async () => {
    await here.subscribe("a", () => faults.push("heard")).ready;
    here.close();
    here.close();
    expect(subscriptions()).toBe(0);
    await nats.close();
    here.publish("a", 1);
    const late = here.subscribe("a", () => undefined);
    await expect(late.ready).rejects.toMatchObject({ type: "store_unavailable" });
    late();
    expect(faults).toEqual([]);
  });
});
