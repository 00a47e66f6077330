// Calls between processes over a real NATS: what arrives, what does not, and who may.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import type { LocalServer } from "../../bin/cluster/servers/local-server.ts";
import { startNats } from "../../bin/cluster/servers/nats.ts";
import { servicesThere } from "../../lib/broker/services-there.ts";
import { openEmbeddedPorts } from "../../lib/embedded/open-embedded-ports.ts";
import { quotaService } from "../../services/quota.service.ts";
import { type BusNode, startBusNode } from "../support/bus-node.ts";
import { farService } from "../support/far-service.ts";
import { aUser } from "../support/test-broker.ts";
import { waitFor } from "../support/wait-for.ts";

let server: LocalServer;
beforeAll(async () => {
  server = await startNats();
});
afterAll(() => server.stop());

let nodes: BusNode[] = [];
async function node(options: Omit<Parameters<typeof startBusNode>[0], "url">): Promise<BusNode> {
  const started = await startBusNode({ url: server.url, ...options });
  nodes.push(started);
  return started;
}
afterEach(async () => {
  await Promise.all(nodes.map((one) => one.stop()));
  nodes = [];
});

describe("a call of another process", () => {
  let far: BusNode;
  let near: BusNode;
  let begun: string[];
  beforeEach(async () => {
    begun = [];
    far = await node({ nodeID: "far-1", services: [farService((text) => void begun.push(text))] });
    near = await node({ nodeID: "near-1" });
    await servicesThere(near.broker, ["far"]);
  });

  test("carries parameters, caller and request id there and the result back", async () => {
    const user = aUser();
    const meta = { identity: near.broker.core.identity.sign(user) };
    const answer = await near.broker.call("far.echo", { text: "你好" }, { meta, requestID: "req_1" });
    expect(answer).toMatchObject({
      text: "你好",
      user_id: user.user_id,
      requestID: "req_1",
      nodeID: "far-1",
    });
  });

  test("that does not fit is refused with the places of its faults", async () => {
    await expect(near.call("far.echo", { text: 3, more: 1 }, aUser())).rejects.toMatchObject({
      type: "invalid_request",
      code: 422,
      retryable: false,
      data: { errors: expect.arrayContaining([expect.objectContaining({ path: "text" })]) },
    });
  });

  test("that is refused tells all that the error has, and not where it was made", async () => {
    const error = await near.call<never>("far.refuse", {}).catch((thrown: unknown) => thrown as Error);
    expect(error).toMatchObject({
      name: "AppError",
      message: "Come again.",
      type: "rate_limited",
      code: 429,
      retryable: true,
      data: {
        retryAfterMs: 7_000,
        show: { run_id: "run_1" },
        rate_limit: { limit: 3, remaining: 0, reset_at: 9 },
      },
    });
  });

  test("that fails for a reason of its own tells nothing of it; its own process logs it", async () => {
    const error = await near.call<never>("far.crash", {}).catch((thrown: unknown) => thrown as Error);
    expect(error).toMatchObject({ type: "internal", code: 500, retryable: false });
    expect(JSON.stringify([error.message, error.stack, { ...error }])).not.toMatch(/hunter2|far-service/);
    expect(far.said.join("")).toMatch(/a call of another process failed/);
    expect(far.said.join("")).toMatch(/hunter2 at/);
  });

  test("takes only what is needed of meta along, and brings none back", async () => {
    const identity = near.broker.core.identity.sign(aUser());
    const meta = { identity, clientAddress: "10.0.0.1", left_by: "x", password: "p", more: { deep: 1 } };
    const answer = await near.call<{ meta: object }>("far.echo", { text: "" }, { meta });
    expect(answer.meta).toEqual({ identity, clientAddress: "10.0.0.1", left_by: "x" });
    const before = { ...meta };
    expect(await near.call("far.overwrite", {}, { meta })).toBe("done");
    expect(meta).toEqual(before);
  });

  test("G16 takes no more of a packet that somebody wrote by hand, and believes nothing else that it says", async () => {
    const { connection } = near.nats;
    const answers = connection.subscribe("MOL-macjarvis.RES.near.1");
    const admin = aUser({ role: "admin", service: "agent" });
    const identity = near.broker.core.identity.sign(aUser());
    const send = (id: string, meta: object) => {
      const packet = { ver: "5", sender: "near-1", id, action: "far.echo", params: { text: "" }, meta };
      connection.publish("MOL-macjarvis.REQ.far.1", JSON.stringify({ ...packet, caller: "agent.start" }));
    };
    const claims = { user: admin, caller: admin, user_id: admin.user_id, service: "agent" };
    send("bare", claims);
    send("object", { ...claims, identity: { caller: admin } });
    send("signed", { ...claims, identity });
    const told = new Map<string, object>();
    for await (const answer of answers) {
      const packet = answer.json<{ id: string; data?: { meta: object }; error?: { type: string } }>();
      told.set(packet.id, packet.error ? { type: packet.error.type } : { meta: packet.data?.meta });
      if (told.size === 3) break;
    }
    expect(Object.fromEntries(told)).toEqual({
      bare: { type: "unauthenticated" },
      object: { type: "unauthenticated" },
      signed: { meta: { identity } },
    });
  });

  test("believes no answer of a process that was not asked", async () => {
    const pending = near.call("far.wait", { text: "asked" });
    const [id] = await waitFor("the request is under way", () => {
      const ids = [...(near.broker.transit?.pendingRequests.keys() ?? [])];
      return ids.length > 0 && ids;
    });
    const forged = {
      ver: "5",
      sender: "far-9",
      id,
      success: true,
      data: "forged",
      meta: { identity: "forged" },
    };
    near.nats.connection.publish("MOL-macjarvis.RES.near.1", JSON.stringify(forged));
    await near.nats.connection.flush();
    // The handler is there: `wait` came before it on the same connection.
    expect(await near.call("far.release", {})).toBe(1);
    expect(await pending).toBe("asked");
  });

  test("that is too large is refused at once, here, and the bus goes on", async () => {
    const text = "x".repeat(9 * 1024 * 1024);
    await expect(near.call("far.length", { text })).rejects.toMatchObject({
      type: "request_too_large",
      code: 413,
      retryable: false,
      message: expect.stringMatching(/has 9437\d+ bytes; .* 8388608 at most/),
    });
    expect(near.broker.transit?.pendingRequests.size).toBe(0);
    expect(await near.call("far.length", { text: text.slice(0, 8 * 1024 * 1024 - 2_000) })).toBe(8_386_608);
  });

  test("whose answer is too large is answered so at once", async () => {
    await expect(near.call("far.text", { bytes: 9 * 1024 * 1024 })).rejects.toMatchObject({
      type: "answer_too_large",
      code: 500,
      message: expect.stringMatching(/ask for less/),
    });
    expect(await near.call<string>("far.text", { bytes: 1_000_000 })).toHaveLength(1_000_000);
  });

  test("that is large, many of them in one moment: each comes there and back, also from a process that stops", async () => {
    const texts = Array.from({ length: 8 }, (_, number) => `${number}${"x".repeat(4_000_000)}`);
    const pending = Promise.all(texts.map((text) => near.call("far.wait", { text })));
    await waitFor("all have come", () => begun.length === texts.length);
    // In its own process: its answer waits for no other.
    expect(await far.call("far.release", {})).toBe(texts.length);
    await Promise.all([pending, far.stop()]);
    expect((await pending).map(String).sort()).toEqual(texts);
  });

  test("that takes too long is not kept: neither here nor with its context", async () => {
    const late = Array.from({ length: 20 }, () =>
      near.call("far.wait", { text: "late" }, undefined, 50).catch((thrown: unknown) => thrown),
    );
    for (const error of await Promise.all(late)) expect(error).toMatchObject({ type: "REQUEST_TIMEOUT" });
    const tracked = near.broker as unknown as { _trackedContexts: unknown[] };
    expect(near.broker.transit?.pendingRequests.size).toBe(0);
    expect(tracked._trackedContexts).toHaveLength(0);
    const service = far.broker.services.find(({ name }) => name === "far") as unknown as typeof tracked;
    await waitFor("the other process has let go of them", () => service._trackedContexts.length === 0);
  });

  test("G16 an action says who may call it, whoever sends the packet", async () => {
    const admin = aUser({ role: "admin" });
    const outcomes = [
      ["far.echo", { text: "" }, { meta: {} }, "unauthenticated"],
      ["far.echo", { text: "" }, { meta: { identity: "e30.x" } }, "unauthenticated"],
      ["far.echo", { text: "" }, { meta: { identity: { caller: admin } } }, "unauthenticated"],
      ["far.internal", {}, { meta: {} }, "unauthenticated"],
      ["far.internal", {}, admin, "forbidden"],
      ["far.admin", {}, aUser(), "forbidden"],
    ] as const;
    for (const [name, params, who, type] of outcomes)
      await expect(near.call(name, params, who as never)).rejects.toMatchObject({ type });
    expect(await near.call("far.admin", {}, admin)).toBe("done");
    expect(await near.call("far.internal", {}, aUser({ service: "near" }))).toBe("done");
  });
});

test("a real service answers over the bus as it does in its own process", async () => {
  const home = await mkdtemp(join(tmpdir(), "macjarvis-bus-"));
  const ports = openEmbeddedPorts({ home });
  try {
    const far = await node({ nodeID: "quota-1", services: [quotaService()], ports });
    const near = await node({ nodeID: "near-1" });
    await servicesThere(near.broker, ["quota"]);
    const user = aUser();
    for (const [name, params] of [
      ["quota.plans", {}],
      ["quota.limits", {}],
      ["quota.usage", { days: 3 }],
    ] as const)
      expect(await near.call(name, params, user)).toEqual(await far.call(name, params, user));
  } finally {
    await Promise.all(nodes.splice(0).map((one) => one.stop()));
    await ports.close();
    await rm(home, { recursive: true });
  }
});

test("two clusters on one NATS do not see each other", async () => {
  await node({ nodeID: "far-1", services: [farService()], namespace: "one" });
  const other = await node({ nodeID: "near-1", namespace: "two" });
  const same = await node({ nodeID: "near-2", namespace: "one" });
  await servicesThere(same.broker, ["far"]);
  await expect(other.call("far.length", { text: "" })).rejects.toMatchObject({ type: "SERVICE_NOT_FOUND" });
  expect(other.broker.registry.getNodeList({})).toHaveLength(1);
});

test("processes of two versions say so, once each", async () => {
  const old = await node({ nodeID: "old-1", version: "1.0.0" });
  const newer = await node({ nodeID: "new-1", version: "1.1.0", services: [farService()] });
  const words = (one: BusNode) => one.said.filter((line) => /bring all processes to one version/i.test(line));
  await waitFor("both have said so", () => words(old).length > 0 && words(newer).length > 0);
  await servicesThere(old.broker, ["far"]);
  expect(words(old)).toEqual([expect.stringContaining("MacJarvis 1.1.0 is in this cluster")]);
  expect(words(newer)).toHaveLength(1);
});

test("a process that speaks another version of the bus than those that are there does not start", async () => {
  const old = await node({ nodeID: "old-1" });
  await expect(node({ nodeID: "new-1", version: "2.0.0", protocol: 99 })).rejects.toThrow(
    /MacJarvis 1.0.0 speaks version 2 of the bus, and this one \(2.0.0\) version 99.*Stop those of the other version first/,
  );
  expect(old.deaf).toEqual([]);
});

test.each([
  ["another PostgreSQL", { cluster: "two", secrets: ["s"] }, /Two clusters are on one NATS/],
  ["another JWT_SECRET", { cluster: "one", secrets: ["z"] }, /has another JWT_SECRET/],
])(
  "a process with %s does not start beside the others; two that start at once never see each other",
  async (_what, belongs, words) => {
    const first = { nodeID: "one-1", belongs: { cluster: "one", secrets: ["s"] } };
    const both = await Promise.allSettled([
      node({ ...first, services: [farService()] }),
      node({ nodeID: "two-1", belongs }),
    ]);
    for (const one of both) if (one.status === "rejected") expect(String(one.reason)).toMatch(words);
    const started = both.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    for (const { broker } of started) expect(broker.registry.getNodeList({})).toHaveLength(1);
    for (const one of started) await one.stop();
    await node({ ...first, nodeID: "one-2" });
    await expect(node({ nodeID: "two-2", belongs })).rejects.toThrow(words);
  },
);

test.each([
  ["a.b", "macjarvis"],
  ["core-1", "mac>"],
  ["*", "macjarvis"],
])("the name %s in the cluster %s is refused in words", async (nodeID, namespace) => {
  await expect(startBusNode({ url: server.url, nodeID, namespace })).rejects.toThrow(
    /letters, digits, _ and -/,
  );
});
