import { appendFile, mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { ChainEntry, ChainFact } from "../../../../contracts/node-chain.ts";
import { NO_HASH } from "../../../../lib/audit/chain.ts";
import { faultOfEntry } from "../../../../lib/audit/node-chain.ts";
import { makeKey, Signer } from "../../../../lib/edge/keys/signatures.ts";
import { Chain } from "../../../../mac-node/chain/chain.ts";
import { ChainFiles } from "../../../../mac-node/chain/chain-files.ts";
import { Journal } from "../../../../mac-node/journal/journal.ts";

let folder: string;
const { seed, publicKey } = makeKey("user");
const signer = new Signer(seed);
const signs = { nodeId: "nod_1", publicKey, sign: (text: string) => signer.sign(text) };
const HASH = "0".repeat(64);
const outcome = { status: "done", result: { ok: true }, duration_ms: 1 } as const;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "macjarvis-chain-"));
});
afterEach(() => rm(folder, { recursive: true }));

const fact = (call_id: string): ChainFact => ({
  ...{ kind: "ended", call_id, status: "done", result: HASH, output: HASH },
});
const openChain = (key = signs) => Chain.open(join(folder, "chain"), key);
async function openJournal(chain: Chain) {
  return Journal.open(join(folder, "journal"), undefined, undefined, chain);
}
const ended = (journal: Journal, call_id: string) =>
  journal.append({ kind: "ended", call_id, at: Date.now(), outcome }, false, fact(call_id));

function isWhole(entries: ChainEntry[]): boolean {
  let [seq, previous] = [0, NO_HASH];
  return entries.every((entry) => {
    const fits = entry.seq === seq + 1 && entry.previous === previous;
    [seq, previous] = [entry.seq, entry.hash];
    return fits && faultOfEntry(entry, publicKey, "nod_1") === undefined;
  });
}

describe("the chain of a Mac", () => {
  test("goes on behind what it was, also over restarts, and stands in the outcome of its call", async () => {
    for (const name of ["a", "b", "c"]) {
      const chain = await openChain();
      const journal = await openJournal(chain);
      const link = await ended(journal, name);
      expect(await journal.outcome(name)).toMatchObject({ node_head: { seq: link?.seq, hash: link?.hash } });
      await journal.close();
    }
    const { first, last, entries } = await (await openChain()).read(1, 100);
    expect({ first, last, whole: isWhole(entries) }).toEqual({ first: 1, last: 3, whole: true });
  });

  test("calls that end at once are one chain in the order in which they are written", async () => {
    const chain = await openChain();
    const journal = await openJournal(chain);
    await Promise.all(Array.from({ length: 50 }, (_, index) => ended(journal, `call_${index}`)));
    expect(isWhole((await chain.read(1, 100)).entries)).toBe(true);
    await journal.close();
  });

  test("what its files did not take is copied as soon as they do, in order and once", async () => {
    const chain = await openChain();
    const journal = await openJournal(chain);
    await rm(join(folder, "chain"), { recursive: true });
    await ended(journal, "a");
    await ended(journal, "b");
    expect((await chain.read(1, 10)).entries).toEqual([]);
    await mkdir(join(folder, "chain"));
    await ended(journal, "c");
    const { first, last, entries } = await chain.read(1, 10);
    expect({ first, last, whole: isWhole(entries) }).toEqual({ first: 1, last: 3, whole: true });
    await journal.close();
  });

  test("what its files have lost is taken from the journal; a torn line is cut off", async () => {
    const chain = await openChain();
    const journal = await openJournal(chain);
    await ended(journal, "a");
    await journal.close();
    const [name = ""] = await readdir(join(folder, "chain"));
    await rm(join(folder, "chain", name));
    const again = await openChain();
    const more = await openJournal(again);
    expect(isWhole((await again.read(1, 10)).entries)).toBe(true);
    await more.close();
    await appendFile(join(folder, "chain", name), '{"kind":"end');
    const third = await openChain();
    const last = await openJournal(third);
    await ended(last, "b");
    const { entries } = await third.read(1, 10);
    expect([entries.length, isWhole(entries)]).toEqual([2, true]);
    await last.close();
  });

  test("what the disk does not take is not in it", async () => {
    const chain = await openChain();
    const journal = await openJournal(chain);
    await ended(journal, "a");
    await rm(join(folder, "journal"), { recursive: true });
    await journal.close();
    const gone = await openJournal(await openChain());
    await rm(join(folder, "journal"), { recursive: true });
    await expect(ended(gone, "b")).rejects.toMatchObject({ type: "store_unavailable" });
    await gone.close();
    const later = await openChain();
    const journalLater = await openJournal(later);
    await ended(journalLater, "c");
    const { entries } = await later.read(1, 10);
    expect([entries.map(({ call_id }) => call_id), isWhole(entries)]).toEqual([["a", "c"], true]);
    await journalLater.close();
  });

  test("a journal of the pairing before is none of it", async () => {
    const former = makeKey("user");
    const old = new Signer(former.seed);
    const theirs = { nodeId: "nod_0", publicKey: former.publicKey, sign: (text: string) => old.sign(text) };
    const before = await Journal.open(
      join(folder, "journal"),
      undefined,
      undefined,
      await Chain.open(join(folder, "old"), theirs),
    );
    await ended(before, "a");
    await before.close();
    const chain = await openChain();
    const journal = await openJournal(chain);
    await ended(journal, "b");
    expect(isWhole((await chain.read(1, 10)).entries)).toBe(true);
    await journal.close();
  });

  test("its files are bounded: the oldest go, and what is left is read from where it begins", async () => {
    const chain = await openChain();
    const files = await ChainFiles.open(join(folder, "small"), 200);
    for (let index = 0; index < 40; index += 1) await files.append([chain.link(fact(`call_${index}`))]);
    const names = await readdir(join(folder, "small"));
    expect(names).toHaveLength(16);
    const kept = await files.read(1, 100);
    expect([files.first, kept[0]?.seq, kept.at(-1)?.seq]).toEqual([25, 25, 40]);
    expect((await files.read(30, 3)).map(({ seq }) => seq)).toEqual([30, 31, 32]);
    await files.close();
  });
});
