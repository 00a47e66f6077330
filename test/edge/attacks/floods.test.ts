// A Mac that says far too much, and those beside it. How: test/support/edge/attack-stage.ts.
import { randomUUID } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { as, attackStage, MIB, seedOf } from "../../support/edge/attack-stage.ts";
import { connectAs } from "../../support/edge/edge-users.ts";
import type { Rogue } from "../../support/edge/rogue.ts";
import { waitFor } from "../../support/wait-for.ts";

const stage = attackStage();
const { aRogue, honestCall, settled } = stage;

describe("G25 a Mac that floods", () => {
  const MANY = 300;
  async function typical(): Promise<number> {
    const times: number[] = [];
    for (let at = 0; at < 15; at += 1) times.push(await honestCall());
    return times.toSorted((a, b) => a - b)[7] ?? 0;
  }

  test("with announcements of new processes asks the registry little", async () => {
    const { mac, rogue } = await aRogue();
    const { broker } = stage.edge.stack;
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
    await waitFor("it is met again", () => stage.edge.hub().instanceOf(mac.id));
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
    const rows = await stage.edge.audited(mac);
    expect(rows.filter(({ entry }) => entry.startsWith("node.cut_off"))).toHaveLength(1);
    await expect(connectAs(stage.edge.server, { jwt, seed: seedOf(mac) })).rejects.toThrow(/Authorization/);
    await waitFor("it is gone", () => stage.edge.hub().instanceOf(mac.id) === undefined);
    const { node } = await stage.edge.stack.as(as(stage.attacker), "nodes.get", { id: mac.id });
    expect(node).toMatchObject({ status: "offline", problem: expect.stringContaining("cut off") });
  });
});
