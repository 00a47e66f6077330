// What the nats-server of the edge lets each of its users say and hear, tried subject by subject.

import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "nats";
import { KEY_FILES, type KeyFile, readKeyFile } from "../../lib/edge/keys/key-files.ts";
import {
  connectAs,
  connectWith,
  type Mac,
  makeMac,
  makeWitness,
  mayHear,
  refusedTo,
} from "../support/edge/edge-users.ts";
import { type EdgeServer, startEdgeServer } from "../support/edge/start-edge-server.ts";
import { waitFor } from "../support/wait-for.ts";

let server: EdgeServer;
/** Signing takes its time. */
let users: { me: Mac; witness: Mac };
const opened: NatsConnection[] = [];
beforeAll(async () => {
  server = await startEdgeServer({ core: true });
  users = { me: await makeMac(server, ME), witness: await makeWitness(server) };
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((connection) => connection.close()));
});
afterAll(() => server.stop());

function keep(connection: NatsConnection): NatsConnection {
  opened.push(connection);
  return connection;
}
const asMac = async () => keep(await connectAs(server, users.me));
const asWitness = async () => keep(await connectAs(server, users.witness));
const withFile = async (file: KeyFile) => keep(await connectWith(server, file));

const HUB = "0d6e3f8e-2a52-4d3c-9a3a-2f6a1c9be001";
const ME = "nod_01me";
const OTHER = "nod_01other";

/** What of these came to somebody who hears all of the account, and what the server said it refused. */
async function said(connection: NatsConnection, subjects: string[]) {
  const witness = await asWitness();
  const heard: string[] = [];
  witness.subscribe(">", { callback: (_, { subject }) => void heard.push(subject) });
  await witness.flush();
  const refused = refusedTo(connection);
  for (const subject of subjects) connection.publish(subject, "{}");
  await connection.flush();
  await witness.flush();
  await waitFor("every word is heard or refused", () => heard.length + refused.length >= subjects.length);
  return { heard, refused };
}

const NOBODYS = [
  "_INBOX.a.b",
  "$SYS.REQ.SERVER.PING",
  "$SYS.REQ.CLAIMS.UPDATE",
  "$SYS.REQ.USER.INFO",
  "$JS.API.INFO",
  "MOL-macjarvis.REQ.core-1",
  "MOL.INFO",
  "mj.signal.config",
  "anything",
];

describe("a Mac", () => {
  test("says everything to hubs under its own name, and nothing under another's", async () => {
    const its = [
      `MOL-edge.INFO.${ME}.hub.all`,
      `MOL-edge.RES.${ME}.hub.${HUB}`,
      `MOL-edge.OUT.${ME}.hub.${HUB}`,
    ];
    const others = [
      `MOL-edge.INFO.${OTHER}.hub.all`,
      `MOL-edge.RES.${OTHER}.hub.${HUB}`,
      `MOL-edge.REQ.hub.${HUB}.${OTHER}`,
      `MOL-edge.REQ.hub.${HUB}.${ME}`,
      `MOL-edge.DISCONNECT.hub.${HUB}.all`,
      `MOL-edge.INFO.${ME}.${OTHER}.all`,
      `MOL-edge.INFO.${ME}.hub`,
      `MOL-edge.INFO.${ME}.hub.all.more`,
      `MOL-edge.INFO.x.${ME}.hub.all`,
      `MOL-edge.${ME}.hub.all`,
      "MOL-edge.INFO",
      ...NOBODYS,
    ];
    const { heard, refused } = await said(await asMac(), [...others, ...its]);
    expect(heard).toEqual(its);
    expect(refused).toEqual(others);
  });

  test.each([`MOL-edge.*.hub.*.${ME}`, "MOL-edge.*.hub.*.all", `MOL-edge.REQ.hub.${HUB}.${ME}`])(
    "hears %s",
    async (subject) => expect(await mayHear(await asMac(), subject)).toBe(true),
  );

  test.each([
    ">",
    "*",
    "*.*.*.*.*",
    "*.>",
    "MOL-edge.>",
    "MOL-edge.*.*.*.*",
    "MOL-edge.*.hub.>",
    "MOL-edge.*.hub.*.>",
    "MOL-edge.*.hub.*.*",
    `MOL-edge.REQ.hub.*.${OTHER}`,
    `MOL-edge.REQ.hub.${HUB}.${OTHER}`,
    `MOL-edge.*.*.*.${ME}`,
    "MOL-edge.*.*.hub.*",
    "MOL-edge.*.*.hub.all",
    `MOL-edge.*.${ME}.hub.*`,
    `MOL-edge.*.${OTHER}.hub.*`,
    "_INBOX.>",
    "_INBOX.a",
    "$SYS.>",
    "$SYS.ACCOUNT.*.CONNECT",
    "$JS.>",
    "MOL-macjarvis.>",
    "MOL-macjarvis.REQ.core-1",
  ])("does not hear %s", async (subject) => expect(await mayHear(await asMac(), subject)).toBe(false));

  test("hears what is said to it and to all, and nothing that is said to another", async () => {
    const connection = await asMac();
    const heard: string[] = [];
    for (const subject of [`MOL-edge.*.hub.*.${ME}`, "MOL-edge.*.hub.*.all", ">"])
      connection.subscribe(subject, {
        callback: (error, message) => void (error ?? heard.push(message.subject)),
      });
    await connection.flush();
    const hub = await withFile(KEY_FILES.hubCreds);
    for (const target of [OTHER, ME, "all"]) hub.publish(`MOL-edge.REQ.hub.${HUB}.${target}`, "{}");
    await hub.flush();
    await connection.flush();
    expect(heard).toEqual([`MOL-edge.REQ.hub.${HUB}.${ME}`, `MOL-edge.REQ.hub.${HUB}.all`]);
  });

  test("has as many subscriptions as it needs, and then no more", async () => {
    const [connection, hub] = [await asMac(), await withFile(KEY_FILES.hubCreds)];
    const heard: string[] = [];
    const kinds = Array.from({ length: 40 }, (_, index) => `MOL-edge.C${index}.hub.${HUB}.${ME}`);
    for (const subject of kinds)
      connection.subscribe(subject, {
        callback: (error, message) => void (error ?? heard.push(message.subject)),
      });
    await connection.flush();
    for (const subject of kinds) hub.publish(subject, "{}");
    await hub.flush();
    await connection.flush();
    expect(heard).toEqual(kinds.slice(0, 32));
  });

  test("of an installation does not reach its core, which may be on the same server", async () => {
    const core = await withFile(KEY_FILES.coreCreds);
    const heard: string[] = [];
    core.subscribe(">", { callback: (_, { subject }) => void heard.push(subject) });
    await core.flush();
    await said(await asMac(), [`MOL-edge.INFO.${ME}.hub.all`, ...NOBODYS]);
    core.publish("MOL-macjarvis.INFO", "{}");
    await core.flush();
    expect(heard).toEqual(["MOL-macjarvis.INFO"]);
  });
});

describe("a hub", () => {
  test("says what hubs say and nothing as a Mac", async () => {
    const its = [`MOL-edge.REQ.hub.${HUB}.${ME}`, `MOL-edge.DISCOVER.hub.${HUB}.all`];
    const others = [`MOL-edge.RES.${ME}.hub.${HUB}`, `MOL-edge.INFO.${ME}.hub.all`, ...NOBODYS];
    const { heard, refused } = await said(await withFile(KEY_FILES.hubCreds), [...others, ...its]);
    expect({ heard, refused }).toEqual({ heard: its, refused: others });
  });

  test.each([
    ["MOL-edge.*.*.hub.*", true],
    [`MOL-edge.*.*.hub.${HUB}`, true],
    [">", false],
    ["MOL-edge.>", false],
    ["MOL-edge.*.hub.*.*", false],
    ["_INBOX.>", false],
    ["$SYS.>", false],
  ])("hears %s: %s", async (subject, expected) => {
    expect(await mayHear(await withFile(KEY_FILES.hubCreds), subject)).toBe(expected);
  });
});

describe("what pushes claims", () => {
  test("reads and pushes those of the edge, and sees nothing else of the server", async () => {
    const system = await withFile(KEY_FILES.systemCreds);
    const edge = readKeyFile(server.keysFolder, KEY_FILES.edgeAccount);
    const refused = refusedTo(system);
    const others = [
      "$SYS.REQ.CLAIMS.UPDATE",
      "$SYS.REQ.CLAIMS.DELETE",
      "$SYS.REQ.CLAIMS.LIST",
      "$SYS.REQ.SERVER.PING.CONNZ",
      `$SYS.REQ.ACCOUNT.${edge}.CONNZ`,
      `MOL-edge.REQ.hub.${HUB}.${ME}`,
    ];
    for (const subject of others) system.publish(subject, "{}");
    await waitFor("the server has refused", () => refused.length >= others.length);
    expect(refused).toEqual(others);
    expect(await mayHear(system, "$SYS.>")).toBe(false);
    const { data } = await system.request(`$SYS.REQ.ACCOUNT.${edge}.CLAIMS.LOOKUP`, "");
    expect(Buffer.from(data).toString()).toMatch(/^ey/);
  });
});

test("the core's account has JetStream, the edge's has none", async () => {
  const manager = await jetstreamManager(await withFile(KEY_FILES.coreCreds));
  await manager.streams.add({ name: "tried", subjects: ["tried"] });
  expect((await manager.getAccountInfo()).streams).toBe(1);
  const witness = await asWitness();
  await expect(jetstreamManager(witness)).rejects.toThrow();
});
