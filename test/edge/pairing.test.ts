// Pairing and revoking over HTTP, with a real server and a real nats-server: what a Mac is given opens the edge to it, and its end ends it.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import type { NatsConnection } from "nats";
import { keyFingerprint } from "../../lib/key-fingerprint.ts";
import { Client, register } from "../support/client.ts";
import { type Opened, pairMac, TestMac } from "../support/edge/pair-mac.ts";
import { type EdgeServer, startEdgeServer } from "../support/edge/start-edge-server.ts";
import { type Stack, startStack } from "../support/stack.ts";
import { waitFor } from "../support/wait-for.ts";

type Person = Awaited<ReturnType<typeof register>>;

let edge: EdgeServer;
let stack: Stack;
let user: Person;
const opened: NatsConnection[] = [];
const REFUSED = /Authorization Violation/;

beforeAll(async () => {
  edge = await startEdgeServer();
  stack = await startStack({
    EDGE_URL: edge.url,
    EDGE_KEYS: edge.keysFolder,
    TRUSTED_PROXIES: "127.0.0.1",
    ALLOWED_HOSTS: "jarvis.example",
  });
  user = await register(stack.server.url);
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((connection) => connection.close()));
});
afterAll(async () => {
  await stack.stop();
  await edge.stop();
});

async function come(mac: TestMac): Promise<NatsConnection> {
  const connection = await mac.connect();
  opened.push(connection);
  return connection;
}
const open = async (by: Client = user) => (await by.call<Opened>("POST", "/nodes/pairings", {})).body;
const pairingOf = async ({ id }: Opened) => (await user.call("GET", `/nodes/pairings/${id}`)).body;

describe("pairing", () => {
  test("goes from the code over the fingerprint to a connection, and may be repeated at each step", async () => {
    const begun = await user.call<Opened>("POST", "/nodes/pairings", { name: "in the studio" });
    expect(begun.status).toBe(201);
    const { id, code, command } = begun.body;
    expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}$/);
    expect(command).toBe(`npm run node -- join ${stack.server.url} ${code}`);
    expect(await stack.stored()).not.toContain(code.replace("-", ""));
    expect(await pairingOf(begun.body)).toMatchObject({ status: "waiting", fingerprint: null });
    const early = await user.call("POST", `/nodes/pairings/${id}/confirm`, {});
    expect(early).toMatchObject({ status: 409, body: { code: "pairing_not_redeemed" } });

    const mac = new TestMac(user.url);
    const fingerprint = keyFingerprint(mac.key.publicKey);
    for (let again = 0; again < 3; again += 1)
      expect(await mac.redeem(code.toLowerCase())).toMatchObject({
        status: 200,
        body: { status: "waiting", fingerprint },
      });
    expect(await pairingOf(begun.body)).toMatchObject({
      ...{ status: "redeemed", name: "studio", platform: "darwin", version: "0.1.0", fingerprint },
    });
    expect(JSON.stringify((await user.call("GET", "/nodes")).body)).not.toContain("in the studio");

    const wrong = { fingerprint: "0000 1111 2222 3333 4444" };
    expect(await user.call("POST", `/nodes/pairings/${id}/confirm`, wrong)).toMatchObject({
      ...{ status: 409, body: { code: "fingerprint_differs" } },
    });
    const said = { fingerprint: fingerprint.toUpperCase().replaceAll(" ", "-") };
    const confirmed = await user.call<{ node: { id: string } }>(
      "POST",
      `/nodes/pairings/${id}/confirm`,
      said,
    );
    expect(confirmed).toMatchObject({
      status: 200,
      body: { node: { name: "in the studio", status: "offline", platform: "darwin", fingerprint } },
    });
    expect((await user.call("POST", `/nodes/pairings/${id}/confirm`, {})).body).toEqual(confirmed.body);

    const answer = await mac.redeem(code);
    expect(answer.body).toMatchObject({
      ...{ status: "confirmed", node_id: confirmed.body.node.id, user_id: user.id },
      credentials: { edge_url: edge.url, grant_keys: [expect.stringMatching(/^N/)] },
    });
    await (await come(mac)).flush();
    expect((await mac.renew()).status).toBe(200);
    await (await come(mac)).flush();
    expect((await user.call("GET", "/nodes")).body).toMatchObject({
      nodes: expect.arrayContaining([expect.objectContaining({ id: mac.id })]),
    });
  });

  test("binds a code to the first key; what is unknown, used by another or mistyped is one answer", async () => {
    const pairing = await open();
    const [first, other] = [new TestMac(user.url), new TestMac(user.url)];
    const both = await Promise.all([first.redeem(pairing.code), other.redeem(pairing.code)]);
    expect(both.map(({ status }) => status).toSorted()).toEqual([200, 404]);
    const loser = both[0].status === 404 ? first : other;
    const refusal = ({ status, body }: { status: number; body: object }) => {
      const { request_id: _id, ...rest } = body as Record<string, unknown>;
      return { status, ...rest };
    };
    const used = refusal(await loser.redeem(pairing.code));
    expect(used).toMatchObject({ status: 404, code: "pairing_not_found" });
    expect(refusal(await loser.redeem("AAAAA-AAAAA"))).toEqual(used);
    await stack.sql(`update node_pairings set expires_at = 1 where id = '${pairing.id}'`);
    expect(refusal(await loser.redeem(pairing.code))).toEqual(used);
    expect(await pairingOf(pairing)).toMatchObject({ status: "expired" });
    const late = await user.call("POST", `/nodes/pairings/${pairing.id}/confirm`, {});
    expect(late).toMatchObject({ status: 410, body: { code: "pairing_expired" } });
  });

  test("takes nothing that the key has not signed for this code", async () => {
    const pairing = await open();
    const [mac, other] = [new TestMac(user.url), new TestMac(user.url)];
    const ask = (body: object) => new Client(user.url).call("POST", "/nodes/pairings/redeem", body);
    for (const over of [
      { public_key: other.key.publicKey },
      { signature: other.redemption(pairing.code).signature },
      { signature: mac.redemption("AAAAA-AAAAA").signature },
    ])
      expect(await ask(mac.redemption(pairing.code, over))).toMatchObject({
        status: 422,
        body: { code: "invalid_request", errors: [{ path: "signature" }] },
      });
    expect(await ask(mac.redemption(pairing.code, { admin: true }))).toMatchObject({ status: 422 });
    expect(await pairingOf(pairing)).toMatchObject({ status: "waiting" });
  });

  test("is its user's own: for another one, an admin too, it is not there", async () => {
    const pairing = await open();
    const mac = new TestMac(user.url);
    await mac.redeem(pairing.code);
    const admin = new Client(stack.server.url, await stack.server.ownerKey());
    for (const stranger of [await register(stack.server.url), admin]) {
      expect(await stranger.call("GET", `/nodes/pairings/${pairing.id}`)).toMatchObject({ status: 404 });
      expect(await stranger.call("POST", `/nodes/pairings/${pairing.id}/confirm`, {})).toMatchObject({
        status: 404,
        body: { code: "pairing_not_found" },
      });
    }
    expect((await mac.redeem(pairing.code)).body).toMatchObject({ status: "waiting" });
  });

  test("G23 whoever guesses is stopped, whoever has a code pairs all the same, and who polls is not counted", async () => {
    const victim = await open(await register(stack.server.url));
    const from = (last: number) => ({ "X-Forwarded-For": `203.0.113.${last}` });
    const waiting = new TestMac(user.url);
    await waiting.redeem(victim.code, from(1));
    const guesser = new TestMac(user.url);
    const statuses: number[] = [];
    for (let guess = 0; guess < 12; guess += 1)
      statuses.push((await guesser.redeem(`AAAAA-AAAA${guess % 10}`, from(1))).status);
    expect(statuses).toContain(404);
    expect(statuses.at(-1)).toBe(429);
    const another = await open(await register(stack.server.url));
    expect(await guesser.redeem(another.code, from(1))).toMatchObject({
      ...{ status: 429, body: { code: "too_many_pairings" } },
    });
    for (let poll = 0; poll < 15; poll += 1)
      expect((await waiting.redeem(victim.code, from(1))).status).toBe(200);
    expect((await new TestMac(user.url).redeem(another.code, from(2))).status).toBe(200);
  });

  test("a user has five open ones at most, however many are asked for at once", async () => {
    const person = await register(stack.server.url);
    const asked = await Promise.all(
      Array.from({ length: 9 }, () => person.call("POST", "/nodes/pairings", {})),
    );
    expect(asked.filter(({ status }) => status === 201)).toHaveLength(5);
    expect(asked.find(({ status }) => status === 429)).toMatchObject({ body: { code: "too_many_pairings" } });
  });

  test("names the server as a client has reached it, and never by a host that is not ours", async () => {
    const person = await register(stack.server.url);
    const secure = { "X-Forwarded-Proto": "https" };
    const { body } = await person.call<Opened>("POST", "/nodes/pairings", {}, secure);
    expect(body.command).toContain(`join ${stack.server.url.replace("http:", "https:")} `);
  });
});

describe("a revoked Mac", () => {
  test("G23 is cut off within a second, does not come back, and gets nothing any more; others stay", async () => {
    const [mac, other] = [await pairMac(user), await pairMac(user)];
    const [connection, bystander] = [await come(mac), await come(other)];
    const began = performance.now();
    expect((await user.call("DELETE", `/nodes/${mac.id}`)).status).toBe(204);
    expect(String(await connection.closed())).toMatch(/Revoked/);
    // A second is promised (seen: 50 ms to 0.8 s); this machine may be many times slower.
    expect(performance.now() - began).toBeLessThan(20_000);
    await expect(come(mac)).rejects.toThrow(REFUSED);
    expect(await mac.renew()).toMatchObject({ status: 410, body: { code: "node_revoked" } });
    expect((await user.call("DELETE", `/nodes/${mac.id}`)).status).toBe(204);
    expect((await user.call("GET", `/nodes/${mac.id}`)).body).toMatchObject({ node: { status: "revoked" } });
    expect(JSON.stringify((await user.call("GET", "/nodes")).body)).not.toContain(mac.id);
    await bystander.flush();
    expect((await other.renew()).status).toBe(200);
  });

  test("leaves by itself, with its own signature only", async () => {
    const [mac, other] = [await pairMac(user), await pairMac(user)];
    const connection = await come(mac);
    const as = Object.assign(new TestMac(user.url), { id: mac.id });
    expect(await as.leave()).toMatchObject({ status: 404, body: { code: "node_not_found" } });
    expect((await mac.leave()).status).toBe(204);
    expect(String(await connection.closed())).toMatch(/Revoked/);
    expect((await mac.leave()).status).toBe(204);
    expect((await other.renew()).status).toBe(200);
  });

  test("is each of a user whose account is removed", async () => {
    const leaver = await register(stack.server.url);
    const mac = await pairMac(leaver);
    const connection = await come(mac);
    await leaver.call("DELETE", "/users/me", { current_password: leaver.password });
    expect(String(await connection.closed())).toMatch(/Revoked/);
    await expect(come(mac)).rejects.toThrow(REFUSED);
    expect(await mac.renew()).toMatchObject({ status: 410 });
  });

  test("stays out when nats-server has lost what it kept, and the others come back", async () => {
    const [mac, other] = [await pairMac(user), await pairMac(user)];
    await user.call("DELETE", `/nodes/${mac.id}`);
    rmSync(join(edge.keysFolder, "resolver"), { recursive: true });
    await edge.restart();
    const began = performance.now();
    await waitFor("the other Mac to be let in", () => other.connect().then(leave, () => false));
    expect(performance.now() - began).toBeLessThan(90_000);
    await expect(come(mac)).rejects.toThrow(REFUSED);
  });
});

const leave = (connection: NatsConnection) => connection.close().then(() => true);

describe("credentials", () => {
  test("need a clock that is about right, and the server says what it is there", async () => {
    const mac = await pairMac(user);
    const hour = new Date(Date.now() - 3_600_000).toISOString();
    const answer = await mac.renew(hour);
    expect(answer).toMatchObject({ status: 409, body: { code: "clock_differs" } });
    const { server_time } = answer.body as { server_time: string };
    expect(Math.abs(Date.parse(server_time) - Date.now())).toBeLessThan(60_000);
    expect((await mac.renew(server_time)).status).toBe(200);
  });

  test("are the key's own, and of one Mac not too many", async () => {
    const mac = await pairMac(user);
    const thief = Object.assign(new TestMac(user.url), { id: mac.id });
    for (let n = 0; n < 8; n += 1) expect((await thief.renew()).status).toBe(404);
    const statuses: number[] = [];
    for (let n = 0; n < 8; n += 1) statuses.push((await mac.renew()).status);
    expect(statuses[0]).toBe(200);
    expect(statuses.at(-1)).toBe(429);
  });

  test("G23 are not for a user whose account is disabled: the live connection ends too, and what was given opens nothing", async () => {
    const [person, bystander] = [await register(stack.server.url), await register(stack.server.url)];
    const [mac, other] = [await pairMac(person), await pairMac(bystander)];
    const [connection, others] = [await come(mac), await come(other)];
    const admin = new Client(stack.server.url, await stack.server.ownerKey());
    await admin.call("PATCH", `/admin/users/${person.id}`, { disabled: true });
    const answered = performance.now();
    expect(String(await connection.closed())).toMatch(/Revoked/);
    // A second is promised; the machine may be several times slower.
    expect(performance.now() - answered).toBeLessThan(5_000);
    await expect(come(mac)).rejects.toThrow(REFUSED);
    expect(await mac.renew()).toMatchObject({ status: 403, body: { code: "account_disabled" } });
    await others.flush();
    expect((await other.renew()).status).toBe(200);
  });

  test("are given again when the account is enabled again, and the Mac comes back without a new pairing", async () => {
    const person = await register(stack.server.url);
    const mac = await pairMac(person);
    const connection = await come(mac);
    const admin = new Client(stack.server.url, await stack.server.ownerKey());
    await admin.call("PATCH", `/admin/users/${person.id}`, { disabled: true });
    await connection.closed();
    await admin.call("PATCH", `/admin/users/${person.id}`, { disabled: false });
    expect(await mac.renew()).toMatchObject({ status: 429, body: { code: "node_cut_off" } });
    // Nothing is given for a minute to a Mac that was cut off, and one that asks all the time gets nothing either.
    await waitFor("the minute is over", async () => {
      await new Promise((resolve) => setTimeout(resolve, 13_000));
      return (await mac.renew()).status === 200;
    });
    await (await come(mac)).flush();
  });
});
