import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { RunProgram } from "../../../../mac-node/program/run-program.ts";
import { SecretStore } from "../../../../mac-node/secrets/secret-store.ts";

let folder = "";
let path = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "macjarvis-secrets-"));
  path = join(folder, "secrets.json");
});
afterEach(() => rmSync(folder, { recursive: true }));

const VALUE = "a \"value\" with 'quotes', $(id) and ü\nin two lines";

/** security(1) as it is documented: what it is called with is recorded, what `-i` reads is carried out. */
function keychain(refuses?: string): { run: RunProgram; argvs: string[][]; inputs: string[] } {
  const items = new Map<string, string>();
  const argvs: string[][] = [];
  const inputs: string[] = [];
  const run: RunProgram = async (argv, input = "") => {
    argvs.push(argv);
    if (argv[1] === "-i") {
      inputs.push(input);
      const words = /^add-generic-password -U -a (\w+) -s ([\w-]+) -l "MacJarvis \w+" -w (\S+)\n$/.exec(
        input,
      );
      if (!words || refuses) return { code: 0, stdout: "", stderr: refuses ?? "usage" };
      items.set(`${words[1]} ${words[2]}`, words[3] ?? "");
      return { code: 0, stdout: "", stderr: "" };
    }
    const [, verb, , account, , service] = argv;
    const key = `${account} ${service}`;
    const missing =
      "security: SecKeychainSearchCopyNext: The specified item could not be found in the keychain.\n";
    if (refuses) return { code: 36, stdout: "", stderr: refuses };
    if (!items.has(key)) return { code: 44, stdout: "", stderr: missing };
    if (verb === "delete-generic-password") items.delete(key);
    return { code: 0, stdout: verb === "find-generic-password" ? `${items.get(key)}\n` : "", stderr: "" };
  };
  return { run, argvs, inputs };
}

describe("on macOS", () => {
  test("a value goes to the keychain by standard input, never in an argument, and comes back as it was", async () => {
    const { run, argvs, inputs } = keychain();
    const store = new SecretStore(path, "darwin", run);
    expect(await store.set("TOKEN", VALUE)).toBeUndefined();
    expect(await store.get("TOKEN")).toBe(VALUE);
    expect(argvs[0]).toEqual(["/usr/bin/security", "-i"]);
    const kept = Buffer.from(VALUE).toString("base64");
    expect(inputs[0]).toContain(`-w ${kept}\n`);
    expect(JSON.stringify(argvs)).not.toContain(kept);
    expect(readFileSync(path, "utf8")).not.toContain("value");
    expect(store.list().map(({ name }) => name)).toEqual(["TOKEN"]);
    expect(await store.remove("TOKEN")).toBe(true);
    expect(argvs.at(-1)?.slice(0, 4)).toEqual([
      "/usr/bin/security",
      "delete-generic-password",
      "-a",
      "TOKEN",
    ]);
    expect(await store.get("TOKEN")).toBeUndefined();
  });

  test("all values are told, asked for once, and those that cannot be told now a minute later at best", async () => {
    const { run, argvs } = keychain();
    const store = new SecretStore(path, "darwin", run);
    await store.set("TOKEN", VALUE);
    expect(await store.all()).toEqual([VALUE]);
    const asked = argvs.length;
    expect(await store.all()).toBe(await store.all());
    expect(argvs).toHaveLength(asked);
    await store.set("OTHER", "other-value");
    expect(await store.all()).toEqual([VALUE, "other-value"]);
    const locked = keychain("security: User interaction is not allowed.");
    const later = new SecretStore(path, "darwin", locked.run);
    expect(await later.all()).toEqual([]);
    expect(await later.all()).toEqual([]);
    expect(locked.argvs).toHaveLength(2);
  });

  test("the longest value fits into a line that security reads", async () => {
    const { run, inputs } = keychain();
    expect(await new SecretStore(path, "darwin", run).set("A".repeat(64), "x".repeat(2_900))).toBeUndefined();
    // MAX_LINE_LEN of security.c
    expect(inputs[0]?.length).toBeLessThan(4_096);
  });

  test("a keychain that is locked is told in words, and nothing is kept", async () => {
    const { run } = keychain("security: SecKeychainItemCopyContent: User interaction is not allowed.");
    const store = new SecretStore(path, "darwin", run);
    await expect(store.set("TOKEN", VALUE)).rejects.toThrow("The keychain is locked");
    expect(store.list()).toEqual([]);
  });
});

describe("elsewhere", () => {
  test("values are in a file for their owner alone", async () => {
    const store = new SecretStore(path, "linux");
    await store.set("B", VALUE, new Date("2026-01-01T00:00:00Z"));
    await store.set("A", "another value");
    expect(await new SecretStore(path, "linux").get("B")).toBe(VALUE);
    expect(store.list()).toMatchObject([{ name: "A" }, { name: "B", setAt: "2026-01-01T00:00:00.000Z" }]);
    expect(await store.get("constructor")).toBeUndefined();
    expect(await store.remove("C")).toBe(false);
  });

  test.each([
    ["small", "name", "long enough"],
    ["__PROTO__", "name", "long enough"],
    ["SHORT", "short", "12345"],
    ["LONG", "long", "x".repeat(2_901)],
    ["NUL", "nul", "long\0enough"],
  ])("%s is not taken: %s", async (name, why, value) => {
    expect(await new SecretStore(path, "linux").set(name, value)).toBe(why);
  });
});
