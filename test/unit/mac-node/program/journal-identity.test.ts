import { cpSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { claimJournal, readJournalClaim, succeeds } from "../../../../lib/edge/journal-claim.ts";
import { Signer } from "../../../../lib/edge/keys/signatures.ts";
import { nodeFolder } from "../../../../mac-node/program/folder.ts";
import { beginOnJournal } from "../../../../mac-node/program/journal-identity.ts";

let base = "";
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "macjarvis-journal-"));
});
afterEach(() => rmSync(base, { recursive: true }));

const begin = (name: string) => beginOnJournal(nodeFolder(join(base, name)));
const keyOf = ({ seed }: { seed: string }) => new Signer(seed).publicKey;

test("each start on a folder has the next number of the same journal, also when the folder has another name", async () => {
  const first = await begin("one");
  expect(first.start).toBe(1);
  expect(await begin("one")).toEqual({ ...first, start: 2 });
  renameSync(join(base, "one"), join(base, "moved"));
  expect(await begin("moved")).toEqual({ ...first, start: 3 });
});

test("a copy of the folder is another journal, and so is one whose identity cannot be read", async () => {
  const first = await begin("one");
  cpSync(join(base, "one"), join(base, "copy"), { recursive: true, preserveTimestamps: true });
  const copy = await begin("copy");
  expect(copy.start).toBe(1);
  expect(keyOf(copy)).not.toBe(keyOf(first));
  writeFileSync(join(base, "one/journal/identity.json"), "{");
  expect(keyOf(await begin("one"))).not.toBe(keyOf(first));
});

test("on another Mac the same disk is another journal", async () => {
  const folder = nodeFolder(join(base, "one"));
  const asked: string[][] = [];
  // As `ioreg` of macOS 15 says it.
  const on = (uuid: string) => async (argv: string[]) => {
    asked.push(argv);
    const stdout = `+-o J314sAP  <class IOPlatformExpertDevice>\n    {\n      "IOPlatformSerialNumber" = "X"\n      "IOPlatformUUID" = "${uuid}"\n    }\n`;
    return { code: 0, stdout, stderr: "" };
  };
  const one = await beginOnJournal(folder, "darwin", on("11111111-2222-3333-4444-555555555555"));
  expect(await beginOnJournal(folder, "darwin", on("11111111-2222-3333-4444-555555555555"))).toEqual({
    ...one,
    start: 2,
  });
  expect((await beginOnJournal(folder, "darwin", on("AAAAAAAA-2222-3333-4444-555555555555"))).start).toBe(1);
  expect(asked[0]).toEqual(["/usr/sbin/ioreg", "-rd1", "-c", "IOPlatformExpertDevice"]);
});

test("a claim holds for its Mac, its process and its number only, and for who has the journal's key", async () => {
  const { seed } = await begin("one");
  const signer = new Signer(seed);
  const claim = claimJournal(signer, "nod_1", "process", 3);
  const read = readJournalClaim(claim, "nod_1", "process");
  expect(read).toEqual({ key: signer.publicKey, start: 3 });
  expect(readJournalClaim(claim, "nod_2", "process")).toBeUndefined();
  expect(readJournalClaim(claim, "nod_1", "other")).toBeUndefined();
  expect(readJournalClaim({ ...claim, start: 4 }, "nod_1", "process")).toBeUndefined();
  const thief = claimJournal(new Signer((await begin("two")).seed), "nod_1", "process", 4);
  expect(readJournalClaim({ ...thief, key: signer.publicKey }, "nod_1", "process")).toBeUndefined();
  expect(readJournalClaim(undefined, "nod_1", "process")).toBeUndefined();
  const other = readJournalClaim(thief, "nod_1", "process");
  expect(succeeds(read && { ...read, start: 4 }, read)).toBe(true);
  expect([succeeds(read, read), succeeds(other, read), succeeds(undefined, undefined)]).toEqual([
    false,
    false,
    false,
  ]);
});
