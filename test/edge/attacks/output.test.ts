// Output that a Mac sends while calls run. How: test/support/edge/attack-stage.ts.
import { describe, expect, test } from "@jest/globals";
import { attackStage, call, MIB } from "../../support/edge/attack-stage.ts";
import { description } from "../../support/edge/rogue.ts";
import { waitFor } from "../../support/wait-for.ts";

const stage = attackStage();
const { aRogue, execute, oddities } = stage;

describe("G25 output", () => {
  test("of another Mac's call, and more than a call may print, reach nobody", async () => {
    const { mac, rogue } = await aRogue();
    const { signals } = stage.edge.stack.broker.core.ports;
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
    const running = execute(stage.honest, others);
    rogue.answer = ({ id, action }) => {
      // It may be asked after it is connected.
      if (action === "node.describe") return description();
      for (let at = 0; at < 40; at += 1) {
        rogue.say("OUT", { call_id: others.call_id, stream: "stdout", text: "a lie" });
        rogue.say("OUT", { call_id: own.call_id, stream: "stdout", text: "x".repeat(90_000) });
      }
      rogue.say("OUT", { call_id: own.call_id, stream: "stdout", text: "x".repeat(8 * MIB - 200) });
      rogue.respond(id, { data: { status: "done", result: { ok: true }, duration_ms: 1 } });
    };
    await waitFor("the other runs", () => stage.edge.hub().broker.transit?.pendingRequests.size);
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
