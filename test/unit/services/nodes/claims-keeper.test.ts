// The claims of the edge in a nats-server that a test holds in its hand: away, forgetful, slow, shared by two processes.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { decode } from "@nats-io/jwt";
import { EdgeSigner, type Revoked } from "../../../../lib/edge/keys/edge-signer.ts";
import { makeKeys } from "../../../../lib/edge/keys/make-keys.ts";
import { makeKey } from "../../../../lib/edge/keys/signatures.ts";
import { ClaimsKeeper } from "../../../../services/nodes/edge/claims-keeper.ts";
import { waitFor } from "../../../support/wait-for.ts";

let folder: string;
let signer: EdgeSigner;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "macjarvis-claims-"));
  await makeKeys(folder);
  signer = new EdgeSigner(folder);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** What nats-server has, and what the registry says. */
let held: string | undefined;
let registry: Revoked[];
let isAway: boolean;
let pushes: number;
let returned: () => void;
const said: string[] = [];
const keepers: ClaimsKeeper[] = [];
beforeEach(() => {
  [held, registry, isAway, pushes] = [undefined, [], false, 0];
  said.length = 0;
});
afterEach(() => Promise.all(keepers.splice(0).map((keeper) => keeper.stop())));

const revoke = () => registry.push({ publicKey: makeKey("user").publicKey, revokedAt: Date.now() });
const namedIn = (jwt: string | undefined) =>
  Object.keys(decode<{ revocations?: object }>(jwt ?? "").nats.revocations ?? {}).toSorted();
const wanted = () => registry.map(({ publicKey }) => publicKey).toSorted();

function keeper({ everyMs = 60_000, before = async () => {} } = {}): ClaimsKeeper {
  const there = () => {
    if (isAway) throw new Error("the nats-server of the edge is away");
  };
  const made = new ClaimsKeeper({
    everyMs,
    async open() {
      there();
      return {
        async pushClaims(jwt) {
          await before();
          there();
          held = jwt;
          pushes += 1;
        },
        async readClaims() {
          there();
          return held;
        },
        onReturn: (listener) => {
          returned = listener;
        },
        close: async () => undefined,
      };
    },
    read: async () => [...registry],
    sign: (revoked) => signer.edgeAccountClaims(revoked),
    log: { warn: (_: object, words: string) => said.push(words), info: () => undefined } as never,
  });
  keepers.push(made);
  return made;
}

describe("the claims of the edge", () => {
  test("are pushed when they are not what the registry says, and left alone when they are", async () => {
    revoke();
    keeper({ everyMs: 20 }).start();
    await waitFor("the first push", () => held !== undefined);
    expect(namedIn(held)).toEqual(wanted());
    const before = pushes;
    registry = [...registry];
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(pushes).toBe(before);
    held = undefined;
    await waitFor("what was lost", () => held !== undefined);
  });

  test("are pushed once more when another process has pushed what it had read before", async () => {
    revoke();
    let let_go = () => {};
    const held_back = new Promise<void>((resolve) => {
      let_go = resolve;
    });
    let isFirst = true;
    const slow = keeper({
      async before() {
        if (isFirst) await held_back;
        isFirst = false;
      },
    });
    const slowly = slow.push();
    await new Promise((resolve) => setTimeout(resolve, 50));
    revoke();
    expect(await keeper().push()).toBe(true);
    expect(namedIn(held)).toEqual(wanted());
    let_go();
    expect(await slowly).toBe(true);
    expect(namedIn(held)).toEqual(wanted());
  });

  test("many changes at once share a push, and each of them is in it", async () => {
    const one = keeper();
    const all = Array.from({ length: 20 }, () => {
      revoke();
      return one.push();
    });
    expect(await Promise.all(all)).toEqual(all.map(() => true));
    expect(namedIn(held)).toEqual(wanted());
    expect(pushes).toBeLessThan(6);
  });

  test("that cannot be pushed are said once, and pushed as soon as nats-server is there", async () => {
    isAway = true;
    const one = keeper();
    one.start();
    revoke();
    expect(await one.push()).toBe(false);
    expect(await one.push()).toBe(false);
    expect(said).toHaveLength(1);
    isAway = false;
    await waitFor("the push", () => held !== undefined);
    expect(namedIn(held)).toEqual(wanted());
  });

  test("are looked at when nats-server is there again, since it may have lost them", async () => {
    const one = keeper();
    one.start();
    await waitFor("the first push", () => held !== undefined);
    held = undefined;
    returned();
    await waitFor("the second push", () => held !== undefined);
  });
});
