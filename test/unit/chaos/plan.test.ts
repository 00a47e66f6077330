// What chaos does is drawn beforehand: the same seed gives the same faults in the same order. Its flags are refused in words.
import { describe, expect, test } from "@jest/globals";
import { FAULT_KINDS, type Fault } from "../../chaos/cluster/faults.ts";
import { readOptions } from "../../chaos/cluster/options.ts";
import { planFirstStorm, planStorm } from "../../chaos/cluster/storm.ts";
import { randomOf } from "../../support/random.ts";

const PROCESSES = ["users", "node", "api-1", "agent-1"];

describe("a storm", () => {
  test("is the same for the same seed, and another one for another seed", () => {
    expect(planStorm(randomOf(7), PROCESSES, 60_000)).toEqual(planStorm(randomOf(7), PROCESSES, 60_000));
    expect(planStorm(randomOf(7), PROCESSES, 60_000)).not.toEqual(planStorm(randomOf(8), PROCESSES, 60_000));
  });

  test("has every kind of fault in an hour, in order, each as long as its kind lasts", () => {
    const faults = planStorm(randomOf(1), PROCESSES, 3_600_000);
    expect(new Set(faults.map(({ kind }) => kind))).toEqual(new Set(Object.keys(FAULT_KINDS)));
    expect(faults.map(({ atMs }) => atMs)).toEqual(faults.map(({ atMs }) => atMs).toSorted((a, b) => a - b));
    const isOutside = ({ kind, forMs }: Fault) => {
      const [least, most] = FAULT_KINDS[kind].lastsMs;
      return forMs < least || forMs > most;
    };
    expect(faults.filter(isOutside)).toEqual([]);
  });

  test("begins with the death of an agent and nothing else when it is the first one", () => {
    const [first, second] = planFirstStorm(randomOf(1), PROCESSES, 60_000);
    expect(first).toMatchObject({ kind: "kill -9", target: "agent-1" });
    expect(second?.atMs).toBeGreaterThan(20_000);
  });
});

describe("the flags of chaos", () => {
  test("have defaults, and a seed of their own when none is given", () => {
    expect(readOptions([])).toMatchObject({ minutes: 30, live: 50, gateways: 2, agents: 2 });
    expect(readOptions(["--minutes", "0.5", "--seed", "9"])).toMatchObject({ minutes: 0.5, seed: 9 });
    expect(readOptions(["--help"])).toBe("help");
  });

  test.each([
    [["--seed", "x"], '--seed takes a number from 0 to 4294967295, not "x".'],
    [["--seed", "1.5"], '--seed takes a whole number, not "1.5".'],
    [["--minutes", "0"], '--minutes takes a number from 0.1 to 1440, not "0".'],
    [["--gateways", "1"], '--gateways takes a number from 2 to 5, not "1".'],
    [["--live", ""], '--live takes a number from 1 to 500, not "".'],
    [["--nothing"], "Unknown option '--nothing'"],
  ])("%j is refused in words", (args, words) => {
    expect(() => readOptions(args)).toThrow(words);
  });
});
