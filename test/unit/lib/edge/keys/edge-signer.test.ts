// What is signed for Macs, to the letter: nats-server does what stands in it.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { EdgeSigner, sayTheSame } from "../../../../../lib/edge/keys/edge-signer.ts";
import { KEY_FILES, readKeyFile } from "../../../../../lib/edge/keys/key-files.ts";
import { makeKeys } from "../../../../../lib/edge/keys/make-keys.ts";
import { readJwt } from "../../../../../lib/edge/keys/read-jwt.ts";
import { makeKey, Signer } from "../../../../../lib/edge/keys/signatures.ts";

let folder = "";
let signer: EdgeSigner;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "macjarvis-signer-"));
  await makeKeys(folder);
  signer = new EdgeSigner(folder);
});
afterAll(() => rmSync(folder, { recursive: true }));

const DAY_S = 86_400;
const { publicKey } = makeKey("user");
const mac = { publicKey, nodeId: "nod_01abc", name: "Ada's Mac", lifetimeS: 1_800 };

describe("the user of a Mac", () => {
  test("may do exactly what the plan says, for as long as it says, as its key alone", async () => {
    const before = Math.floor(Date.now() / 1_000);
    const { jwt, expiresAt } = await signer.signMacUser(mac);
    const claims = readJwt<object>(jwt);
    expect(claims).toMatchObject({ sub: publicKey, name: "Ada's Mac" });
    expect(claims.iss).toBe(new Signer(readKeyFile(folder, KEY_FILES.edgeSigningSeed)).publicKey);
    expect(claims.nats).toEqual({
      pub: { allow: ["MOL-edge.*.nod_01abc.hub.*"] },
      sub: { allow: ["MOL-edge.*.hub.*.nod_01abc", "MOL-edge.*.hub.*.all"] },
      ...{ subs: 32, data: -1, payload: 8 * 1024 * 1024 },
      allowed_connection_types: ["STANDARD", "WEBSOCKET"],
      issuer_account: readKeyFile(folder, KEY_FILES.edgeAccount),
      ...{ type: "user", version: 2 },
    });
    expect(expiresAt.getTime()).toBe((claims.exp ?? 0) * 1_000);
    expect(claims.exp).toBeGreaterThanOrEqual(before + 1_800);
    expect(claims.exp).toBeLessThanOrEqual(before + 1_860);
  });

  test.each([
    "",
    "hub",
    "all",
    "nod_",
    "nod_a.b",
    "nod_*",
    "nod_>",
    "nod_a b",
    "usr_1",
    "*",
    ">",
    "nod_\u0430",
    `nod_${"a".repeat(200)}`,
  ])("is not made for the node id %j, which could be read as something else in a subject", async (nodeId) => {
    await expect(signer.signMacUser({ ...mac, nodeId })).rejects.toThrow(/is no id of a node/);
  });

  test.each([makeKey("account").publicKey, makeKey("user").seed, "", "U", `${publicKey}A`])(
    "is not made for what is no key of a Mac",
    async (key) => {
      await expect(signer.signMacUser({ ...mac, publicKey: key })).rejects.toThrow(/no public key/);
    },
  );

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, DAY_S + 1])(
    "does not live %d s",
    async (lifetimeS) => {
      await expect(signer.signMacUser({ ...mac, lifetimeS })).rejects.toThrow(/lives 1 to/);
    },
  );

  test.each(["客厅", "Zoë’s Mac", "🖥", "a\nb", ""])(
    "is named after its id where it is called %j",
    async (name) => {
      const { jwt } = await signer.signMacUser({ ...mac, name });
      expect(readJwt<object>(jwt).name).toBe(mac.nodeId);
    },
  );

  test("has a name of bounded length, whatever it is called", async () => {
    const { jwt } = await signer.signMacUser({ ...mac, name: "x".repeat(100_000) });
    expect(jwt.length).toBeLessThan(2_000);
  });
});

describe("the claims of the account", () => {
  const revocationsIn = (jwt: string) =>
    readJwt<{ revocations: Record<string, number> }>(jwt).nats.revocations;

  test("revoke all that was signed for a key, and what somebody may yet sign in the day after", async () => {
    const revokedAt = Date.now();
    const jwt = await signer.edgeAccountClaims([{ publicKey, revokedAt }]);
    expect(revocationsIn(jwt)).toEqual({ [publicKey]: Math.floor(revokedAt / 1_000) + DAY_S });
  });

  test("say the same of the same keys, in whatever order and whenever", async () => {
    const revoked = [publicKey, makeKey("user").publicKey].map((key) => ({
      publicKey: key,
      revokedAt: 1e12,
    }));
    const nowMs = 1e12 + 1;
    const one = await signer.edgeAccountClaims(revoked, nowMs);
    expect(sayTheSame(one, await signer.edgeAccountClaims(revoked.toReversed(), nowMs))).toBe(true);
    const fewer = await signer.edgeAccountClaims(revoked.slice(1), nowMs);
    expect(sayTheSame(one, fewer)).toBe(false);
    expect(sayTheSame(one, fewer, ["revocations"])).toBe(true);
  });

  test("do not grow for ever: by a month later nothing that was signed for the key is good any more", async () => {
    const revoked = [{ publicKey, revokedAt: 0 }];
    expect(revocationsIn(await signer.edgeAccountClaims(revoked, 29 * DAY_S * 1_000))).toHaveProperty(
      publicKey,
    );
    expect(revocationsIn(await signer.edgeAccountClaims(revoked, 31 * DAY_S * 1_000))).toEqual({});
  });

  test("are those that the folder was made with, as long as nobody is revoked", async () => {
    const { readFileSync } = await import("node:fs");
    const made = readFileSync(join(folder, "resolver", `${signer.account}.jwt`), "utf8").trim();
    expect(sayTheSame(made, await signer.edgeAccountClaims([]))).toBe(true);
  });
});

test.each(["", "a.b", "a.b.c", "a.b.c.d", `${"e30"}.${"e30"}.${"A".repeat(86)}`, "bnVsbA.bnVsbA.x"])(
  "%j is no JWT",
  (text) => expect(() => readJwt(text)).toThrow(/no JWT/),
);

test("a JWT whose words were changed, or that names another signer, is none", async () => {
  const { jwt } = await signer.signMacUser(mac);
  const [header, body = "", signature] = jwt.split(".");
  const changed = (from: string, to: string) =>
    [
      header,
      Buffer.from(Buffer.from(body, "base64url").toString().replace(from, to)).toString("base64url"),
      signature,
    ].join(".");
  expect(() => readJwt(changed("nod_01abc", "nod_01abd"))).toThrow(/no JWT/);
  const { iss } = readJwt(jwt);
  expect(() => readJwt(changed(iss, makeKey("account").publicKey))).toThrow(/no JWT/);
});
