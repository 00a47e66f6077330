// A Mac that connects anew, that is there twice, that is revoked: what becomes of its calls. How: test/support/edge/attack-stage.ts.
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { as, attackStage, call, seedOf } from "../../support/edge/attack-stage.ts";
import { connectAs } from "../../support/edge/edge-users.ts";
import { description, Rogue } from "../../support/edge/rogue.ts";
import { waitFor } from "../../support/wait-for.ts";

const stage = attackStage();
const { aRogue, execute } = stage;

test("G25 a call whose request or answer was lost with a connection is asked about again at once", async () => {
  const mac = await stage.edge.pair(stage.attacker, "lossy");
  const rogue = await Rogue.connect(stage.edge, mac);
  stage.opened.push(rogue);
  let got = 0;
  rogue.answer = ({ action }) => {
    if (action === "node.describe") return description();
    // The first is lost, and it connects anew: then a broker tells of itself.
    if (got++ > 0) return { status: "done", result: { ok: true }, duration_ms: 1 };
    rogue.info();
    return undefined;
  };
  rogue.come();
  await stage.edge.connected(mac);
  expect(await execute(mac, call("read_file", { path: "/x" }))).toMatchObject({ status: "done" });
  expect(got).toBe(2);
});

describe("G22 of two processes with one key", () => {
  test("the first is dealt with; when it is gone the other is, and gets nothing that the first may have run", async () => {
    const { mac, rogue: first } = await aRogue();
    const second = await mac.serve({ folder: join(mac.home, "copied") });
    await waitFor("the second waits", () => second.state().state === "connected");
    expect(stage.edge.hub().instanceOf(mac.id)).toBe(first.instance);
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
      const instance = stage.edge.hub().instanceOf(mac.id);
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
    const revoked = stage.edge.stack.as(as(stage.attacker), "nodes.revoke", { id: mac.id });
    while (!rogue.connection.isClosed()) {
      rogue.info(randomUUID());
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    console.info(`cut off after ${Math.round(performance.now() - began)} ms`);
    await revoked;
    await expect(sent).rejects.toMatchObject({ type: "request_timeout" });
    expect(stage.edge.hub().instanceOf(mac.id)).toBeUndefined();
    await expect(connectAs(stage.edge.server, { jwt, seed: seedOf(mac) })).rejects.toThrow(/Authorization/);
    expect(await stage.edge.stack.as(as(stage.attacker), "nodes.get", { id: mac.id })).toMatchObject({
      node: { status: "revoked" },
    });
  });
});
