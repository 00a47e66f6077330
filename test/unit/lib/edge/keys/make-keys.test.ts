// The folder of keys: all of it or nothing, and what is there is kept.
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { EdgeSigner } from "../../../../../lib/edge/keys/edge-signer.ts";
import { ALL_KEY_FILES, KEY_FILES, readKeyFile } from "../../../../../lib/edge/keys/key-files.ts";
import { makeKeys } from "../../../../../lib/edge/keys/make-keys.ts";
import { readJwt } from "../../../../../lib/edge/keys/read-jwt.ts";
import { Signer } from "../../../../../lib/edge/keys/signatures.ts";

let parent = "";
let folder = "";
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "macjarvis-keys-"));
  folder = join(parent, "edge");
});
afterEach(() => rmSync(parent, { recursive: true }));

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);
const filesIn = (where: string) => readdirSync(where, { recursive: true, encoding: "utf8" }).toSorted();
/** Each file with what is in it. */
const contents = () =>
  Object.fromEntries(
    filesIn(folder)
      .filter((name) => statSync(join(folder, name)).isFile())
      .map((name) => [name, readFileSync(join(folder, name), "utf8")]),
  );
type Claims = { sub: string; iss: string; name: string; nats: Record<string, unknown> };
const claimsOf = (jwt: string) => readJwt<Record<string, unknown>>(jwt.trim()) as Claims;
const accounts = () =>
  readdirSync(join(folder, "resolver")).map((name) => ({
    file: name,
    claims: claimsOf(readFileSync(join(folder, "resolver", name), "utf8")),
  }));
const userIn = (file: string) => claimsOf(/JWT-+\s+(\S+)/.exec(contents()[file] ?? "")?.[1] ?? "");

describe("a new folder of keys", () => {
  test("has every file, closed to others, and nothing that is half done", async () => {
    expect(await makeKeys(folder)).toEqual({ state: "made", taken: [] });
    expect(readdirSync(folder).toSorted()).toEqual([...ALL_KEY_FILES, "resolver"].toSorted());
    expect(modeOf(folder)).toBe("700");
    for (const name of filesIn(folder))
      expect([name, modeOf(join(folder, name))]).toEqual([name, name === "resolver" ? "700" : "600"]);
  });

  test("is one chain of trust: the operator names its signing key, which has signed all accounts", async () => {
    await makeKeys(folder);
    const operator = claimsOf(readKeyFile(folder, KEY_FILES.operatorJwt));
    const signing = new Signer(readKeyFile(folder, KEY_FILES.operatorSigningSeed)).publicKey;
    expect(operator.sub).toBe(new Signer(readKeyFile(folder, KEY_FILES.operatorSeed)).publicKey);
    expect(operator.nats).toMatchObject({ signing_keys: [signing] });
    const made = accounts();
    expect(made.map(({ claims }) => claims.name).toSorted()).toEqual(["CORE", "EDGE", "SYS"]);
    for (const { file, claims } of made) {
      expect(claims.iss).toBe(signing);
      expect(file).toBe(`${claims.sub}.jwt`);
    }
    const named = (name: string) => made.find(({ claims }) => claims.name === name)?.claims.sub;
    expect(operator.nats.system_account).toBe(named("SYS"));
    expect(userIn("system.creds").iss).toBe(named("SYS"));
    expect(userIn("core.creds").iss).toBe(named("CORE"));
    const edge = new Signer(readKeyFile(folder, KEY_FILES.edgeSigningSeed)).publicKey;
    expect(userIn("hub.creds")).toMatchObject({ iss: edge, nats: { issuer_account: named("EDGE") } });
    expect(readKeyFile(folder, KEY_FILES.edgeAccount)).toBe(named("EDGE"));
  });

  test("gives the edge connections and no JetStream, the core JetStream, and users without rights nothing", async () => {
    await makeKeys(folder);
    const limits = (name: string) =>
      accounts().find(({ claims }) => claims.name === name)?.claims.nats as {
        limits: Record<string, number>;
      };
    expect(limits("EDGE")).toMatchObject({
      limits: {
        conn: 20_000,
        payload: 8 * 1024 * 1024,
        mem_storage: 0,
        disk_storage: 0,
        streams: 0,
        leaf: 0,
      },
      default_permissions: { pub: { deny: [">"] }, sub: { deny: [">"] } },
    });
    expect(limits("CORE")).toMatchObject({ limits: { conn: -1, disk_storage: -1, streams: -1 } });
  });

  test("gives hub and system user the least rights", async () => {
    await makeKeys(folder);
    expect(userIn("hub.creds").nats).toMatchObject({
      pub: { allow: ["MOL-edge.*.hub.*.*"] },
      sub: { allow: ["MOL-edge.*.*.hub.*"] },
    });
    const edge = readKeyFile(folder, KEY_FILES.edgeAccount);
    expect(userIn("system.creds").nats).toMatchObject({
      pub: { allow: [`$SYS.REQ.ACCOUNT.${edge}.CLAIMS.UPDATE`, `$SYS.REQ.ACCOUNT.${edge}.CLAIMS.LOOKUP`] },
      sub: { allow: ["_INBOX.>"] },
    });
  });

  test("no two are alike", async () => {
    await makeKeys(folder);
    const first = contents();
    rmSync(folder, { recursive: true });
    await makeKeys(folder);
    for (const name of ALL_KEY_FILES) expect(contents()[name]).not.toBe(first[name]);
  });
});

describe("a folder that is there", () => {
  test("is kept as it is, whatever may be taken away", async () => {
    await makeKeys(folder);
    for (const file of ["operator.seed", "operator.jwt", "core.creds"]) rmSync(join(folder, file));
    const before = contents();
    expect(await makeKeys(folder)).toEqual({
      state: "kept",
      taken: ["operator.seed", "operator.jwt", "core.creds"],
    });
    expect(contents()).toEqual(before);
  });

  test("is closed to others again", async () => {
    await makeKeys(folder);
    chmodSync(folder, 0o755);
    chmodSync(join(folder, "hub.creds"), 0o644);
    await makeKeys(folder);
    expect([modeOf(folder), modeOf(join(folder, "hub.creds"))]).toEqual(["700", "600"]);
  });

  test.each(["grants.seed", "edge-signing.seed", "system.creds", "edge-account.pub"])(
    "that has lost %s is explained, and nothing is made in its place",
    async (file) => {
      await makeKeys(folder);
      rmSync(join(folder, file));
      const before = contents();
      await expect(makeKeys(folder)).rejects.toThrow(
        new RegExp(`lack ${file}\\. New ones would not fit.*npm run doctor -- nats init`),
      );
      expect(contents()).toEqual(before);
    },
  );

  test("that lacks what follows from another key is completed", async () => {
    await makeKeys(folder);
    const before = contents();
    rmSync(join(folder, "grants.pub"));
    expect(await makeKeys(folder)).toEqual({ state: "kept", taken: [] });
    expect(contents()).toEqual(before);
  });

  test("that is empty is used, and one with other things is not", async () => {
    mkdirSync(folder);
    await makeKeys(folder);
    const other = join(parent, "other");
    mkdirSync(other, { mode: 0o755 });
    writeFileSync(join(other, "nginx.conf"), "");
    await expect(makeKeys(other)).rejects.toThrow(/no keys of the edge, but other things \(nginx\.conf\)/);
    expect([modeOf(other), filesIn(other)]).toEqual(["755", ["nginx.conf"]]);
  });

  test("where nothing can be made is told in words", async () => {
    writeFileSync(folder, "");
    await expect(makeKeys(folder)).rejects.toThrow(/cannot be used: .*EDGE_KEYS/);
  });
});

describe("a process that ended while it made them", () => {
  test("left a set that is no one's: another is made, and what is old is removed", async () => {
    const [old, young] = [join(folder, ".new-1"), join(folder, ".new-2")];
    for (const left of [old, young]) {
      mkdirSync(left, { recursive: true });
      writeFileSync(join(left, "grants.seed"), "SN");
    }
    utimesSync(old, 0, 0);
    expect(await makeKeys(folder)).toMatchObject({ state: "made" });
    expect([existsSync(old), existsSync(young)]).toEqual([false, true]);
    expect(readKeyFile(folder, KEY_FILES.grantsSeed)).toMatch(/^SN[A-Z2-7]{56}$/);
  });

  test.each([0, 1, 5, 20])("left it half moved (%i of its files): the rest follows", async (moved) => {
    await makeKeys(folder);
    const whole = contents();
    const ready = join(folder, ".ready");
    renameSync(folder, join(parent, "whole"));
    mkdirSync(folder);
    renameSync(join(parent, "whole"), ready);
    // As it is moved: the file that tells whose the folder is comes first.
    const order = [KEY_FILES.edgeAccount, ...ALL_KEY_FILES.filter((file) => file !== KEY_FILES.edgeAccount)];
    for (const file of order.slice(0, moved)) linkSync(join(ready, file), join(folder, file));
    expect(await makeKeys(folder)).toMatchObject({ state: "kept" });
    expect(contents()).toEqual(whole);
    expect(existsSync(ready)).toBe(false);
  });

  test("or several at once: one set comes of it", async () => {
    await Promise.all(Array.from({ length: 5 }, () => makeKeys(folder)));
    expect(readdirSync(folder).toSorted()).toEqual([...ALL_KEY_FILES, "resolver"].toSorted());
    expect(accounts()).toHaveLength(3);
    const signer = new EdgeSigner(folder);
    expect(accounts().map(({ claims }) => claims.sub)).toContain(signer.account);
    expect(claimsOf(await signer.edgeAccountClaims([])).iss).toBe(accounts()[0]?.claims.iss);
  });
});

test("a key that is missing is named, with the command that makes a folder", () => {
  expect(() => readKeyFile(folder, KEY_FILES.hubCreds)).toThrow(
    /lack hub\.creds.*npm run doctor -- nats init/,
  );
});
