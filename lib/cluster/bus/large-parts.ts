// What of a request or an answer would hold up everything behind it on the bus goes by the store of objects, and the packet says where it
// lies: a process that many answer at once reads as fast as it can, where nats-server would cut it off as too slow at 64 MB
// (docs/decisions/2026-11-29-large-parts.md). An object lives from the packet until its one reader has it.
import { randomUUID } from "node:crypto";
import type { Transporters } from "moleculer";
import { z } from "zod";
import { AppError } from "../../errors.ts";
import type { Objects } from "../../ports/objects.ts";
import { within } from "../within.ts";
import { answerNotHandedOver, requestNotHandedOver } from "./refusals.ts";
import { Slots } from "./slots.ts";

type Packet = Parameters<InstanceType<typeof Transporters.Base>["publish"]>[0];

/** Where processes of a cluster hand one another what is large. */
export type BusObjects = {
  /** The same for those that use the same store. */
  place: string;
  /** Opened by the first that needs it: its code is large. */
  open(): Promise<Objects>;
};

/** Packets from here on are large. */
export const LARGE_BYTES = 256 * 1024;
/** Of one part: both ends have it in memory. */
export const MOST_PART_BYTES = 64 * 1024 * 1024;
/** Keys of nothing else begin so. */
export const ON_THEIR_WAY = "bus/";
const JSON_TYPE = { contentType: "application/json" };
const AT_ONCE = 4;
/** How long the store is waited for when the bus takes it as well, and when nothing else does. */
const PATIENCE_MS = 3_000;
const MOST_PATIENCE_MS = 10_000;
/** After a failure what the bus takes goes by it at once. */
const PAUSE_MS = 5_000;

const PARTS: Partial<Record<string, "params" | "data">> = { REQ: "params", RES: "data" };
const reference = z.strictObject({ key: z.string(), size: z.int(), sha256: z.string() });

export class LargeParts {
  readonly #store: BusObjects;
  readonly #own: string;
  readonly #putting = new Slots(AT_ONCE);
  readonly #reading = new Slots(AT_ONCE);
  #pausedUntil = 0;

  /** @param own id of this process: nobody else is handed what lies under it */
  constructor(store: BusObjects, own: string) {
    this.#store = store;
    this.#own = own;
  }

  /**
   * @param fits whether the bus takes the whole packet as well
   * @returns the packet with its part handed over; undefined for one that has none, or one that is too large here as well
   * @throws store_unavailable
   */
  async handOver(packet: Packet, fits: boolean): Promise<Packet | undefined> {
    const { type, target, payload } = packet;
    const part = PARTS[type];
    if (!part || !target || (fits && performance.now() < this.#pausedUntil)) return undefined;
    const bytes = Buffer.from(JSON.stringify(payload[part] ?? null));
    // What makes it large is something else (the words of an error).
    if (bytes.length < LARGE_BYTES / 2 || bytes.length > MOST_PART_BYTES) return undefined;
    const object = await this.#put(`${folderOf(target)}${randomUUID()}`, bytes, fits);
    if (!object)
      throw type === "RES" ? answerNotHandedOver(bytes.length) : requestNotHandedOver(bytes.length);
    return { type, target, payload: { ...payload, [part]: null, object } };
  }

  /** Puts back what was handed over, and removes it from the store. @throws whatever keeps it from being read */
  async bring(cmd: string, { payload }: Packet): Promise<void> {
    const part = PARTS[cmd];
    const given = reference.safeParse(payload.object);
    if (!part || !given.success || !this.#isOwn(given.data.key)) throw new AppError("store_damaged");
    const { key, size, sha256 } = given.data;
    const objects = await this.#store.open();
    const found = await this.#reading.use(() => objects.read(key, MOST_PART_BYTES));
    if (found?.info.sha256 !== sha256 || found.info.size !== size) throw new AppError("store_damaged");
    payload[part] = JSON.parse(found.bytes.toString());
    delete payload.object;
    this.#remove(key);
  }

  /** Nobody waits for it any more. */
  drop({ payload }: Packet): void {
    const given = reference.safeParse(payload.object);
    if (given.success && this.#isOwn(given.data.key)) this.#remove(given.data.key);
  }

  async #put(key: string, bytes: Buffer, fits: boolean) {
    let isLate = false;
    const put = this.#putting.use(async () => {
      if (isLate) return undefined;
      return (await this.#store.open()).put(key, bytes, JSON_TYPE);
    });
    try {
      const info = await within(fits ? PATIENCE_MS : MOST_PATIENCE_MS, put, undefined);
      if (info) return { key, size: info.size, sha256: info.sha256 };
    } catch {
      // The store's own log line says why.
    }
    isLate = true;
    this.#pausedUntil = performance.now() + PAUSE_MS;
    put.then((info) => info && this.#remove(key)).catch(() => undefined);
    return undefined;
  }

  #isOwn(key: string): boolean {
    return key.startsWith(folderOf(this.#own));
  }

  /** What cannot be removed now is after an hour (left-behind.ts). */
  #remove(key: string): void {
    this.#store
      .open()
      .then((objects) => objects.remove(key))
      .catch(() => undefined);
  }
}

/** Ids of processes are unique whatever their case; keys have small letters only. */
function folderOf(node: string): string {
  return `${ON_THEIR_WAY}${node.toLowerCase()}/`;
}
