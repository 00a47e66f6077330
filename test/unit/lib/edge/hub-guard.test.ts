// What a hub believes of a Mac's heartbeat: which process it is of, and how the Mac is, as far as that makes sense.
import { beforeEach, describe, expect, test } from "@jest/globals";
import type { MacVitals } from "../../../../contracts/mac-vitals.ts";
import { Flood } from "../../../../lib/edge/bus/flood.ts";
import { HubGuard } from "../../../../lib/edge/bus/hub-guard.ts";

const MAC = "nod_1";
let believed: MacVitals[];
let odd: string[];
beforeEach(() => {
  [believed, odd] = [[], []];
});

const guard = new HubGuard(
  {
    accepts: (_nodeId, instance) => instance === "one",
    knows: (_nodeId, instance) => instance === "one",
    vitals: (_nodeId, vitals) => void believed.push(vitals),
    output: () => undefined,
    odd: (_nodeId, what) => void odd.push(what),
  },
  new Flood(() => undefined),
  () => {
    throw new Error("no heartbeat is an answer");
  },
);
/** As it comes: JSON has neither NaN nor undefined. */
const heartbeat = (said: object) =>
  guard.admit("HEARTBEAT", MAC, JSON.parse(JSON.stringify({ cpu: 1, instanceID: "one", ...said })));

describe("of a heartbeat", () => {
  test("load and battery are believed, and go to nobody else", () => {
    const battery = { percent: 80, charging: true };
    expect(heartbeat({ load: 0.25, battery, name: "other" })).toEqual({ cpu: 1, instanceID: "one" });
    heartbeat({ load: 0, battery: { percent: 0, charging: false } });
    heartbeat({ load: 1 });
    heartbeat({});
    expect(believed).toEqual([
      { load: 0.25, battery },
      { load: 0, battery: { percent: 0, charging: false } },
      { load: 1 },
      {},
    ]);
  });

  test.each<[string, unknown]>([
    ["above one", 1.01],
    ["below nothing", -0.01],
    ["without end", 1e308],
    ["no number", Number.NaN],
    ["a text", "0.5"],
    ["a list", [0.5]],
    ["an object", { valueOf: 0.5 }],
    ["long", "9".repeat(60_000)],
  ])("a load that is %s is left out, the battery not", (_name, load) => {
    const battery = { percent: 50, charging: false };
    expect(heartbeat({ load, battery })).toEqual({ cpu: 1, instanceID: "one" });
    expect(believed).toEqual([{ battery }]);
    expect(odd).toEqual([]);
  });

  test.each<[string, unknown]>([
    ["fuller than full", { percent: 101, charging: true }],
    ["emptier than empty", { percent: -1, charging: true }],
    ["of a third", { percent: 33.3, charging: true }],
    ["as full as a text says", { percent: "50", charging: true }],
    ["without end", { percent: 1e308, charging: true }],
    ["perhaps charging", { percent: 50, charging: 1 }],
    ["without a charge", { charging: true }],
    ["a number", 50],
    ["a list", [50, true]],
  ])("a battery that is %s is left out, the load not", (_name, battery) => {
    heartbeat({ load: 0.5, battery });
    expect(believed).toEqual([{ load: 0.5 }]);
    expect(odd).toEqual([]);
  });

  test("nothing else of a battery is kept", () => {
    heartbeat({ battery: { percent: 50, charging: false, owner: "x".repeat(60_000) } });
    expect(believed).toEqual([{ battery: { percent: 50, charging: false } }]);
  });

  test("another process of the Mac says nothing of it", () => {
    expect(heartbeat({ instanceID: "two", load: 0.5 })).toBeUndefined();
    expect(heartbeat({ instanceID: 1, load: 0.5 })).toBeUndefined();
    expect(believed).toEqual([]);
  });
});
