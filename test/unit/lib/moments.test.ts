import { describe, expect, test } from "@jest/globals";
import { AppError } from "../../../lib/errors.ts";
import { type Moment, perform, pointsOf } from "../../../lib/moments.ts";

type Carried = { done: string[]; fails?: AppError };

function momentOf(names: string[], failing?: string): Moment<Carried> {
  return {
    key: "test",
    operations: names.map((name) => ({
      name,
      async do({ done, fails }) {
        done.push(name);
        if (name === failing && fails) throw fails;
        return undefined;
      },
      async undo({ done }) {
        done.push(`undo ${name}`);
      },
    })),
  };
}

const points: string[] = [];
const performer = {
  moments: { run: <T>(operations: () => Promise<T>) => operations() },
  crash: async (point: string) => void points.push(point),
};

describe("a moment", () => {
  test("does its operations in order, and each name is a crash point behind it", async () => {
    const moment = momentOf(["a", "b"]);
    points.length = 0;
    const { done } = await perform(performer, moment, { done: [] });
    expect(done).toEqual(["a", "b"]);
    expect(points).toEqual(["test.a", "test.b"]);
    expect(pointsOf([moment, moment])).toEqual(["test.a", "test.b"]);
  });

  test("carries on what an operation adds, and leaves what it was given as it was", async () => {
    const given = { sum: 1 };
    const add = { name: "add", do: async ({ sum }: { sum: number }) => ({ sum: sum + 1 }) };
    expect(await perform(performer, { key: "sum", operations: [add, add] }, given)).toEqual({ sum: 3 });
    expect(given).toEqual({ sum: 1 });
  });

  test("that refuses takes back what came before, the last first, and itself too", async () => {
    const done: string[] = [];
    const refused = perform(performer, momentOf(["a", "b", "c"], "b"), {
      done,
      fails: new AppError("session_busy"),
    });
    await expect(refused).rejects.toMatchObject({ type: "session_busy" });
    expect(done).toEqual(["a", "b", "undo b", "undo a"]);
  });

  test.each(["store_unavailable", "request_timeout", "busy", "shutting_down"] as const)(
    "takes nothing back after %s: the late operation may still land",
    async (type) => {
      const done: string[] = [];
      const failed = perform(performer, momentOf(["a", "b"], "b"), { done, fails: new AppError(type) });
      await expect(failed).rejects.toMatchObject({ type });
      expect(done).toEqual(["a", "b"]);
    },
  );

  test("that is performed again takes nothing back: it went through once", async () => {
    const done: string[] = [];
    const carried = { done, fails: new AppError("quota_exceeded") };
    await expect(perform(performer, momentOf(["a"], "a"), carried, "again")).rejects.toMatchObject({
      type: "quota_exceeded",
    });
    expect(done).toEqual(["a"]);
  });
});
