import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { Known } from "../../../../services/nodes/known.ts";

let now: number;
beforeEach(() => {
  now = 1_000;
  jest.spyOn(performance, "now").mockImplementation(() => now);
});
afterEach(() => {
  jest.restoreAllMocks();
});

describe("what is known of something that changes elsewhere", () => {
  test("is read once for all who ask at once, and again after five seconds or when it was changed here", async () => {
    let reads = 0;
    const known = new Known(async () => {
      reads += 1;
      return reads;
    });
    expect(await Promise.all([known.get(), known.get()])).toEqual([1, 1]);
    now += 4_999;
    expect(await known.get()).toBe(1);
    now += 1;
    expect(await known.get()).toBe(2);
    known.forget();
    expect(await known.get()).toBe(3);
  });

  test("stays while it cannot be read; where nothing is known yet that is said, and it is tried again", async () => {
    let read = (): Promise<string> => Promise.reject(new Error("away"));
    const known = new Known(() => read());
    await expect(known.get()).rejects.toThrow("away");
    read = async () => "here";
    expect(await known.get()).toBe("here");
    read = () => Promise.reject(new Error("away again"));
    now += 5_000;
    expect(await known.get()).toBe("here");
    read = async () => "new";
    now += 5_000;
    expect(await known.get()).toBe("new");
  });
});
