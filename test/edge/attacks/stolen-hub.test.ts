// Who has stolen the hub's credentials, but not the key of grants, and speaks to Macs. How: test/support/edge/attack-stage.ts.
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { connect, credsAuthenticator, type NatsConnection } from "nats";
import { KEY_FILES } from "../../../lib/edge/keys/key-files.ts";
import { newId } from "../../../lib/ids.ts";
import type { NodeCall } from "../../../services/tools/machines/machine.ts";
import { attackStage, call } from "../../support/edge/attack-stage.ts";
import { connectAs, makeWitness } from "../../support/edge/edge-users.ts";
import { waitFor } from "../../support/wait-for.ts";

const stage = attackStage();
const { execute, honestCall } = stage;

describe("G22 a thief of the hub's credentials without the key of grants", () => {
  const THIEF = randomUUID();
  let [thief, witness]: NatsConnection[] = [];
  const seen: { subject: string; text: string }[] = [];
  const answers: string[] = [];

  beforeAll(async () => {
    const authenticator = credsAuthenticator(
      readFileSync(join(stage.edge.server.keysFolder, KEY_FILES.hubCreds)),
    );
    thief = await connect({ servers: stage.edge.server.url, authenticator });
    thief.subscribe(`MOL-edge.*.*.hub.${THIEF}`, {
      callback: (_, message) => void answers.push(message.string()),
    });
    // Nobody but who has nats-server itself sees what hubs say to Macs.
    witness = await connectAs(stage.edge.server, await makeWitness(stage.edge.server));
    witness.subscribe(">", {
      callback: (_, { subject, data }) => void seen.push({ subject, text: Buffer.from(data).toString() }),
    });
    await Promise.all([thief.flush(), witness.flush()]);
  });
  afterAll(() => Promise.all([thief?.close(), witness?.close()]));

  const say = (command: string, data: object) =>
    thief?.publish(
      `MOL-edge.${command}.hub.${THIEF}.${stage.honest.id}`,
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
    const outcome = await execute(stage.honest, one);
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
      ["node.execute", call("write_file", { path: join(stage.honest.root, "thief.txt"), content: "x" })],
      ["node.cancel", { call_id }],
      ["node.fence", { call_id, epoch: 9 }],
    ] as const)
      expect(await asked({ action, params, meta: { granted: { action } } })).toMatch(/has no grant/);
    expect(await asked({ action: "$node.list", params: {} })).toMatch(/not found|SERVICE_NOT_FOUND/i);
    expect(() => readFileSync(join(stage.honest.root, "thief.txt"))).toThrow(/ENOENT/);
  });

  test("makes a grant good for nothing else", async () => {
    const file = join(stage.honest.root, "granted.txt");
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
    const other = await stage.edge.pair(stage.owner, "another");
    await other.serve();
    await stage.edge.connected(other);
    const answer = waitFor("it is refused", () => answers.find((text) => text.includes("another machine")));
    thief?.publish(`MOL-edge.REQ.hub.${THIEF}.${other.id}`, JSON.stringify({ ...request, id: randomUUID() }));
    await answer;
  });

  test("sends an old call once more: the journal answers, and it does not run", async () => {
    const file = join(stage.honest.root, "replayed.txt");
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
      thief?.publish(`${old.subject.slice(0, -3)}${stage.honest.id}`, old.text);
    }
    await thief?.flush();
    await honestCall();
    const late = await execute(
      stage.honest,
      call("read_file", { path: "/x" }, { deadline_at: Date.now() - 15_000 }),
    );
    expect(late).toMatchObject({ result: { error: { code: "deadline" } } });
    expect(request.action).toBe("node.execute");
  });
});
