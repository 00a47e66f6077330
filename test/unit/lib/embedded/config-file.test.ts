import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { fileConfig } from "../../../../lib/embedded/config-file.ts";
import { configContract } from "../../../support/contracts/config-contract.ts";

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "macjarvis-config-"));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

configContract("a file", async () => {
  const config = fileConfig(home);
  return { config, other: config, close: async () => undefined };
});

describe("the file of the configuration", () => {
  const path = () => join(home, "config.json");

  test("is made by the first change only, for its owner only, and read again at the next start", async () => {
    const config = fileConfig(home);
    expect(readdirSync(home)).toEqual([]);
    await config.write(0, { id: "a" });
    await config.write(1, { id: "b" });
    expect(readdirSync(home)).toEqual(["config.json"]);
    expect(statSync(path()).mode & 0o777).toBe(0o600);
    const again = fileConfig(home);
    expect(await again.history()).toEqual([
      { revision: 2, document: { id: "b" } },
      { revision: 1, document: { id: "a" } },
    ]);
    await expect(again.write(1, { id: "c" })).rejects.toMatchObject({ type: "conflict" });
  });

  test.each(["", "{", "[]", '{"values": 1}', '{"values":[{"revision":"x"}]}', "\0\0\0"])(
    "one that says %j is told as what cannot be read, and is kept beside the next change",
    async (text) => {
      writeFileSync(path(), text);
      const config = fileConfig(home);
      expect(await config.read()).toEqual({ revision: 0, document: undefined });
      expect(await config.history()).toEqual([]);
      expect(await config.write(0, { id: "a" })).toBe(1);
      expect(readFileSync(`${path()}.unreadable`, "utf8")).toBe(text);
      expect(await fileConfig(home).history()).toEqual([{ revision: 1, document: { id: "a" } }]);
    },
  );

  test("a change that cannot be written is refused and holds nowhere", async () => {
    const config = fileConfig(home);
    const told: unknown[] = [];
    config.watch((stored) => told.push(stored));
    rmSync(home, { recursive: true });
    writeFileSync(home, "a file where the folder was");
    await expect(config.write(0, { id: "a" })).rejects.toMatchObject({ type: "store_unavailable" });
    expect([await config.read(), told]).toEqual([undefined, [undefined]]);
  });
});
