import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { HubPresence } from "../../../../mac-node/edge/presence.ts";

let now: number;
let cuts: number;
let states: string[];
let presence: HubPresence;

beforeEach(() => {
  [now, cuts, states] = [0, 0, []];
  presence = new HubPresence({
    cutOff: () => {
      cuts += 1;
    },
    onChange: ({ state }) => states.push(state),
    now: () => now,
  });
});
afterEach(() => presence.stop());

function pass(seconds: number): void {
  for (const until = now + seconds * 1_000; now < until; now += 1_000) presence.look();
  presence.look();
}

describe("a Mac that listens for its hub", () => {
  test("is connected when it hears one, and cut off after ten seconds of silence", () => {
    presence.heard();
    pass(9);
    expect(states).toEqual(["connected"]);
    pass(1);
    expect(states).toEqual(["connected", "cut_off"]);
    presence.heard();
    expect(presence.state.state).toBe("connected");
  });

  test("G24 ends what runs after fifteen seconds, once, and again the next time", () => {
    presence.heard();
    pass(14);
    expect(cuts).toBe(0);
    pass(60);
    expect(cuts).toBe(1);
    presence.heard();
    pass(15);
    expect(cuts).toBe(2);
  });

  test("ends nothing before it has ever heard one: nothing can run for it", () => {
    pass(60);
    expect([cuts, presence.state.state]).toEqual([0, "connecting"]);
  });
});
