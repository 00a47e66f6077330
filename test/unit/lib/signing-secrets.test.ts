import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { deriveIdentityKey, loadSigningSecrets } from "../../../lib/signing-secrets.ts";

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "macjarvis-secrets-"));
});
afterEach(() => rmSync(home, { recursive: true }));

describe("signing secrets", () => {
  test("are made once, readable by the owner only, and are the same at the next start", () => {
    const [made] = loadSigningSecrets(home);
    expect(made?.length).toBeGreaterThanOrEqual(32);
    expect(loadSigningSecrets(home)).toEqual([made]);
    expect(statSync(join(home, "jwt-secret")).mode & 0o777).toBe(0o600);
  });

  test("come from the environment when it has some, in its order, and no file is made", () => {
    expect(loadSigningSecrets(home, ["first", "second"])).toEqual(["first", "second"]);
    expect(() => statSync(join(home, "jwt-secret"))).toThrow("ENOENT");
  });

  test("a file that others could read is closed to them", () => {
    writeFileSync(join(home, "jwt-secret"), "x".repeat(40), { mode: 0o644 });
    loadSigningSecrets(home);
    expect(statSync(join(home, "jwt-secret")).mode & 0o777).toBe(0o600);
  });

  test("a file with too little in it is refused with what to do", () => {
    writeFileSync(join(home, "jwt-secret"), "short");
    expect(() => loadSigningSecrets(home)).toThrow(/restore it, or remove it/);
  });

  test("the identity key is 32 bytes, the same for the same secret and another for another", () => {
    expect(deriveIdentityKey("a")).toHaveLength(32);
    expect(deriveIdentityKey("a")).toEqual(deriveIdentityKey("a"));
    expect(deriveIdentityKey("a")).not.toEqual(deriveIdentityKey("b"));
  });
});
