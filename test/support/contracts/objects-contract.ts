// What every adapter of the objects port must do.
import { createHash, randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { Objects } from "../../../lib/ports/objects.ts";

setFlagsFromString("--expose-gc");
/** Bytes: a collection takes long in a process that has done much before. */
const LOOK_EACH = 5_000_000;
const collectOnce = runInNewContext("gc") as () => void;
/** What one collection found is given back beside the program; the next one waits for that, so that what is counted is in use. */
const collect = () => {
  collectOnce();
  collectOnce();
};

export type OpenObjects = (options: {
  mostBytes?: number;
}) => Promise<{ objects: Objects; close(): Promise<void> }>;

const TEXT = { contentType: "text/plain; charset=utf-8" };
const sumOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** @param megabytes of a big object: what the server of the test takes in one request */
export function objectsContract(adapter: string, openObjects: OpenObjects, megabytes = 30): void {
  describe(`objects on ${adapter}`, () => {
    let objects: Objects;
    let close: () => Promise<void>;
    beforeEach(async () => {
      ({ objects, close } = await openObjects({}));
    });
    afterEach(() => close());
    const textOf = async (key: string) => (await objects.read(key, 1_000_000))?.bytes.toString();

    test("what was put is got, with what is known of it; what was not is null", async () => {
      const bytes = Buffer.from("höher");
      const info = {
        key: "exports/usr_1/a.txt",
        size: 6,
        contentType: TEXT.contentType,
        sha256: sumOf(bytes),
      };
      expect(await objects.put(info.key, bytes, TEXT)).toEqual(info);
      expect(await objects.head(info.key)).toEqual(info);
      expect(await objects.read(info.key, 6)).toEqual({ info, bytes });
      for (const key of ["exports/usr_1/b.txt", "exports/usr_1", "exports"])
        expect([await objects.head(key), await objects.get(key), await objects.read(key, 9)]).toEqual([
          null,
          null,
          null,
        ]);
      await objects.remove(info.key);
      await objects.remove(info.key);
      expect(await objects.head(info.key)).toBeNull();
    });

    test("an object is replaced as a whole, and may be empty; a key may be the beginning of another one", async () => {
      await objects.put("a", Buffer.from("long before"), TEXT);
      await objects.put("a/b", Buffer.from("below"), TEXT);
      await objects.put("a", Buffer.alloc(0), { contentType: "application/json" });
      expect(await objects.read("a", 0)).toMatchObject({
        bytes: Buffer.alloc(0),
        info: { size: 0, contentType: "application/json" },
      });
      expect(await textOf("a/b")).toBe("below");
    });

    test("a list has those with the prefix by key, a page at a time", async () => {
      for (const key of ["l/b", "l/a-1", "l/a.1", "l/a/1", "m/a", "l/c"])
        await objects.put(key, Buffer.from(key), TEXT);
      const keysOf = async (...args: Parameters<Objects["list"]>) =>
        (await objects.list(...args)).map(({ key }) => key);
      expect(await keysOf("l/")).toEqual(["l/a-1", "l/a.1", "l/a/1", "l/b", "l/c"]);
      expect(await keysOf("l/a")).toEqual(["l/a-1", "l/a.1", "l/a/1"]);
      expect(await keysOf("l/", { limit: 2 })).toEqual(["l/a-1", "l/a.1"]);
      expect(await keysOf("l/", { limit: 2, after: "l/a.1" })).toEqual(["l/a/1", "l/b"]);
      expect(await keysOf("n/")).toEqual([]);
      const [first] = await objects.list("m/");
      expect(first?.size).toBe(3);
      expect(Math.abs(Date.now() - (first?.modifiedMs ?? 0))).toBeLessThan(60_000);
    });

    test.each([
      "",
      "/a",
      "a/",
      "a//b",
      "../a",
      "a/../b",
      "a/./b",
      ".a",
      "-a",
      "A",
      "a b",
      "a\\b",
      "a\0",
      "é",
      "a=b",
      "a".repeat(201),
    ])("%j is no key", async (key) => {
      const refused = { type: "invalid_request" };
      await expect(objects.put(key, Buffer.from("x"), TEXT)).rejects.toMatchObject(refused);
      await expect(objects.get(key)).rejects.toMatchObject(refused);
      await expect(objects.head(key)).rejects.toMatchObject(refused);
      await expect(objects.remove(key)).rejects.toMatchObject(refused);
      await expect(objects.temporaryUrl(key, 60)).rejects.toMatchObject(refused);
    });

    test("a prefix, a limit and a content type that are none are refused", async () => {
      const refused = { type: "invalid_request" };
      for (const prefix of ["/", "../", "A"])
        await expect(objects.list(prefix)).rejects.toMatchObject(refused);
      for (const limit of [0, 1001, 1.5])
        await expect(objects.list("", { limit })).rejects.toMatchObject(refused);
      await expect(objects.put("a", Buffer.from("x"), { contentType: "a/b\r\nx: y" })).rejects.toMatchObject(
        refused,
      );
    });

    test("the longest key is one", async () => {
      const key = `${"a/".repeat(99)}bc`;
      await objects.put(key, Buffer.from("x"), TEXT);
      expect((await objects.list(key)).map((one) => one.key)).toEqual([key]);
    });

    test("of several puts at once one stays, whole", async () => {
      const bodies = Array.from({ length: 8 }, (_, i) => Buffer.alloc(300_000 + i, i));
      await Promise.all(bodies.map((body) => objects.put("same", inPieces(body), TEXT)));
      const kept = await objects.read("same", 1_000_000);
      expect(bodies.map(sumOf)).toContain(sumOf(kept?.bytes ?? Buffer.alloc(0)));
    });

    test("a body that fails, or is too large, stores nothing", async () => {
      await objects.put("kept", Buffer.from("before"), TEXT);
      const failing = (async function* () {
        yield Buffer.alloc(200_000);
        throw new Error("the tool died");
      })();
      await expect(objects.put("kept", failing, TEXT)).rejects.toThrow("the tool died");
      expect(await textOf("kept")).toBe("before");
      const small = await openObjects({ mostBytes: 10 });
      await expect(small.objects.put("large", Buffer.alloc(11), TEXT)).rejects.toMatchObject({
        type: "body_too_large",
      });
      await expect(small.objects.put("large", inPieces(Buffer.alloc(11)), TEXT)).rejects.toMatchObject({
        type: "body_too_large",
      });
      expect(await small.objects.head("large")).toBeNull();
      await small.close();
      await expect(objects.read("kept", 5)).rejects.toMatchObject({ type: "body_too_large" });
    });

    test(`${megabytes} MB go in and out without lying in memory`, async () => {
      const piece = randomBytes(1_000_000);
      const hash = createHash("sha256");
      let most = 0;
      let passed = 0;
      // What nobody has any more is taken away first: else it depends on the collector what is seen.
      const look = (bytes: number) => {
        passed += bytes;
        if (passed < LOOK_EACH) return;
        passed = 0;
        collect();
        most = Math.max(most, process.memoryUsage().arrayBuffers);
      };
      collect();
      const before = process.memoryUsage().arrayBuffers;
      const body = (async function* () {
        for (let i = 0; i < megabytes; i += 1) {
          const bytes = Buffer.from(piece);
          bytes[0] = i;
          hash.update(bytes);
          look(bytes.length);
          await setImmediate();
          yield bytes;
        }
      })();
      const info = await objects.put("big", body, { contentType: "application/octet-stream" });
      expect(info).toMatchObject({ size: megabytes * 1_000_000, sha256: hash.digest("hex") });
      const got = await objects.get("big");
      const sum = createHash("sha256");
      for await (const bytes of got?.stream ?? []) {
        sum.update(bytes as Buffer);
        look((bytes as Buffer).length);
      }
      expect(sum.digest("hex")).toBe(info.sha256);
      // Some pieces wait in sockets; how many depends on who reads them.
      expect(most - before).toBeLessThan(megabytes * 1_000_000 * 0.8);
    });

    test("a stream that nobody reads on can be destroyed", async () => {
      await objects.put("left", Buffer.alloc(3_000_000), TEXT);
      const never = await objects.get("left");
      never?.stream.destroy();
      const got = await objects.get("left");
      for await (const _ of got?.stream ?? []) break;
      expect(got?.stream.destroyed).toBe(true);
      expect((await objects.read("left", 3_000_000))?.bytes.length).toBe(3_000_000);
    });
  });
}

function inPieces(bytes: Buffer): AsyncIterable<Uint8Array> {
  const pieces = [];
  for (let i = 0; i < bytes.length; i += 64_000) pieces.push(bytes.subarray(i, i + 64_000));
  return Readable.from(pieces);
}
