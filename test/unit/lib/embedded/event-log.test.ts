import { appendFileSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { RunId } from "../../../../contracts/ids.ts";
import { EventLog, KEPT_MS } from "../../../../lib/embedded/events/event-log.ts";
import { newId } from "../../../../lib/ids.ts";
import { content, done, replayed } from "../../../support/contracts/events-contract.ts";

describe("the event log on disk", () => {
  let folder: string;
  let log: EventLog;
  let now = Date.now();
  const run = newId<RunId>("run");
  const reopen = () => {
    log.close();
    log = new EventLog(folder, () => now);
  };
  const newest = () =>
    join(
      folder,
      readdirSync(folder)
        .filter((name) => name.endsWith(".log"))
        .sort()
        .at(-1) ?? "",
    );

  beforeEach(async () => {
    now = Date.now();
    folder = await mkdtemp(join(tmpdir(), "macjarvis-events-"));
    log = new EventLog(folder, () => now);
  });
  afterEach(async () => {
    log.close();
    await rm(folder, { recursive: true });
  });

  async function write(id: RunId, texts: string[]): Promise<void> {
    const writer = await log.open(id, 1);
    for (const [step, text] of texts.entries()) writer.append(content(text, step));
    await writer.flush();
  }

  test("G9 gives the same bytes after a restart, and goes on with the next number", async () => {
    await write(run, ["one", "zwei ä", "three"]);
    const before = await replayed(log, run);
    reopen();
    expect(await replayed(log, run)).toBe(before);
    const writer = await log.open(run, 2);
    expect(writer.lastSeq).toBe(3);
    writer.append(done(run));
    await writer.flush();
    expect(await replayed(log, run, 3)).toContain("id: 4\nevent: done");
  });

  test("a run that is told once more after its hour begins anew, although its file is still there", async () => {
    const writer = await log.open(run, 1);
    writer.append(content("old", 1));
    writer.append(done(run));
    await writer.flush();
    now += KEPT_MS - 1;
    await write(newId<RunId>("run"), ["a neighbour that keeps the file"]);
    now += 2;
    reopen();
    const again = await log.open(run, 2);
    again.append(content("new", 1));
    await again.flush();
    expect(await replayed(log, run)).toBe('id: 1\nevent: content\ndata: {"step":1,"text":"new"}\n\n');
  });

  test("a record that a crash cut is taken off, whatever it was cut to", async () => {
    await write(run, ["whole"]);
    const whole = statSync(newest()).size;
    await write(run, ["cut"]);
    const bytes = readFileSync(newest());
    for (const size of [whole, whole + 1, whole + 20, bytes.length - 1]) {
      log.close();
      truncateSync(newest(), whole);
      appendFileSync(newest(), bytes.subarray(whole, size));
      log = new EventLog(folder, () => now);
      expect((await log.readAll(run)).map(({ seq }) => seq)).toEqual([1]);
    }
    await write(run, ["again"]);
    reopen();
    expect((await log.readAll(run)).map(({ event }) => event)).toEqual([
      content("whole", 0),
      content("again", 0),
    ]);
  });

  test("G9 a replay ends where its pieces end, whatever is written while it is read", async () => {
    const writer = await log.open(run, 1);
    for (let step = 1; step <= 40; step += 1) {
      writer.append(content("x".repeat(3_000), step));
      await writer.flush();
    }
    let [text, last, isFirst] = ["", 0, true];
    for await (const frames of log.replay(run, 0)) {
      text += frames.bytes.toString();
      last = frames.lastSeq;
      expect(frames.done).toBe(false);
      if (!isFirst) continue;
      isFirst = false;
      writer.append(done(run));
      await writer.flush();
    }
    expect(text.match(/^id: \d+$/gm)?.at(-1)).toBe(`id: ${last}`);
    expect(text + (await replayed(log, run, last))).toBe(await replayed(log, run));
  });

  test("blocks that a power cut kept from the disk end the log, and it goes on from there", async () => {
    await write(run, ["whole"]);
    const whole = statSync(newest()).size;
    await write(run, ["half of it ".repeat(50)]);
    const bytes = readFileSync(newest()).fill(0, whole + 100, whole + 200);
    for (const damaged of [bytes, Buffer.concat([bytes.subarray(0, whole), Buffer.alloc(5_000)])]) {
      log.close();
      writeFileSync(newest(), damaged);
      log = new EventLog(folder, () => now);
      expect((await log.readAll(run)).map(({ event }) => event)).toEqual([content("whole", 0)]);
      expect(statSync(newest()).size).toBe(whole);
    }
    expect(await log.unended()).toEqual([run]);
  });

  test("reads a run across segments, with and without their index", async () => {
    const large = "x".repeat(15_000);
    const writer = await log.open(run, 1);
    for (let step = 0; step < 1_200; step += 1) {
      writer.append(content(large, step));
      await writer.flush();
    }
    const logs = readdirSync(folder).filter((name) => name.endsWith(".log"));
    expect(logs.length).toBeGreaterThan(2);
    const before = await replayed(log, run);
    expect(before.match(/^id: /gm)).toHaveLength(1_200);
    await rm(join(folder, `${logs[0]}.index`));
    reopen();
    expect((await replayed(log, run)) === before).toBe(true);
  });

  test("an index that an older version wrote is not believed: its segment is read", async () => {
    await write(run, ["one", "two"]);
    const before = await replayed(log, run);
    const runs = [[run, { extents: [{ offset: 0, length: 1, epoch: 1, firstSeq: 1, lastSeq: 1 }] }]];
    writeFileSync(`${newest()}.index`, JSON.stringify({ size: statSync(newest()).size, runs }));
    reopen();
    expect(await replayed(log, run)).toBe(before);
    expect(await log.state(run)).toMatchObject({ lastSeq: 2 });
  });

  test("forgets a run an hour after its end, not before, and removes its file", async () => {
    await write(run, ["text"]);
    const writer = await log.open(run, 1);
    writer.append(done(run));
    await writer.flush();
    now += KEPT_MS;
    log.expire();
    expect(await log.state(run)).toMatchObject({ done: true, expired: false });
    now += 1;
    expect(await log.state(run)).toMatchObject({ expired: true });
    log.expire();
    expect(readdirSync(folder)).toEqual([]);
    await write(newId<RunId>("run"), ["next"]);
    expect(readdirSync(folder)).toHaveLength(1);
  });

  test("a run that has not ended is kept however old it is", async () => {
    await write(run, ["text"]);
    now += 10 * KEPT_MS;
    reopen();
    expect(await replayed(log, run)).toContain("text");
  });

  describe("a damaged segment", () => {
    const [first, second, third] = [newId<RunId>("run"), newId<RunId>("run"), newId<RunId>("run")];
    let said: string[];
    const reopenAfter = (change: (bytes: Buffer) => Buffer | undefined) => {
      log.close();
      const path = newest();
      const bytes = readFileSync(path);
      writeFileSync(path, change(bytes) ?? bytes);
      said = [];
      log = new EventLog(
        folder,
        () => now,
        (words) => said.push(words),
      );
    };
    beforeEach(async () => {
      for (const id of [first, second, third]) {
        await write(id, ["one", "two"]);
        await write(id, ["three"]);
      }
    });

    test.each([
      ["in a text", (bytes: Buffer) => bytes.write("#", bytes.indexOf("two", bytes.indexOf(`@${second}`)))],
      ["in the beginning of a record", (bytes: Buffer) => bytes.write("###", bytes.indexOf(`@${second}`))],
    ])("is told as one, and takes no other run with it: %s", async (_, damage) => {
      const whole = [await replayed(log, first), await replayed(log, third)];
      reopenAfter((bytes) => void damage(bytes));
      expect(said).toEqual([expect.stringMatching(/00000001\.log is damaged at byte \d+$/)]);
      expect([await replayed(log, first), await replayed(log, third)]).toEqual(whole);
      expect(await log.state(second)).toMatchObject({ damaged: true });
      expect(await log.state(first)).not.toHaveProperty("damaged");
      await expect(replayed(log, second)).rejects.toMatchObject({ type: "store_damaged", code: 503 });
      // Whoever goes on with the run does so behind what is left.
      const { lastSeq } = await log.state(second);
      const left = await log.readAll(second);
      expect(left.length).toBeLessThan(lastSeq);
    });

    test("of which nothing is left for a run may have had its events", async () => {
      reopenAfter((bytes) =>
        bytes.fill("#", bytes.indexOf(`@${second}`), bytes.lastIndexOf(`@${second}`) + 9),
      );
      expect(said).toHaveLength(1);
      expect(await log.state(second)).toEqual({ lastSeq: 0, done: false, expired: false, damaged: true });
      expect(await replayed(log, third)).toContain("three");
    });

    test("from end to end is no log that was cut: what is missing may have been there", async () => {
      reopenAfter((bytes) => bytes.fill("#"));
      expect(said).toHaveLength(1);
      expect(await log.state(first)).toEqual({ lastSeq: 0, done: false, expired: false, damaged: true });
    });

    test("that was closed long ago is found out by who reads it", async () => {
      log.close();
      const path = newest();
      const bytes = readFileSync(path);
      log = new EventLog(folder, () => now);
      for (let step = 0; step < 540; step += 1) {
        const writer = await log.open(run, 1);
        writer.append(content("x".repeat(16_000), step));
        await writer.flush();
      }
      log.close();
      expect(newest()).not.toBe(path);
      const damaged = readFileSync(path);
      damaged.write("#", bytes.indexOf("two", bytes.indexOf(`@${second}`)));
      writeFileSync(path, damaged);
      log = new EventLog(folder, () => now);
      await expect(replayed(log, second)).rejects.toMatchObject({ type: "store_damaged" });
      expect(await replayed(log, first)).toContain("three");
    });

    test("of an older version has no checksums and is read", async () => {
      reopenAfter((bytes) =>
        Buffer.from(bytes.toString("latin1").replace(/^(@.* [01]) \d+$/gm, "$1"), "latin1"),
      );
      expect(said).toEqual([]);
      expect(await replayed(log, second)).toContain("three");
    });
  });
});
