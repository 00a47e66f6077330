// What is large between processes of a cluster, over a real NATS and a server that speaks S3: it comes whole, whatever of it is away.
import { CreateBucketCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import type { LocalServer } from "../../bin/cluster/servers/local-server.ts";
import { startNats } from "../../bin/cluster/servers/nats.ts";
import { servicesThere } from "../../lib/broker/services-there.ts";
import { s3ForBus } from "../../lib/cluster/s3/bus-objects.ts";
import type { Objects } from "../../lib/ports/objects.ts";
import { type BusNode, startBusNode } from "../support/bus-node.ts";
import { farService } from "../support/far-service.ts";
import { startS3 } from "../support/servers/s3.ts";
import { aUser } from "../support/test-broker.ts";
import { waitFor } from "../support/wait-for.ts";

/** More than the bus takes, and less than fauxqs takes in one request. */
const OVER_THE_BUS = 9_000_000;
const LARGE = 1_000_000;

let nats: LocalServer;
let store: LocalServer;
let admin: S3Client;
beforeAll(async () => {
  [nats, store] = await Promise.all([startNats(), startS3()]);
  const credentials = { accessKeyId: "key", secretAccessKey: "secret" };
  admin = new S3Client({ endpoint: store.url, region: "us-east-1", credentials, forcePathStyle: true });
  await admin.send(new CreateBucketCommand({ Bucket: "objects" }));
});
afterAll(async () => {
  admin.destroy();
  await Promise.all([nats.stop(), store.stop()]);
});

const urlOf = (port: number, bucket = "objects") => `http://key:secret@127.0.0.1:${port}/${bucket}`;
const inStore = async () => (await admin.send(new ListObjectsV2Command({ Bucket: "objects" }))).KeyCount ?? 0;

let opened: { close(): Promise<void> }[] = [];
let nodes: BusNode[] = [];
/** Sizes of what was put. */
let puts: number[];
let said: string[];
beforeEach(() => {
  puts = [];
  said = [];
});
afterEach(async () => {
  await Promise.all(nodes.map((one) => one.stop()));
  await Promise.all(opened.map((one) => one.close()));
  [nodes, opened] = [[], []];
});

type Change = (objects: Objects) => Partial<Objects>;

/** A process that hands over what is large, if it has an address. */
async function node(nodeID: string, url: string | undefined, change: Change = () => ({})): Promise<BusNode> {
  const log = { warn: (words: string) => void said.push(words) };
  const bus = url === undefined ? undefined : s3ForBus(url, log as never);
  if (bus) opened.push(bus);
  const watched = (objects: Objects): Objects => ({
    ...objects,
    put(key, body, options) {
      puts.push((body as Uint8Array).length);
      return objects.put(key, body, options);
    },
  });
  const started = await startBusNode({
    ...{ url: nats.url, nodeID, services: nodeID.startsWith("far") ? [farService()] : [] },
    ...(bus && {
      objects: {
        place: bus.place,
        open: async () => {
          const objects = watched(await bus.open());
          return { ...objects, ...change(objects) };
        },
      },
    }),
  });
  nodes.push(started);
  return started;
}

type Two = { near: BusNode; far: BusNode };
async function two(url: string | undefined, ofFar?: Change, ofNear?: Change): Promise<Two> {
  const far = await node("far-1", url, ofFar);
  const near = await node("near-1", url, ofNear);
  await servicesThere(near.broker, ["far"]);
  await servicesThere(far.broker, ["far"]);
  await waitFor("each knows the other", () => far.broker.registry.nodes.get("near-1") !== undefined);
  return { near, far };
}

type Patient = { discoverer: { opts: { heartbeatTimeout: number } } };

const whole = async (near: BusNode, bytes: number) =>
  (await near.call<string>("far.text", { bytes }, undefined, 120_000)) === "x".repeat(bytes);

describe("with a store of objects", () => {
  test("more than the bus takes comes there and back, with who asks; nothing is left in the store", async () => {
    const { near } = await two(urlOf(store.port));
    const text = "ü".repeat(OVER_THE_BUS / 2);
    const user = aUser();
    const answer = await near.call<{ text: string; user_id: string }>("far.echo", { text }, user, 60_000);
    expect([answer.text === text, answer.user_id]).toEqual([true, user.user_id]);
    expect(puts).toHaveLength(2);
    await waitFor("the store is empty", async () => (await inStore()) === 0);
  });

  test("what is large goes by it, what is small does not", async () => {
    const { near } = await two(urlOf(store.port));
    expect(await whole(near, LARGE)).toBe(true);
    expect(puts).toEqual([LARGE + 2]);
    expect(await whole(near, 200_000)).toBe(true);
    expect(puts).toHaveLength(1);
  });

  test("a process that has none, as one of an earlier version, is never sent there", async () => {
    await node("far-1", urlOf(store.port));
    const near = await node("near-1", undefined);
    await servicesThere(near.broker, ["far"]);
    expect(await whole(near, LARGE)).toBe(true);
    await expect(whole(near, OVER_THE_BUS)).rejects.toMatchObject({ type: "answer_too_large" });
    expect(puts).toEqual([]);
  });

  test("a process that stops hands over first what it was asked", async () => {
    const go = Promise.withResolvers<void>();
    const { near, far } = await two(urlOf(store.port), (objects) => ({
      put: (...given) => go.promise.then(() => objects.put(...given)),
    }));
    const pending = near.call<string>("far.text", { bytes: LARGE }, undefined, 30_000);
    const asked = await waitFor("it is under way", () => near.broker.transit?.pendingRequests.size === 1);
    expect(asked).toBe(true);
    // The answer to this comes behind it.
    expect(await near.call("far.length", { text: "" })).toBe(0);
    const { transit } = far.broker;
    if (!transit) throw new Error("it is on the bus");
    const leave = transit.sendDisconnectPacket.bind(transit);
    transit.sendDisconnectPacket = () => {
      const left = leave();
      go.resolve();
      return left;
    };
    const stopped = far.broker.stop();
    expect((await pending).length).toBe(LARGE);
    await stopped;
  });

  test("an answer that comes twice, as after a restart of NATS, is read once", async () => {
    const go = Promise.withResolvers<void>();
    let reads = 0;
    const { near } = await two(urlOf(store.port), undefined, (objects) => ({
      async read(...given) {
        reads += 1;
        await go.promise;
        return objects.read(...given);
      },
    }));
    const heard: Uint8Array[] = [];
    near.nats.connection.subscribe("MOL-macjarvis.RES.near.1", {
      callback: (_, { data }) => void heard.push(data),
    });
    const pending = whole(near, LARGE);
    await waitFor("it is read", () => reads === 1 && heard.length === 1);
    near.nats.connection.publish("MOL-macjarvis.RES.near.1", heard[0]);
    await near.call("far.length", { text: "" });
    go.resolve();
    expect(await pending).toBe(true);
    near.nats.connection.publish("MOL-macjarvis.RES.near.1", heard[0]);
    await near.call("far.length", { text: "" });
    expect(reads).toBe(1);
    // Nor of anything else, but for a machine that was too slow for a moment.
    expect(near.said.filter((line) => !line.includes("stood still"))).toEqual([]);
  });

  test("what cannot be read is said: a request was not begun, an answer's work was done", async () => {
    const lost: Change = () => ({ read: async () => null });
    const { near } = await two(urlOf(store.port), lost, lost);
    const text = "x".repeat(LARGE);
    const retry = { retryAfterMs: expect.any(Number) };
    await expect(near.call("far.length", { text })).rejects.toMatchObject({
      ...{ type: "store_unavailable", data: retry },
      message: expect.stringMatching(/could not be read .*Nothing was done/),
    });
    await expect(whole(near, LARGE)).rejects.toMatchObject({
      ...{ type: "store_unavailable", data: retry },
      message: expect.stringMatching(/could not be read .*has been done/),
    });
    expect(near.broker.transit?.pendingRequests.size).toBe(0);
  });
});

describe("without the store", () => {
  test("that is away what the bus takes goes by it, the rest is refused in words, and all is as before when it comes", async () => {
    await store.kill();
    const { near } = await two(urlOf(store.port));
    expect(await whole(near, LARGE)).toBe(true);
    await expect(whole(near, OVER_THE_BUS)).rejects.toMatchObject({
      ...{ type: "store_unavailable", data: { retryAfterMs: expect.any(Number) } },
      message: expect.stringMatching(/has 900\d+ bytes, which go by the store of objects.*has been done/),
    });
    await expect(near.call("far.length", { text: "x".repeat(OVER_THE_BUS) })).rejects.toMatchObject({
      message: expect.stringMatching(/which go by the store of objects.*Nothing was done/),
    });
    expect(said.join()).toMatch(/S3 at 127\.0\.0\.1:\d+\/objects cannot be used: the connection was refused/);
    expect(said.join()).not.toContain("secret@");
    await store.restart();
    expect(await whole(near, OVER_THE_BUS)).toBe(true);
  });

  test("that says nothing any more an answer waits for it once, and then goes by the bus at once", async () => {
    const { near } = await two(urlOf(store.port), () => ({ put: () => new Promise(() => undefined) }));
    expect(await whole(near, LARGE)).toBe(true);
    const begun = puts.length;
    expect(await whole(near, LARGE)).toBe(true);
    expect(puts.length).toBe(begun);
  });

  test("whose bucket is another one, that is said, and what the bus takes goes by it", async () => {
    const { near } = await two(urlOf(store.port, "another"));
    expect(await whole(near, LARGE)).toBe(true);
    expect(said.join()).toMatch(/its bucket does not exist\. Make the bucket, or correct it in S3_URL/);
  });

  test("more answers in one moment than nats-server holds for one process all come", async () => {
    const { near } = await two(undefined);
    // Both are this process, which may be busy with them for longer on a slow machine.
    (near.broker.registry as unknown as Patient).discoverer.opts.heartbeatTimeout = 120;
    const cuts: unknown[] = [];
    near.nats.onReturn(() => cuts.push(true));
    const all = Array.from({ length: 25 }, () => whole(near, 4_000_000));
    expect(await Promise.all(all)).toEqual(Array(25).fill(true));
    expect(cuts).toEqual([]);
  });
});
