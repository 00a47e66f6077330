import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { pino } from "pino";
import { type EmbeddedPorts, openEmbeddedPorts } from "../../../../../lib/embedded/open-embedded-ports.ts";
import { AppError } from "../../../../../lib/errors.ts";
import type { Documents } from "../../../../../lib/ports/documents.ts";
import {
  GONE_MS,
  HELD_MS,
  LeasedOwners,
  OWNERS,
  type OwnerDocument,
  WATCH_MS,
} from "../../../../../services/agent/ownership/leased-owners.ts";

let home: string;
let ports: EmbeddedPorts;
let documents: Documents<OwnerDocument>;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "macjarvis-owners-"));
  ports = openEmbeddedPorts({ home });
  documents = ports.documents<OwnerDocument>(OWNERS);
  await ports.ready();
  // A process beats when the test says so, however slow the machine is.
  jest.useFakeTimers({ doNotFake: ALL_BUT_INTERVALS });
});
afterEach(async () => {
  jest.useRealTimers();
  await ports.close();
  await rm(home, { recursive: true, force: true });
});

const EVERY_MS = 2_000;
const ALL_BUT_INTERVALS = [
  ...(["Date", "hrtime", "nextTick", "performance", "queueMicrotask"] as const),
  ...(["setImmediate", "clearImmediate", "setTimeout", "clearTimeout"] as const),
];

/** A process with a clock of its own, which nobody else's is compared with. */
function aProcess(
  me: string,
  { offset = 0, store = documents }: { offset?: number; store?: Documents<OwnerDocument> } = {},
) {
  const lost = jest.fn();
  let now = offset;
  const owners = new LeasedOwners({ me, documents: store, log: pino({ level: "silent" }), clock: () => now });
  return {
    owners,
    lost,
    pass(ms: number) {
      now += ms;
    },
    enter: () => owners.start(lost),
  };
}

type Process = ReturnType<typeof aProcess>;

/** Time passes for all of them; those who live beat, and the looker looks. */
async function passTime(ms: number, looker: Process, living: Process[] = []) {
  for (let passed = 0; passed < ms; passed += EVERY_MS) {
    for (const process of new Set([looker, ...living])) process.pass(EVERY_MS);
    for (const process of new Set([looker, ...living])) await process.owners.beat();
    await looker.owners.look();
  }
}

/** The documents, with a store in the way that can be away. */
function weakStore() {
  const store = Object.create(documents) as Documents<OwnerDocument> & { isAway: boolean };
  store.isAway = false;
  const through =
    <Name extends "list" | "compareAndSet" | "insert">(name: Name) =>
    async (...given: unknown[]) => {
      if (store.isAway) throw new AppError("store_unavailable");
      return (documents[name] as (...all: unknown[]) => unknown)(...given);
    };
  Object.assign(store, {
    list: through("list"),
    compareAndSet: through("compareAndSet"),
    insert: through("insert"),
  });
  return store;
}

describe("a process among others", () => {
  test("is gone when its counter has stood still for ten seconds of the looker's clock, and not before", async () => {
    const [looker, other] = [aProcess("a"), aProcess("b", { offset: 300_000 })];
    await Promise.all([looker.enter(), other.enter()]);
    await passTime(20_000, looker, [other]);
    expect(looker.owners.isGone("b")).toBe(false);
    await passTime(GONE_MS - EVERY_MS, looker);
    expect(looker.owners.isGone("b")).toBe(false);
    await passTime(EVERY_MS, looker);
    expect(looker.owners.isGone("b")).toBe(true);
    expect(looker.owners.isGone("a")).toBe(false);
  });

  test("that beats again is there again", async () => {
    const [looker, other] = [aProcess("a"), aProcess("b")];
    await Promise.all([looker.enter(), other.enter()]);
    await passTime(GONE_MS + EVERY_MS, looker);
    expect(looker.owners.isGone("b")).toBe(true);
    await passTime(EVERY_MS, looker, [other]);
    expect(looker.owners.isGone("b")).toBe(false);
  });

  test("is not robbed by a looker that was itself paused: its ten seconds begin anew", async () => {
    const [looker, other] = [aProcess("a"), aProcess("b")];
    await Promise.all([looker.enter(), other.enter()]);
    await passTime(4_000, looker);
    looker.pass(WATCH_MS + 60_000);
    // What it knows is old, before and after it has looked again.
    expect(looker.owners.isGone("b")).toBe(false);
    await looker.owners.look();
    expect(looker.owners.isGone("b")).toBe(false);
    await passTime(GONE_MS - EVERY_MS, looker);
    expect(looker.owners.isGone("b")).toBe(false);
    await passTime(EVERY_MS, looker);
    expect(looker.owners.isGone("b")).toBe(true);
  });

  test("is not robbed by a looker that could not read: it has seen nothing", async () => {
    const store = weakStore();
    const looker = aProcess("a", { store });
    await Promise.all([looker.enter(), aProcess("b").enter()]);
    await passTime(4_000, looker);
    store.isAway = true;
    for (let n = 0; n < 10; n += 1) {
      looker.pass(EVERY_MS);
      await looker.owners.look();
    }
    expect(looker.owners.isGone("b")).toBe(false);
    store.isAway = false;
    await looker.owners.look();
    expect(looker.owners.isGone("b")).toBe(false);
    await passTime(GONE_MS, looker);
    expect(looker.owners.isGone("b")).toBe(true);
  });

  test("that has left in order, or was never seen, is gone after the same ten seconds", async () => {
    const [looker, other] = [aProcess("a"), aProcess("b")];
    await Promise.all([looker.enter(), other.enter()]);
    await other.owners.stop();
    await passTime(EVERY_MS, looker);
    for (const name of ["b", "nobody"]) expect(looker.owners.isGone(name)).toBe(false);
    await passTime(GONE_MS, looker);
    for (const name of ["b", "nobody"]) expect(looker.owners.isGone(name)).toBe(true);
  });
});

describe("a process that cannot say that it lives", () => {
  test("lets go of its runs after eight seconds, once, and before anybody may take them", async () => {
    const store = weakStore();
    const [looker, other] = [aProcess("a"), aProcess("b", { store })];
    await Promise.all([looker.enter(), other.enter()]);
    store.isAway = true;
    other.pass(HELD_MS);
    expect(other.owners.isHeld()).toBe(true);
    other.pass(1);
    expect(other.owners.isHeld()).toBe(false);
    await expect(other.owners.beat()).rejects.toMatchObject({ type: "store_unavailable" });
    expect(other.lost).toHaveBeenCalledTimes(1);
    await passTime(HELD_MS, looker);
    expect(looker.owners.isGone("b")).toBe(false);
  });

  test("has its lease again when it can, also when its document is gone", async () => {
    const store = weakStore();
    const other = aProcess("b", { store });
    await other.enter();
    store.isAway = true;
    other.pass(HELD_MS + 1);
    expect(other.owners.isHeld()).toBe(false);
    store.isAway = false;
    await documents.remove("b");
    await other.owners.beat();
    expect(other.owners.isHeld()).toBe(true);
    expect(await documents.get("b")).toEqual({ _id: "b", kind: "agent", beats: 1 });
  });

  test("does not believe a beat whose answer came too late", async () => {
    const store = weakStore();
    const other = aProcess("b", { store });
    await other.enter();
    const { compareAndSet } = store;
    store.compareAndSet = async (...given) => {
      other.pass(HELD_MS + 1);
      return compareAndSet(...given);
    };
    await other.owners.beat();
    expect(other.owners.isHeld()).toBe(false);
    expect(other.lost).toHaveBeenCalledTimes(1);
  });

  test("does not begin", async () => {
    const store = weakStore();
    store.isAway = true;
    await expect(aProcess("b", { store }).enter()).rejects.toMatchObject({ type: "store_unavailable" });
  });
});
