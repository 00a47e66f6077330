// The embedded objects: the port's contract, and what is on the disk.
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { embeddedObjects } from "../../../../lib/embedded/objects.ts";
import { objectsContract } from "../../../support/contracts/objects-contract.ts";
import { noFullDisk } from "../../../support/full-disk.ts";
import { testUnless } from "../../../support/unless.ts";

const TEXT = { contentType: "text/plain" };
const MODULE = join(import.meta.dirname, "../../../../lib/embedded/objects.ts");
/** A process of its own, which may let no file grow. */
const OVERFILL = `
process.on("SIGXFSZ", () => undefined);
const { embeddedObjects } = await import(process.argv[1]);
await embeddedObjects(process.argv[2])
  .put("a", Buffer.alloc(3_000_000), { contentType: "text/plain" })
  .catch(({ type, message, data }) => console.log(JSON.stringify({ type, message, data })));
`;
let home: string;
let folder: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "macjarvis-objects-"));
  folder = join(home, "objects");
});
afterEach(() => rmSync(home, { recursive: true }));

objectsContract("a folder", async (options) => ({
  objects: embeddedObjects(folder, options),
  close: async () => undefined,
}));

describe("objects on the disk", () => {
  test("the folder is made at first use; all of it is its owner's alone", async () => {
    const objects = embeddedObjects(folder);
    expect(existsSync(folder)).toBe(false);
    await objects.put("a/b", Buffer.from("x"), TEXT);
    const modes = [folder, join(folder, "a=b")].map((path) => statSync(path).mode & 0o777);
    expect([modes, readdirSync(folder)]).toEqual([[0o700, 0o600], ["a=b"]]);
  });

  test("what an earlier process left half is removed and never listed", async () => {
    mkdirSync(folder);
    writeFileSync(join(folder, ".tmp-1"), "half");
    const objects = embeddedObjects(folder);
    writeFileSync(join(folder, ".DS_Store"), "of the system");
    expect(await objects.list("")).toEqual([]);
    expect(readdirSync(folder)).toEqual([".DS_Store"]);
  });

  test("a file that was changed or cut is noticed, and one that was put there is no object", async () => {
    const objects = embeddedObjects(folder);
    const damaged = { type: "store_damaged" };
    await objects.put("a", Buffer.from("0123456789"), TEXT);
    const path = join(folder, "a");
    const whole = readFileSync(path);
    writeFileSync(path, Buffer.concat([whole.subarray(0, -1), Buffer.from("x")]));
    await expect(objects.read("a", 100)).rejects.toMatchObject(damaged);
    truncateSync(path, whole.length - 1);
    await expect(objects.get("a")).rejects.toMatchObject(damaged);
    truncateSync(path, 3);
    await expect(objects.head("a")).rejects.toMatchObject(damaged);
    writeFileSync(join(folder, "b"), whole);
    await expect(objects.head("b")).rejects.toMatchObject(damaged);
    symlinkSync(path, join(folder, "link"));
    await expect(objects.head("link")).rejects.toMatchObject({ type: "store_unavailable" });
  });

  testUnless(noFullDisk)("a full disk is said in words and leaves nothing behind", async () => {
    const objects = embeddedObjects(folder);
    await objects.put("a", Buffer.from("before"), TEXT);
    const said = spawnSync(
      "prlimit",
      ["--fsize=2000000:unlimited", process.execPath, "--input-type=module", "-e", OVERFILL, MODULE, folder],
      {
        encoding: "utf8",
      },
    );
    expect([said.stderr, JSON.parse(said.stdout)]).toEqual([
      "",
      {
        type: "store_unavailable",
        message: expect.stringMatching(/no file may grow/),
        data: { retryAfterMs: expect.any(Number) },
      },
    ]);
    expect(readdirSync(folder)).toEqual(["a"]);
    expect((await objects.read("a", 10))?.bytes.toString()).toBe("before");
  });

  test("a folder that cannot be made is said, and is looked for again", async () => {
    writeFileSync(folder, "a file");
    const objects = embeddedObjects(folder);
    await expect(objects.list("")).rejects.toMatchObject({ type: "store_unavailable" });
    rmSync(folder);
    expect(await objects.list("")).toEqual([]);
  });
});
