// A Mac with valid credentials of its own that attacks: every attack of docs/moleculer-facts and more. What NATS itself refuses (another
// sender, another Mac's subjects) the hub cannot see: test/edge/rights.test.ts has it. Here is what reaches the hub.
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { connect as connectSocket } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { type BrokerOptions, ServiceBroker } from "moleculer";
import { connect, credsAuthenticator, jwtAuthenticator, type NatsConnection } from "nats";
import type { Caller } from "../../contracts/access.ts";
import type { CallId, RunId, UserId } from "../../contracts/ids.ts";
import { KEY_FILES } from "../../lib/edge/keys/key-files.ts";
import { Signer } from "../../lib/edge/keys/signatures.ts";
import { newId } from "../../lib/ids.ts";
import type { NodeCall } from "../../services/tools/machines/machine.ts";
import { type EdgeStack, type PairedMac, startEdgeStack } from "../support/edge/edge-stack.ts";
import { connectAs, makeWitness } from "../support/edge/edge-users.ts";
import { describedTool, description, Rogue } from "../support/edge/rogue.ts";
import { aUser } from "../support/test-broker.ts";
import { waitFor } from "../support/wait-for.ts";

let edge: EdgeStack;
let honest: PairedMac;
const [owner, attacker] = [newId<UserId>("user"), newId<UserId>("user")];
const MIB = 1_048_576;
const opened: { leave(): Promise<void> }[] = [];

beforeAll(async () => {
  edge = await startEdgeStack();
  honest = await edge.pair(owner, "honest");
  await honest.serve();
  await edge.connected(honest);
});
afterAll(() => edge.stop());

/** A new rogue Mac that hubs hear. */
async function aRogue(answers: (action: string) => unknown = () => undefined) {
  const mac = await edge.pair(attacker, `rogue-${randomUUID().slice(0, 8)}`);
  const rogue = await Rogue.connect(edge, mac);
  opened.push(rogue);
  rogue.answer = ({ action }) =>
    action === "node.describe" ? (answers(action) ?? description()) : answers(action);
  rogue.come();
  await edge.connected(mac);
  return { mac, rogue };
}

function call(name: string, args: Record<string, unknown>, more: Partial<NodeCall> = {}): NodeCall {
  return {
    ...{ call_id: newId<CallId>("call"), run_id: newId<RunId>("run"), epoch: 1, name, args, approved: true },
    ...{ deadline_at: Date.now() + 60_000, attempt: 1, ...more },
  };
}
const execute = (mac: PairedMac, one: NodeCall, limitMs = 60_000) => edge.machine(mac).execute(one, limitMs);

/** A call on the honest Mac; milliseconds that it took. */
async function honestCall(): Promise<number> {
  const began = performance.now();
  const file = join(honest.root, "alive.txt");
  await writeFile(file, "alive");
  expect(await execute(honest, call("read_file", { path: file }))).toMatchObject({ status: "done" });
  return performance.now() - began;
}

async function oddities(mac: PairedMac): Promise<string[]> {
  const rows = (await edge.audited(mac)).filter(({ entry }) => entry.startsWith("node.refused"));
  return [...new Set(rows.map(({ details }) => (JSON.parse(details) as { what: string }).what))];
}

/** Answers when the hub has looked at all that was said before. */
async function settled({ rogue }: { rogue: Rogue }): Promise<void> {
  const what = `X${randomUUID()}`;
  await rogue.connection.flush();
  rogue.say("PING", { id: what });
  await rogue.connection.flush();
  await edge.hub().broker.transit?.discoverNodes();
  const heard = rogue.heard.length;
  await waitFor("the hub speaks", () => rogue.heard.length > heard);
}

afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.leave()));
  await honestCall();
  const { nodes } = await edge.stack.as(as(owner), "nodes.list", {});
  expect(nodes).toContainEqual(expect.objectContaining({ id: honest.id, status: "online" }));
});
const seedOf = ({ key }: PairedMac) => Buffer.from(key.seed).toString();
const as = (user_id: UserId): Caller => aUser({ user_id });

describe("G22 what a Mac says of others", () => {
  const lies: [string, string, object, string | undefined][] = [
    [
      "a call of a core action",
      "REQ",
      { id: "1", action: "users.list", params: {}, meta: { user: "admin" } },
      "REQ",
    ],
    ["a call of another Mac", "REQ", { id: "1", action: "node.execute", params: {} }, "REQ"],
    ["an event of the core", "EVENT", { event: "user.removed", data: {}, broadcast: true }, "EVENT"],
    ["a packet that there is not", "GOSSIP_REQ", {}, "an unknown packet"],
    ["an announcement in the hub's name", "INFO", { sender: "hub-1", instanceID: "x" }, "another sender"],
    ["a heartbeat in nobody's name", "HEARTBEAT", { sender: null }, "another sender"],
    ["another version of the protocol", "HEARTBEAT", { ver: "99" }, undefined],
    ["an answer to what nobody has asked", "RES", { id: randomUUID(), success: true, data: 1 }, undefined],
    ["an answer with a strange id", "RES", { id: [["x"]], success: true, data: 1 }, undefined],
    ["heartbeats without end", "HEARTBEAT", { cpu: 1e308, seq: Number.MAX_VALUE }, undefined],
  ];

  test.each(lies)("%s is dropped", async (_name, command, data, what) => {
    const rogue = await aRogue();
    rogue.rogue.say(command, data);
    if (what) await waitFor("it is audited", async () => (await oddities(rogue.mac)).includes(what));
    else await settled(rogue);
    if (!what) expect(await oddities(rogue.mac)).toEqual([]);
  });

  test("that another Mac or the hub goes changes nothing for them", async () => {
    const { mac, rogue } = await aRogue();
    for (const sender of [honest.id, edge.hub().broker.nodeID])
      for (const command of ["DISCONNECT", "INFO", "HEARTBEAT"])
        rogue.say(command, { sender, instanceID: "x", seq: 9_999, services: [] });
    await waitFor("it is audited", async () => (await oddities(mac)).includes("another sender"));
    expect(edge.hub().instanceOf(honest.id)).toBeDefined();
    expect(edge.hub().instanceOf(mac.id)).toBeDefined();
  });

  test("services and events that it announces are not there for anybody", async () => {
    const { mac, rogue } = await aRogue();
    const actions = { "users.login": { name: "users.login" } };
    rogue.info(rogue.instance, {
      seq: 2,
      services: [
        { name: "users", fullName: "users", actions, events: { "**": { name: "**" } } },
        { name: "$node", fullName: "$node", actions: { "$node.list": { name: "$node.list" } }, events: {} },
        { name: "nodes", fullName: "nodes", actions: { "nodes.meet": { name: "nodes.meet" } }, events: {} },
      ],
    });
    await settled({ rogue });
    const { registry } = edge.hub().broker;
    type Known = { name: string; nodeID: string; actions: object; events: object };
    const services = registry.getServiceList({ withActions: true, withEvents: true }) as unknown as Known[];
    const its = services.filter(({ nodeID }) => nodeID === mac.id);
    expect(its.map(({ name, actions: known, events }) => [name, Object.keys(known).length, events])).toEqual([
      ["node", 7, {}],
    ]);
    await edge.hub().broker.broadcast("secret.told", { to: "nobody" });
    await settled({ rogue });
    expect(rogue.heard.filter(({ text }) => text.includes("secret"))).toEqual([]);
    await expect(edge.hub().broker.call("users.login")).rejects.toMatchObject({ type: "SERVICE_NOT_FOUND" });
  });

  test("an answer in place of another Mac's is dropped, though it knows the id", async () => {
    const { mac, rogue } = await aRogue();
    const file = join(honest.root, "true.txt");
    await writeFile(file, "the truth");
    const answered = execute(honest, call("execute_shell_command", { command: `sleep 1; cat ${file}` }));
    const { pendingRequests } = edge.hub().broker.transit as unknown as {
      pendingRequests: Map<string, unknown>;
    };
    const ids = await waitFor("it is asked", () => pendingRequests.size > 0 && [...pendingRequests.keys()]);
    const lie = { status: "done", result: { ok: true, data: "a lie" }, duration_ms: 1 };
    for (const id of ids) rogue.respond(id, { data: lie, meta: { user: "admin" } });
    expect(JSON.stringify(await answered)).toContain("the truth");
    expect(await oddities(mac)).toEqual(["an answer to what another one was asked"]);
  });

  test("what it answers changes nothing of who asked, and comes once", async () => {
    const { mac, rogue } = await aRogue();
    rogue.answer = ({ id }) => {
      for (const data of ["first", "second", "third"])
        rogue.respond(id, { data, meta: { user: "admin", grant: null, $statusCode: 200 } });
      rogue.respond(id, { success: false, error: { name: "Error", message: "no" } });
    };
    const meta = { user: "me" };
    const asked = edge.hub().broker.call("node.fence", {}, { nodeID: mac.id, meta, timeout: 5_000 });
    expect(await asked).toBe("first");
    expect((asked as unknown as { ctx: { meta: unknown } }).ctx.meta).toEqual({ user: "me" });
    expect(meta).toEqual({ user: "me" });
  });

  test("a stream is none, and is audited", async () => {
    const { mac, rogue } = await aRogue();
    rogue.answer = ({ id }) => {
      rogue.respond(id, { stream: true, seq: 0, data: null });
      rogue.respond(id, { stream: true, seq: 1e9, data: { type: "Buffer", data: [1] } });
      return "at last";
    };
    expect(await edge.hub().broker.call("node.fence", {}, { nodeID: mac.id, timeout: 5_000 })).toBe(
      "at last",
    );
    await waitFor("it is audited", async () => (await oddities(mac)).includes("a stream"));
  });
});

describe("G22 a stock broker of Moleculer with a Mac's credentials", () => {
  test.each(["its own id", "the honest Mac's", "the hub's"])("gains nothing with %s", async (whose) => {
    const mac = await edge.pair(attacker, `stock-${randomUUID().slice(0, 8)}`);
    const ids = {
      "its own id": mac.id,
      "the honest Mac's": honest.id,
      "the hub's": edge.hub().broker.nodeID,
    };
    const { jwt } = await mac.credentials();
    const [authenticator, servers] = [jwtAuthenticator(jwt, mac.key.seed), edge.server.url];
    const stock = new ServiceBroker({
      ...{ nodeID: ids[whose as keyof typeof ids], namespace: "edge", logger: false },
      transporter: { type: "NATS", options: { servers, authenticator, reconnect: false } },
      ...{ heartbeatInterval: 1, skipProcessEventRegistration: true },
    } as unknown as BrokerOptions);
    const got: unknown[] = [];
    const login = ({ params, nodeID }: { params: unknown; nodeID: string }) =>
      nodeID !== stock.nodeID && got.push(params);
    stock.createService({ name: "users", actions: { login }, events: { "**": login } } as never);
    stock.createService({ name: "node", actions: { execute: login } } as never);
    // It never finds out that it is refused.
    const started = stock.start().catch(() => undefined);
    await Promise.race([started, new Promise((resolve) => setTimeout(resolve, 2_500))]);
    await honestCall();
    await edge.hub().broker.broadcast("anything", {});
    expect(got).toEqual([]);
    expect(stock.registry.getNodeList({ onlyAvailable: true }).filter(({ local }) => !local)).toEqual([]);
    expect(edge.hub().instanceOf(mac.id)).toBeUndefined();
    // Deaf as it is, it would never come to an end by itself.
    const { client } = (stock.transit as unknown as { tx: { client: NatsConnection } }).tx;
    await client.close();
    await Promise.race([
      stock.stop().catch(() => undefined),
      new Promise((resolve) => setTimeout(resolve, 1_000)),
    ]);
  });
});

describe("G22 bytes that are no word of a Mac", () => {
  const bytes: [string, string, () => string | Uint8Array | object, string][] = [
    ["nothing at all", "INFO", () => "", "what cannot be read"],
    ["no JSON", "INFO", () => "{", "what cannot be read"],
    ["invalid UTF-8", "INFO", () => Buffer.from([0xff, 0xfe, 0xc3, 0x28]), "what cannot be read"],
    ["a number", "HEARTBEAT", () => "1e999999", "what cannot be read"],
    ["a list", "OUT", () => "[1]", "what cannot be read"],
    ["null", "RES", () => "null", "what cannot be read"],
    ["a text of 60 KB", "INFO", () => `"${"a".repeat(60_000)}"`, "what cannot be read"],
    ["100,000 levels", "OUT", () => `{"a":${"[".repeat(100_000)}${"]".repeat(100_000)}}`, "no plain data"],
    ["__proto__", "INFO", () => '{"__proto__":{"isAdmin":true},"instanceID":"x"}', "no plain data"],
    ["a constructor within", "INFO", () => '{"a":[{"constructor":{"prototype":{}}}]}', "no plain data"],
    ["8 MB of text", "OUT", () => `{"text":"${"a".repeat(8 * MIB - 100)}"}`, "a packet of such a size"],
    ["8 MB of a list", "INFO", () => `{"a":[${"[],".repeat(2_700_000)}0]}`, "a packet of such a size"],
    ["8 MB of digits", "HEARTBEAT", () => `{"cpu":${"1".repeat(8 * MIB - 100)}}`, "a packet of such a size"],
    ["no call", "OUT", () => ({ call_id: 5, stream: "both", text: {} }), "output of no call of its own"],
  ];

  test.each(bytes)("%s is dropped and audited", async (_name, command, data, what) => {
    const { mac, rogue } = await aRogue();
    rogue.say(command, data());
    await waitFor("it is audited", async () => (await oddities(mac)).includes(what));
    expect(Object.prototype).not.toHaveProperty("isAdmin");
    expect(edge.hub().instanceOf(mac.id)).toBe(rogue.instance);
  });

  test.each<[string, (id: string) => string]>([
    ["a text of 8 MB", () => `"${"a".repeat(8 * MIB - 10)}"`],
    ["8 MB of lists", (id) => `{"id":"${id}","success":true,"data":[${"[],".repeat(2_600_000)}0]}`],
    [
      "8 MB of names",
      (id) => `{"id":"${id}","data":{${Array.from({ length: 600_000 }, (_, at) => `"k${at}":0`)}}}`,
    ],
  ])("as an answer %s costs the hub little, and others do not notice", async (_name, text) => {
    const { mac, rogue } = await aRogue();
    let longest = 0;
    let last = performance.now();
    const timer = setInterval(() => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }, 5);
    rogue.answer = ({ id }) => Buffer.from(text(id));
    await expect(
      edge.hub().ask(mac.id, "node.fence", { call_id: newId("call"), epoch: 1 }, { limitMs: 3_000 }),
    ).rejects.toThrow();
    await waitFor("it is audited", async () => (await oddities(mac)).includes("what cannot be read"));
    clearInterval(timer);
    console.info(`the event loop was held for ${Math.round(longest)} ms at most, making the text included`);
  });

  test("50 MB in one message end its connection to nats-server", async () => {
    const mac = await edge.pair(attacker, "large");
    const { jwt } = await mac.credentials();
    const socket = connectSocket({ port: edge.server.port, host: "127.0.0.1" });
    let said = "";
    socket
      .on("error", () => undefined)
      .on("data", (piece) => {
        said += String(piece);
        const nonce = /"nonce":"([^"]+)"/.exec(String(piece))?.[1];
        if (nonce === undefined) return;
        const sig = new Signer(seedOf(mac)).sign(nonce);
        socket.write(`CONNECT ${JSON.stringify({ jwt, sig, verbose: false, protocol: 1 })}\r\n`);
        socket.write(`PUB MOL-edge.INFO.${mac.id}.hub.all ${50 * MIB}\r\n`);
      });
    await new Promise((resolve) => socket.once("close", resolve));
    expect(said).toMatch(/Maximum Payload Violation/);
  });
});

describe("G22 what a Mac answers to its own calls", () => {
  const fine = { status: "done", result: { ok: true, data: 1 }, duration_ms: 1 };
  const bad: [string, unknown][] = [
    ["no outcome", null],
    ["a text", "done"],
    ["a status that there is not", { ...fine, status: "ran twice" }],
    ['ok: "yes"', { ...fine, result: { ok: "yes" } }],
    ["an error without words", { ...fine, result: { ok: false, error: { code: "x" } } }],
    ["an endless duration", { ...fine, duration_ms: 1e300 }],
    [
      "data nested beyond sense",
      { ...fine, result: { ok: true, data: JSON.parse(`${"[".repeat(900)}${"]".repeat(900)}`) } },
    ],
    [
      "data with __proto__",
      { ...fine, result: { ok: true, data: JSON.parse('{"__proto__":{"ok":false}}') } },
    ],
  ];

  test.each(bad)("%s: its outcome is not known, at once, and it is audited", async (_name, data) => {
    const { mac, rogue } = await aRogue();
    rogue.answer = () => data ?? false;
    await expect(execute(mac, call("read_file", { path: "/x" }), 50_000)).rejects.toMatchObject({
      type: "request_timeout",
    });
    await waitFor("it is audited", async () =>
      (await oddities(mac)).includes("an answer that cannot be read"),
    );
  });

  test("a result of 7 MB is cut, and words of an error too", async () => {
    const { mac, rogue } = await aRogue();
    rogue.answer = () => ({ ...fine, result: { ok: true, data: "x".repeat(7 * MIB) } });
    const outcome = await execute(mac, call("read_file", { path: "/x" }));
    expect(outcome.result).toMatchObject({ ok: true, truncated: true });
    expect(JSON.stringify(outcome).length).toBeLessThan(1.2 * MIB);
    rogue.answer = ({ id }) =>
      rogue.respond(id, { success: false, error: { message: "x".repeat(MIB), type: {}, code: "1" } });
    const refused = await execute(mac, call("read_file", { path: "/x" }));
    expect(JSON.stringify(refused).length).toBeLessThan(3_000);
  });

  test("more meanings than it was asked for are not read", async () => {
    const { mac, rogue } = await aRogue();
    rogue.answer = () => ({ calls: Array.from({ length: 80_000 }, () => ({})) });
    await expect(edge.machine(mac).resolve([{ name: "read_file", args: {} }])).rejects.toMatchObject({
      type: "request_timeout",
    });
  });
});

describe("G22 what a Mac says that it can do", () => {
  async function described(tools: unknown) {
    const { mac } = await aRogue(() => description({ tools }));
    const said = async () => {
      const usable = await edge.stack.as({ ...as(attacker), service: "tools" } as Caller, "nodes.usable", {
        node_id: mac.id,
      });
      return usable[0]?.tools;
    };
    return { mac, said };
  }

  test.each<[string, () => unknown]>([
    ["a million tools", () => Array.from({ length: 80_000 }, () => ({}))],
    [
      "500 tools of 50 KB",
      () =>
        Array.from({ length: 120 }, (_, at) =>
          describedTool({ name: `t_${at}`, parameters: { description: "x".repeat(49_000) } }),
        ),
    ],
    ["a tool called __proto__", () => [describedTool({ name: "__proto__" })]],
    ["two tools with one name", () => [describedTool(), describedTool({ risk: "execute" })]],
    ["no list", () => ({ length: 1e9 })],
    ["a tool of no risk", () => [describedTool({ risk: "none" })]],
  ])("%s: nothing of it is believed, and it is audited", async (_name, tools) => {
    const { mac, said } = await described(tools());
    await waitFor("it is audited", async () =>
      (await oddities(mac)).includes("a description that cannot be read"),
    );
    expect(await said()).toBeUndefined();
  });

  test("schemas keep no pattern, no reference and no room for a huge example", async () => {
    const parameters = {
      type: "object",
      properties: {
        type: { type: "string", pattern: "^(a+)+$" },
        loop: { $ref: "#" },
        many: { type: "array", minItems: 1e9, items: { type: "string", minLength: 1e9, format: "email" } },
      },
      patternProperties: { type: {}, "^(a+)+$": { type: "string" } },
      $defs: { type: { $ref: "#/$defs/type" } },
    };
    const { said } = await described([describedTool({ name: "own_tool", parameters })]);
    const [tool] = await waitFor("it is known", said);
    expect(tool?.parameters).toEqual({
      type: "object",
      properties: {
        type: { type: "string" },
        loop: {},
        many: { type: "array", minItems: 1, items: { type: "string", minLength: 1_000 } },
      },
    });
  });

  test("of our own tools what they do is not its word, of others it is", async () => {
    const lie = { category: "chat", risk: "read", egress: false, idempotent: true, changes: [] };
    const { said } = await described([
      describedTool({ name: "execute_shell_command", ...lie }),
      describedTool({ name: "write_file", ...lie }),
      describedTool({ name: "check_website_status", ...lie }),
      describedTool({ name: "its_own", ...lie }),
    ]);
    expect(await waitFor("it is known", said)).toMatchObject([
      { name: "execute_shell_command", risk: "execute", category: "developer", idempotent: false },
      { name: "write_file", risk: "write", category: "files", idempotent: false, changes: ["path"] },
      { name: "check_website_status", egress: true, category: "network" },
      { name: "its_own", ...lie },
    ]);
  });
});

describe("G25 output", () => {
  test("of another Mac's call, and more than a call may print, reach nobody", async () => {
    const { mac, rogue } = await aRogue();
    const { signals } = edge.stack.broker.core.ports;
    const heard = { others: 0, own: 0 };
    const [others, own] = [
      call("execute_shell_command", { command: "sleep 1" }),
      call("read_file", { path: "/x" }),
    ];
    const quiet = [
      signals.subscribe(`output.${others.call_id}`, () => void heard.others++),
      signals.subscribe(`output.${own.call_id}`, (data) => {
        heard.own += (data as { text: string }).text.length;
      }),
    ];
    const running = execute(honest, others);
    rogue.answer = ({ id }) => {
      for (let at = 0; at < 40; at += 1) {
        rogue.say("OUT", { call_id: others.call_id, stream: "stdout", text: "a lie" });
        rogue.say("OUT", { call_id: own.call_id, stream: "stdout", text: "x".repeat(90_000) });
      }
      rogue.say("OUT", { call_id: own.call_id, stream: "stdout", text: "x".repeat(8 * MIB - 200) });
      rogue.respond(id, { data: { status: "done", result: { ok: true }, duration_ms: 1 } });
    };
    await waitFor("the other runs", () => edge.hub().broker.transit?.pendingRequests.size);
    expect(await execute(mac, own)).toMatchObject({ status: "done" });
    await running;
    for (const stop of quiet) stop();
    expect(heard.others).toBe(0);
    expect(heard.own).toBeGreaterThan(900_000);
    expect(heard.own).toBeLessThan(1_100_001);
    expect((await oddities(mac)).toSorted()).toEqual([
      "a packet of such a size",
      "an outcome that is not in its record of calls",
      "output of no call of its own",
    ]);
  });
});

describe("G25 a Mac that floods", () => {
  const MANY = 300;
  async function typical(): Promise<number> {
    const times: number[] = [];
    for (let at = 0; at < 15; at += 1) times.push(await honestCall());
    return times.toSorted((a, b) => a - b)[7] ?? 0;
  }

  test("with announcements of new processes asks the registry little", async () => {
    const { mac, rogue } = await aRogue();
    const { broker } = edge.stack;
    const asked = broker.call.bind(broker);
    let meets = 0;
    broker.call = ((name: string, ...rest: [object, object]) => {
      if (name === "nodes.meet") meets += 1;
      return asked(name, ...rest);
    }) as typeof broker.call;
    const began = performance.now();
    for (let at = 0; at < 5_000; at += 1) {
      rogue.info(randomUUID());
      rogue.heartbeat(randomUUID());
      rogue.say("DISCONNECT", { instanceID: rogue.instance });
      rogue.info();
      if (at % 100 === 0) await rogue.connection.flush();
    }
    await settled({ rogue });
    broker.call = asked as typeof broker.call;
    const seconds = (performance.now() - began) / 1_000;
    expect(meets).toBeLessThanOrEqual(5 + Math.ceil(seconds / 2));
    await waitFor("it is met again", () => edge.hub().instanceOf(mac.id));
  });

  test.each<[string, (rogue: Rogue, at: number) => void]>([
    ["heartbeats", (rogue) => rogue.heartbeat()],
    [
      "8 MB at a time",
      (rogue, at) => at % MANY === 0 && rogue.say("OUT", Buffer.alloc(8 * MIB - 1_000, 0x20)),
    ],
  ])("with %s is cut off, and others hardly notice", async (_name, flood) => {
    const calm = await typical();
    const { mac, rogue } = await aRogue();
    const { jwt } = await mac.credentials();
    let isOver = false;
    const closed = rogue.connection.closed().then(() => {
      isOver = true;
    });
    const began = performance.now();
    const flooding = (async () => {
      for (let at = 0; !isOver; at += 1) {
        flood(rogue, at);
        if (at % MANY === 0) await Promise.race([rogue.connection.flush().catch(() => undefined), closed]);
      }
    })();
    const flooded = await typical();
    await flooding;
    console.info(
      `calls of others: ${calm.toFixed(1)} ms without, ${flooded.toFixed(1)} ms with the flood (${(flooded / calm).toFixed(1)} ×), which is made in the same process; cut off after ${Math.round(performance.now() - began)} ms`,
    );
    const rows = await edge.audited(mac);
    expect(rows.filter(({ entry }) => entry.startsWith("node.cut_off"))).toHaveLength(1);
    await expect(connectAs(edge.server, { jwt, seed: seedOf(mac) })).rejects.toThrow(/Authorization/);
    await waitFor("it is gone", () => edge.hub().instanceOf(mac.id) === undefined);
    const { node } = await edge.stack.as(as(attacker), "nodes.get", { id: mac.id });
    expect(node).toMatchObject({ status: "offline", problem: expect.stringContaining("cut off") });
  });
});

test("G25 a call whose request or answer was lost with a connection is asked about again at once", async () => {
  const mac = await edge.pair(attacker, "lossy");
  const rogue = await Rogue.connect(edge, mac);
  opened.push(rogue);
  let got = 0;
  rogue.answer = ({ action }) => {
    if (action === "node.describe") return description();
    // The first is lost, and it connects anew: then a broker tells of itself.
    if (got++ > 0) return { status: "done", result: { ok: true }, duration_ms: 1 };
    rogue.info();
    return undefined;
  };
  rogue.come();
  await edge.connected(mac);
  expect(await execute(mac, call("read_file", { path: "/x" }))).toMatchObject({ status: "done" });
  expect(got).toBe(2);
});

describe("G22 of two processes with one key", () => {
  test("the first is dealt with; when it is gone the other is, and gets nothing that the first may have run", async () => {
    const { mac, rogue: first } = await aRogue();
    const second = await mac.serve({ folder: join(mac.home, "copied") });
    await waitFor("the second waits", () => second.state().state === "connected");
    expect(edge.hub().instanceOf(mac.id)).toBe(first.instance);
    let got = 0;
    first.answer = () => void got++;
    const file = join(mac.root, "once.txt");
    const sent = execute(mac, call("write_file", { path: file, content: "x" }));
    sent.catch(() => undefined);
    await waitFor("the first has it", () => got);
    // Both have spoken while the first one is dealt with.
    const heard = first.heard.length;
    await waitFor(
      "time goes on",
      () => first.heard.filter(({ subject }) => subject.includes("HEARTBEAT")).length > 2,
    );
    first.heartbeat();
    expect(first.heard.length).toBeGreaterThan(heard);
    first.vanish();
    await expect(sent).rejects.toMatchObject({ type: "request_timeout" });
    await waitFor("the second is dealt with", () => {
      const instance = edge.hub().instanceOf(mac.id);
      return instance !== undefined && instance !== first.instance;
    });
    expect(() => readFileSync(file)).toThrow(/ENOENT/);
    const next = await execute(mac, call("write_file", { path: file, content: "y" }));
    expect(next).toMatchObject({ status: "done" });
    expect(got).toBe(1);
    await second.stop();
  });
});

describe("G23 a Mac that is revoked while a call runs there", () => {
  test("is cut off, also as another process, and who waits learns that nobody knows", async () => {
    const { mac, rogue } = await aRogue();
    let got = 0;
    rogue.answer = () => void got++;
    const sent = execute(mac, call("read_file", { path: "/x" }), 250_000);
    sent.catch(() => undefined);
    await waitFor("it is asked", () => got);
    const { jwt } = await mac.credentials();
    const began = performance.now();
    const revoked = edge.stack.as(as(attacker), "nodes.revoke", { id: mac.id });
    while (!rogue.connection.isClosed()) {
      rogue.info(randomUUID());
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    console.info(`cut off after ${Math.round(performance.now() - began)} ms`);
    await revoked;
    await expect(sent).rejects.toMatchObject({ type: "request_timeout" });
    expect(edge.hub().instanceOf(mac.id)).toBeUndefined();
    await expect(connectAs(edge.server, { jwt, seed: seedOf(mac) })).rejects.toThrow(/Authorization/);
    expect(await edge.stack.as(as(attacker), "nodes.get", { id: mac.id })).toMatchObject({
      node: { status: "revoked" },
    });
  });
});

describe("G22 a thief of the hub's credentials without the key of grants", () => {
  const THIEF = randomUUID();
  let [thief, witness]: NatsConnection[] = [];
  const seen: { subject: string; text: string }[] = [];
  const answers: string[] = [];

  beforeAll(async () => {
    const authenticator = credsAuthenticator(readFileSync(join(edge.server.keysFolder, KEY_FILES.hubCreds)));
    thief = await connect({ servers: edge.server.url, authenticator });
    thief.subscribe(`MOL-edge.*.*.hub.${THIEF}`, {
      callback: (_, message) => void answers.push(message.string()),
    });
    // Nobody but who has nats-server itself sees what hubs say to Macs.
    witness = await connectAs(edge.server, await makeWitness(edge.server));
    witness.subscribe(">", {
      callback: (_, { subject, data }) => void seen.push({ subject, text: Buffer.from(data).toString() }),
    });
    await Promise.all([thief.flush(), witness.flush()]);
  });
  afterAll(() => Promise.all([thief?.close(), witness?.close()]));

  const say = (command: string, data: object) =>
    thief?.publish(
      `MOL-edge.${command}.hub.${THIEF}.${honest.id}`,
      JSON.stringify({ ver: "5", sender: `hub-${THIEF}`, ...data }),
    );
  async function asked(request: object): Promise<string> {
    const id = randomUUID();
    say("REQ", { ...request, id });
    return waitFor(
      `the Mac answers ${JSON.stringify(request)}`,
      () => answers.find((text) => text.includes(id)),
      20_000,
    );
  }
  /** What the hub has asked of the honest Mac for this call. */
  async function captured(one: NodeCall) {
    const outcome = await execute(honest, one);
    const said = await waitFor("it was seen", () =>
      seen.find(({ subject, text }) => subject.includes(".REQ.") && text.includes(one.call_id)),
    );
    return {
      outcome,
      request: JSON.parse(said.text) as {
        action: string;
        params: Record<string, unknown>;
        meta: { grant: { claims: object; signature: string } };
      },
    };
  }

  test("is refused whatever it asks without a grant", async () => {
    const call_id = newId("call");
    for (const [action, params] of [
      ["node.describe", {}],
      ["node.resolve", { calls: [] }],
      ["node.execute", call("write_file", { path: join(honest.root, "thief.txt"), content: "x" })],
      ["node.cancel", { call_id }],
      ["node.fence", { call_id, epoch: 9 }],
    ] as const)
      expect(await asked({ action, params, meta: { granted: { action } } })).toMatch(/has no grant/);
    expect(await asked({ action: "$node.list", params: {} })).toMatch(/not found|SERVICE_NOT_FOUND/i);
    expect(() => readFileSync(join(honest.root, "thief.txt"))).toThrow(/ENOENT/);
  });

  test("makes a grant good for nothing else", async () => {
    const file = join(honest.root, "granted.txt");
    const { request } = await captured(call("write_file", { path: file, content: "x" }));
    const { claims } = request.meta.grant;
    const withClaims = (more: object) => ({
      ...request,
      meta: { grant: { ...request.meta.grant, claims: { ...claims, ...more } } },
    });
    expect(await asked({ ...request, params: { ...request.params, content: "y" } })).toMatch(
      /other parameters/,
    );
    expect(await asked({ ...request, action: "node.cancel" })).toMatch(/something else/);
    expect(await asked(withClaims({ expires_at: Date.now() + 1e9 }))).toMatch(/not signed/);
    expect(await asked(withClaims({ node_id: newId("node") }))).toMatch(/not signed/);
    const other = await edge.pair(owner, "another");
    await other.serve();
    await edge.connected(other);
    const answer = waitFor("it is refused", () => answers.find((text) => text.includes("another machine")));
    thief?.publish(`MOL-edge.REQ.hub.${THIEF}.${other.id}`, JSON.stringify({ ...request, id: randomUUID() }));
    await answer;
  });

  test("sends an old call once more: the journal answers, and it does not run", async () => {
    const file = join(honest.root, "replayed.txt");
    const { outcome, request } = await captured(
      call("append_file", { path: file, content: "x", create_if_missing: true }),
    );
    const replayed = JSON.parse(await asked(request)) as { data: unknown };
    expect(replayed.data).toEqual(outcome);
    expect(readFileSync(file, "utf8")).toBe("x");
  });

  test("does not set the Mac's clock, neither with heartbeats of its own nor with old ones", async () => {
    const old = await waitFor("a hub has spoken", () =>
      seen.find(({ subject }) => subject.startsWith("MOL-edge.HEARTBEAT.hub")),
    );
    const { request } = await captured(
      call("read_file", { path: "/x" }, { deadline_at: Date.now() - 20_000 }),
    );
    for (let at = 0; at < 40; at += 1) {
      say("HEARTBEAT", { time: at % 2 ? 0 : Date.now() + 1e9, cpu: 1 });
      say("HEARTBEAT", { ...(JSON.parse(old.text) as object), time: Date.now() + 3_600_000 });
      thief?.publish(`${old.subject.slice(0, -3)}${honest.id}`, old.text);
    }
    await thief?.flush();
    await honestCall();
    const late = await execute(
      honest,
      call("read_file", { path: "/x" }, { deadline_at: Date.now() - 15_000 }),
    );
    expect(late).toMatchObject({ result: { error: { code: "deadline" } } });
    expect(request.action).toBe("node.execute");
  });
});
