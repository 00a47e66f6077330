// What is large on its way over the bus, on a store of this machine: who takes what, what is left, and what happens when the store fails.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { LargeParts } from "../../../../../lib/cluster/bus/large-parts.ts";
import { removeLeftBehind } from "../../../../../lib/cluster/bus/left-behind.ts";
import { Pace } from "../../../../../lib/cluster/bus/pace.ts";
import { Slots } from "../../../../../lib/cluster/bus/slots.ts";
import { embeddedObjects } from "../../../../../lib/embedded/objects.ts";
import { AppError } from "../../../../../lib/errors.ts";
import type { Objects } from "../../../../../lib/ports/objects.ts";
import { waitFor } from "../../../../support/wait-for.ts";

let folder: string;
let objects: Objects;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "macjarvis-large-"));
  objects = embeddedObjects(folder);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

type Packet = Parameters<LargeParts["handOver"]>[0];
const TEXT = "x".repeat(1_000_000);
const answer = (data: unknown, target = "Near-1"): Packet => ({
  type: "RES",
  target,
  payload: { id: "r1", success: true, data, meta: {} },
});
const partsOf = (own: string, store: Objects = objects) =>
  new LargeParts({ place: "here", open: async () => store }, own);
const failing = (): Objects => ({
  ...objects,
  put: async () => {
    throw new AppError("store_unavailable");
  },
});

describe("a large part", () => {
  test("is handed over and put back as it was, and then lies nowhere any more", async () => {
    const packet = answer({ text: TEXT });
    const light = await partsOf("far-1").handOver(packet, true);
    expect(JSON.stringify(light).length).toBeLessThan(500);
    expect(light?.payload).toMatchObject({ id: "r1", success: true, data: null });
    expect(packet.payload.data).toEqual({ text: TEXT });
    expect(await objects.list("bus/near-1/")).toHaveLength(1);
    const heard = JSON.parse(JSON.stringify(light));
    await partsOf("Near-1").bring("RES", heard);
    expect(heard.payload).toEqual(packet.payload);
    await waitFor("it is gone", async () => (await objects.list("bus/")).length === 0);
  });

  test("is read by nobody but the process that it was handed to, and not when it was exchanged", async () => {
    const light = await partsOf("far-1").handOver(answer(TEXT), true);
    const heard = JSON.parse(JSON.stringify(light));
    await expect(partsOf("near-2").bring("RES", heard)).rejects.toMatchObject({ type: "store_damaged" });
    const { key } = heard.payload.object;
    await objects.put(key, Buffer.from(JSON.stringify("y".repeat(1_000_000))), { contentType: "text/plain" });
    await expect(partsOf("near-1").bring("RES", heard)).rejects.toMatchObject({ type: "store_damaged" });
    expect(heard.payload.data).toBeNull();
    await objects.remove(key);
    await expect(partsOf("near-1").bring("RES", heard)).rejects.toMatchObject({ type: "store_damaged" });
  });

  test("is not handed over when the packet goes to many, or is large by something else", async () => {
    const parts = partsOf("far-1");
    expect(await parts.handOver({ ...answer(TEXT), type: "EVENT" }, true)).toBeUndefined();
    expect(await parts.handOver({ ...answer(TEXT), target: null } as never, true)).toBeUndefined();
    expect(await parts.handOver(answer("short"), true)).toBeUndefined();
    expect(await objects.list("")).toEqual([]);
  });

  test("that the store does not take fails in words; then what the bus takes is not tried for a while", async () => {
    let tries = 0;
    const store: Objects = {
      ...failing(),
      put: (...given) => {
        tries += 1;
        return failing().put(...given);
      },
    };
    const parts = partsOf("far-1", store);
    await expect(parts.handOver(answer(TEXT), true)).rejects.toMatchObject({
      type: "store_unavailable",
      message: expect.stringMatching(/What was asked has been done/),
    });
    expect(await parts.handOver(answer(TEXT), true)).toBeUndefined();
    expect(tries).toBe(1);
    const request: Packet = { type: "REQ", target: "near-1", payload: { id: "r1", params: TEXT } };
    await expect(parts.handOver(request, false)).rejects.toMatchObject({
      message: expect.stringMatching(/Nothing was done/),
    });
    expect(tries).toBe(2);
  });

  test("that nobody waits for any more is removed, and what was left behind after its time", async () => {
    const light = await partsOf("far-1").handOver(answer(TEXT), true);
    partsOf("near-1").drop(JSON.parse(JSON.stringify(light)));
    await waitFor("it is gone", async () => (await objects.list("bus/")).length === 0);
    await partsOf("far-1").handOver(answer(TEXT), true);
    await objects.put("exports/a", Buffer.from("a"), { contentType: "text/plain" });
    expect(await removeLeftBehind(objects)).toBe(0);
    expect(await removeLeftBehind(objects, 0)).toBe(1);
    expect((await objects.list("")).map(({ key }) => key)).toEqual(["exports/a"]);
  });
});

test("slots: so many at once, the others in their order, also behind one that failed", async () => {
  const slots = new Slots(2);
  const begun: number[] = [];
  const ends = Array.from({ length: 4 }, () => Promise.withResolvers<void>());
  const all = ends.map(({ promise }, number) =>
    slots.use(async () => {
      begun.push(number);
      await promise;
    }),
  );
  await Promise.resolve();
  expect(begun).toEqual([0, 1]);
  ends[1]?.reject(new Error("failed"));
  await expect(all[1]).rejects.toThrow("failed");
  await waitFor("the third begins", () => begun.length === 3);
  expect(begun).toEqual([0, 1, 2]);
  for (const { resolve } of ends) resolve();
  await Promise.allSettled(all);
  expect(begun).toEqual([0, 1, 2, 3]);
});

test("pace: to one process the next goes when the last was taken; to another one at once", async () => {
  const sent: string[] = [];
  const taken = new Map<string, () => void>();
  const pace = new Pace((target) => new Promise<void>((resolve) => taken.set(target, resolve)));
  const send = (target: string, name: string) =>
    pace.next(target, async () => {
      sent.push(name);
      return true;
    });
  await Promise.all([send("a", "a1"), send("b", "b1")]);
  const second = send("a", "a2");
  await waitFor("it is asked whether they were taken", () => taken.size === 2);
  expect(sent).toEqual(["a1", "b1"]);
  taken.get("a")?.();
  expect(await second).toBe(true);
  expect(sent).toEqual(["a1", "b1", "a2"]);
});
