// Pairing, sharing and revoking on PostgreSQL, where numbers come as text and several processes write at once.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { pino } from "pino";
import type { LocalServer } from "../../bin/cluster/servers/local-server.ts";
import { newDatabase, startPostgres } from "../../bin/cluster/servers/postgres.ts";
import type { Caller } from "../../contracts/access.ts";
import type { NodeId, PairingId, UserId } from "../../contracts/ids.ts";
import { redeemParams } from "../../contracts/pairing.ts";
import { openPostgres, type Postgres } from "../../lib/cluster/postgres/open-postgres.ts";
import { makeKeys } from "../../lib/edge/keys/make-keys.ts";
import { processCounters, processSignals } from "../../lib/embedded/memory-ports.ts";
import { Edge } from "../../services/nodes/edge/edge.ts";
import { readRevoked } from "../../services/nodes/edge/read-revoked.ts";
import { cutOff } from "../../services/nodes/macs/cut-off.ts";
import { findMac, ownMacs } from "../../services/nodes/macs/mac-rows.ts";
import { removeMacsOf, revokeMac } from "../../services/nodes/macs/revoke.ts";
import { readShares, replaceShares, sharedMacs } from "../../services/nodes/macs/shares.ts";
import { confirmPairing } from "../../services/nodes/pairing/confirm.ts";
import { Guesses } from "../../services/nodes/pairing/guesses.ts";
import { openPairing } from "../../services/nodes/pairing/open-pairing.ts";
import { dropOldPairings, pairingView, requirePairing } from "../../services/nodes/pairing/pairing-rows.ts";
import { redeem } from "../../services/nodes/pairing/redeem.ts";
import { lose, meet, see } from "../../services/nodes/presence.ts";
import type { Rooms } from "../../services/nodes/rooms.ts";
import { MIGRATIONS, type NodesTables } from "../../services/nodes/tables.ts";
import { findUsers } from "../../services/users/accounts/find-users.ts";
import { MIGRATIONS as USERS } from "../../services/users/store/migrations.ts";
import type { UsersTables } from "../../services/users/store/tables.ts";
import { insertUser } from "../../services/users/store/users.ts";
import { TestMac } from "../support/edge/pair-mac.ts";
import { aUser } from "../support/test-broker.ts";

let server: LocalServer;
let postgres: Postgres;
let keysFolder: string;
let rooms: Rooms;
const [owner, friend] = [aUser(), aUser()];

beforeAll(async () => {
  server = await startPostgres();
  postgres = openPostgres({ url: await newDatabase(server), name: "nodes" });
  await postgres.migrate("nodes", MIGRATIONS);
  await postgres.migrate("users", USERS);
  keysFolder = await mkdtemp(join(tmpdir(), "macjarvis-keys-"));
  await makeKeys(keysFolder);
  rooms = openRooms();
  for (const [index, { user_id }] of [owner, friend].entries())
    await insertUser(postgres.sql<UsersTables>(), {
      ...{
        id: user_id,
        email: `person${index}@example.com`,
        display_name: `person ${index}`,
        avatar_url: null,
      },
      ...{
        role: "free_user",
        plan: "free",
        limits: null,
        password_hash: null,
        is_verified: 0,
        is_disabled: 0,
      },
      ...{ state: "active", created_at: new Date().toISOString(), last_login_at: null },
    });
});
afterAll(async () => {
  await postgres.close();
  await server.stop();
  await rm(keysFolder, { recursive: true, force: true });
});

/** The stores of a cluster, and the users service as far as it is asked. */
function openRooms(): Rooms {
  const database = postgres.sql<NodesTables>();
  const log = pino({ level: "silent" });
  const counters = processCounters(Date.now);
  const broker = {
    core: { identity: { tokenOf: () => "" } },
    call: async (name: string, params: { ids?: UserId[]; emails?: string[] }) =>
      name === "users.find"
        ? { users: await findUsers(postgres.sql(), { ids: params.ids ?? [], emails: params.emails ?? [] }) }
        : owner,
  };
  return {
    ...{
      database,
      log,
      broker: broker as never,
      guesses: new Guesses(counters),
      tell: async () => undefined,
    },
    ports: {
      ...{ counters, signals: processSignals(), audit: { append: async () => undefined } as never },
      moments: { run: (operations) => operations() },
    },
    edge: new Edge({ url: "nats://127.0.0.1:9", publicUrl: "nats://127.0.0.1:9", keysFolder }, database, log),
  };
}

const ask = (mac: TestMac, code: string) =>
  redeem(rooms, redeemParams.parse(mac.redemption(code)), "192.0.2.1");

async function pair(by: Caller = owner): Promise<NodeId> {
  const { id, code } = await openPairing(rooms, by, undefined);
  const mac = new TestMac("");
  await ask(mac, code);
  await confirmPairing(rooms, by, { id: id as PairingId });
  const answer = await ask(mac, code);
  if (answer.status !== "confirmed") throw new Error("the Mac is not paired");
  return answer.node_id;
}

test("a pairing goes its way, and of many Macs that redeem a code at once one has it", async () => {
  const { id, code } = await openPairing(rooms, owner, "studio");
  const view = async () => pairingView(await requirePairing(rooms.database, owner, id as PairingId));
  expect(await view()).toMatchObject({ status: "waiting" });
  const macs = Array.from({ length: 8 }, () => new TestMac(""));
  const asked = await Promise.allSettled(macs.map((mac) => ask(mac, code)));
  expect(asked.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  expect(await view()).toMatchObject({ status: "redeemed" });
  const confirmed = await Promise.all(
    Array.from({ length: 4 }, () => confirmPairing(rooms, owner, { id: id as PairingId })),
  );
  expect(new Set(confirmed.map((mac) => mac.id)).size).toBe(1);
  expect(await view()).toMatchObject({ status: "confirmed", node_id: confirmed[0]?.id });
  await dropOldPairings(rooms.database);
  expect(await view()).toMatchObject({ status: "confirmed" });
});

test("a user has five open ones at most, however many are asked for at once", async () => {
  const person = aUser();
  const asked = await Promise.allSettled(
    Array.from({ length: 12 }, () => openPairing(rooms, person, undefined)),
  );
  expect(asked.filter(({ status }) => status === "fulfilled")).toHaveLength(5);
});

test("shares are found by address and by id, and go with the Mac", async () => {
  const id = await pair();
  const shares = [
    { email: "person1@example.com", decision: "allow" as const },
    { email: "nobody@example.com", decision: "allow" as const },
  ];
  await replaceShares(rooms, owner, { id }, shares);
  expect(await readShares(rooms.database, id)).toEqual(shares);
  expect(await sharedMacs(rooms.database, friend.user_id)).toMatchObject([
    { id, grants: [{ decision: "allow" }] },
  ]);
  await replaceShares(rooms, owner, { id }, [{ user_id: friend.user_id, decision: "deny" }]);
  expect(await sharedMacs(rooms.database, friend.user_id)).toEqual([]);
  await Promise.all(Array.from({ length: 6 }, () => replaceShares(rooms, owner, { id }, shares)));
  expect(await readShares(rooms.database, id)).toEqual(shares);
  await replaceShares(rooms, owner, { id }, []);
  expect(await readShares(rooms.database, id)).toEqual([]);
});

test("hubs tell how Macs are, several at once; another process of a Mac begins with nothing", async () => {
  const [one, two] = [await pair(), await pair()];
  for (const node_id of [one, two]) await meet(rooms.database, { node_id, instance: "first" });
  const battery = { percent: 80, charging: true };
  const macs = [
    { node_id: one, instance: "first", load: 0.32 },
    { node_id: two, instance: "first", load: 0.9, battery },
  ];
  const strangers = await Promise.all([macs, macs.toReversed(), macs].map((all) => see(rooms.database, all)));
  expect(strangers.flat()).toEqual([]);
  const vitals = async (id: NodeId) => (await findMac(rooms.database, id))?.vitals;
  expect([await vitals(one), await vitals(two)]).toEqual([{ load: 0.3 }, { load: 0.9, battery }]);
  await meet(rooms.database, { node_id: one, instance: "first" });
  expect(await vitals(one)).toEqual({ load: 0.3 });
  await lose(rooms.database, { node_id: one, instance: "first" });
  expect(await vitals(one)).toEqual({});
  expect(await meet(rooms.database, { node_id: one, instance: "next" })).toMatchObject({ accepted: true });
  expect(await findMac(rooms.database, one)).toMatchObject({ isConnected: true, vitals: {} });
});

test("what is revoked or cut off is what the edge is told, and an account takes all of its Macs with it", async () => {
  const [cut, revoked, stays] = [await pair(), await pair(), await pair()];
  const keyOf = async (id: NodeId) => (await findMac(rooms.database, id))?.public_key;
  await cutOff(rooms, { node_id: cut, reason: "flood" });
  const mac = await findMac(rooms.database, revoked);
  if (!mac) throw new Error("the Mac is gone");
  await revokeMac(rooms, mac, owner);
  const told = await readRevoked(rooms.database);
  expect(told).toContainEqual({
    publicKey: await keyOf(cut),
    revokedAt: expect.any(Number),
    mayReturn: true,
  });
  expect(told).toContainEqual({ publicKey: await keyOf(revoked), revokedAt: expect.any(Number) });
  expect(told.some(({ publicKey }) => publicKey === mac.public_key)).toBe(true);
  expect((await ownMacs(rooms.database, owner.user_id)).map(({ id }) => id)).toEqual(
    expect.arrayContaining([cut, stays]),
  );
  await removeMacsOf(rooms, owner.user_id);
  expect(await ownMacs(rooms.database, owner.user_id)).toEqual([]);
  expect(await findMac(rooms.database, stays)).toMatchObject({ name: "", revoked_at: expect.any(String) });
});
