import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { pino } from "pino";
import type { Answer } from "../../../../mac-node/program/ask-server.ts";
import { CredentialKeeper, type KeeperSettings } from "../../../../mac-node/program/credential-keeper.ts";
import type { Identity, StoredCredentials } from "../../../../mac-node/program/identity.ts";
import { makeKey, type NodeKey } from "../../../../mac-node/program/key.ts";
import { NodeProblem } from "../../../../mac-node/program/problem.ts";
import { GRANT_KEY } from "../../../support/pairing-server.ts";

const MINUTE_MS = 60_000;
const START = Date.parse("2026-01-01T00:00:00Z");

let key: NodeKey;
let keeper: CredentialKeeper;
let asked: { at: number; body: { issued_at: string } }[];
let answers: () => Answer | Error;
let saved: StoredCredentials[];
let troubles: (string | undefined)[];
let revoked: number;

const identity = () =>
  ({
    node_id: "nod_1",
    server: "https://m.example",
    public_key: key.publicKey,
    grant_keys: [GRANT_KEY],
  }) as Identity;

/** As the server gives them, `offsetMs` ahead of this Mac's clock. */
function credentials(jwt = "a.b.c", offsetMs = 0, lifeMs = 30 * MINUTE_MS): StoredCredentials {
  const now = Date.now() + offsetMs;
  return {
    jwt,
    expires_at: new Date(now + lifeMs).toISOString(),
    edge_url: "tls://edge",
    grant_keys: [GRANT_KEY],
    server_time: new Date(now).toISOString(),
    offset_ms: offsetMs,
  };
}
const given = (found: StoredCredentials): Answer => ({ status: 200, body: found, retryAfterMs: undefined });
const refused = (status: number, code: string, retryAfterMs?: number): Answer => ({
  status,
  body: { code, detail: code },
  retryAfterMs,
});

function open(stored: StoredCredentials | undefined, over: Partial<KeeperSettings> = {}): void {
  keeper = new CredentialKeeper({
    identity: identity(),
    access: { url: "https://m.example" },
    key,
    stored,
    log: pino({ level: "silent" }),
    async ask(_access, _path, body) {
      asked.push({ at: Date.now(), body: body as { issued_at: string } });
      const answer = answers();
      if (answer instanceof Error) throw answer;
      return answer;
    },
    save: (found) => void saved.push(found),
    revoked: () => {
      revoked += 1;
    },
    trouble: (error) => void troubles.push(error && (error as NodeProblem).problem.kind),
    random: () => 0.5,
    ...over,
  });
}

beforeEach(async () => {
  jest.useFakeTimers({ now: START, doNotFake: ["nextTick", "setImmediate", "queueMicrotask"] });
  key = await makeKey();
  asked = [];
  saved = [];
  troubles = [];
  revoked = 0;
  answers = () => given(credentials("d.e.f"));
});
afterEach(() => {
  keeper.stop();
  jest.useRealTimers();
});

const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms);

describe("credentials", () => {
  test("are used while they are good and renewed at half of their life", async () => {
    open(credentials());
    keeper.start();
    await pass(14 * MINUTE_MS);
    expect(asked).toEqual([]);
    await expect(keeper.current()).resolves.toMatchObject({ jwt: "a.b.c" });
    await pass(2 * MINUTE_MS);
    expect(asked).toHaveLength(1);
    expect(saved).toHaveLength(1);
    await expect(keeper.current()).resolves.toMatchObject({ jwt: "d.e.f" });
  });

  test("that have expired are waited for, by everybody at once with one request", async () => {
    open(credentials("a.b.c", 0, -1_000));
    const both = Promise.all([keeper.current(), keeper.current()]);
    await pass(0);
    await expect(both).resolves.toMatchObject([{ jwt: "d.e.f" }, { jwt: "d.e.f" }]);
    expect(asked).toHaveLength(1);
  });

  test("count by the server's clock: a Mac that is an hour behind asks with the right time", async () => {
    open(credentials("a.b.c", 60 * MINUTE_MS));
    keeper.start();
    await pass(16 * MINUTE_MS);
    const [question] = asked;
    expect(Date.parse(question?.body.issued_at ?? "")).toBe((question?.at ?? 0) + 60 * MINUTE_MS);
  });

  test("are asked for after longer and longer pauses while the server is away, and the last ones stay in use", async () => {
    answers = () =>
      new NodeProblem({ kind: "unreachable", url: "https://m.example", error: new Error("away") });
    open(credentials());
    keeper.start();
    await pass(20 * MINUTE_MS);
    const pauses = asked.slice(1).map(({ at }, index) => at - (asked[index]?.at ?? 0));
    expect(asked.length).toBeGreaterThan(4);
    expect(asked.length).toBeLessThan(14);
    expect(pauses.at(-1)).toBeGreaterThanOrEqual(45_000);
    await expect(keeper.current()).resolves.toMatchObject({ jwt: "a.b.c" });
    expect(new Set(troubles)).toEqual(new Set(["unreachable"]));
    answers = () => given(credentials("d.e.f"));
    await pass(2 * MINUTE_MS);
    expect(troubles.at(-1)).toBeUndefined();
  });

  test("are asked for with the time that a refusal says it is, where this Mac's clock was set", async () => {
    answers = () => ({ ...refused(401, "unauthenticated"), serverTime: Date.now() - 60 * MINUTE_MS });
    open(credentials());
    keeper.start();
    await pass(5 * MINUTE_MS);
    jest.setSystemTime(Date.now() + 60 * MINUTE_MS);
    await pass(MINUTE_MS);
    expect(asked).toHaveLength(1);
    // They are younger than it seemed: there is time.
    await pass(8 * MINUTE_MS);
    expect(asked).toHaveLength(1);
    await pass(2 * MINUTE_MS);
    const { at, body } = asked.at(-1) ?? { at: 0, body: { issued_at: "" } };
    expect(asked.length).toBeGreaterThan(1);
    expect(Date.parse(body.issued_at)).toBe(at - 60 * MINUTE_MS);
  });

  test("a server that asks for a pause gets it", async () => {
    answers = () => refused(429, "too_many_requests", 5 * MINUTE_MS);
    open(undefined);
    keeper.start();
    await pass(4 * MINUTE_MS);
    expect(asked).toHaveLength(1);
    await pass(2 * MINUTE_MS);
    expect(asked).toHaveLength(2);
  });

  test.each([401, 403, 410])(
    "a Mac that is revoked (%i) asks no more, and whoever waits is told",
    async (status) => {
      answers = () => refused(status, "node_revoked");
      open(undefined);
      keeper.start();
      const waiting = keeper.current().catch((thrown: NodeProblem) => thrown.problem.kind);
      await pass(60 * MINUTE_MS);
      await expect(waiting).resolves.toBe("revoked");
      await expect(keeper.current()).rejects.toMatchObject({ problem: { kind: "revoked" } });
      expect({ asked: asked.length, revoked }).toEqual({ asked: 1, revoked: 1 });
    },
  );

  test("a 401 of somebody on the way is no revocation", async () => {
    answers = () => refused(401, "unauthenticated");
    open(undefined);
    keeper.start();
    await pass(10 * MINUTE_MS);
    expect(revoked).toBe(0);
    expect(asked.length).toBeGreaterThan(3);
  });

  test("keep the grant keys of the pairing, whatever the server names later", async () => {
    answers = () => given({ ...credentials("d.e.f"), grant_keys: ["B".repeat(56)] });
    open(undefined);
    const found = keeper.current();
    await pass(0);
    await expect(found).resolves.toMatchObject({ jwt: "d.e.f", grant_keys: [GRANT_KEY] });
  });

  test("that no disk takes are used all the same", async () => {
    open(undefined, {
      save() {
        throw new Error("full");
      },
    });
    const found = keeper.current();
    await pass(0);
    await expect(found).resolves.toMatchObject({ jwt: "d.e.f" });
    await pass(MINUTE_MS);
    expect(asked).toHaveLength(1);
  });
});
