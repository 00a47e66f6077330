// A moment is one commit of the embedded store, also when its operations do not follow each other at once.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { Kysely } from "kysely";
import { storeDialect } from "../../../../lib/embedded/kysely-dialect.ts";
import { Store, type StoreOptions } from "../../../../lib/embedded/store.ts";
import { waitFor } from "../../../support/wait-for.ts";

type Tables = { log: { n: number; text: string } };

let folder: string;
let store: Store;
async function open(options: StoreOptions = {}): Promise<void> {
  // A machine that stands still for a second is not what splits moments here.
  store = new Store(join(folder, "store.db"), { momentPatienceMs: 60_000, ...options });
  await store.write(() =>
    store.statement("CREATE TABLE IF NOT EXISTS log (n INTEGER PRIMARY KEY, text TEXT)").run(),
  );
}
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "macjarvis-moments-"));
  await open();
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

const add = (n: number, text = "") =>
  store.write(() => store.statement("INSERT INTO log (n, text) VALUES (?, ?)").run(n, text));
const count = () => store.read(() => Number(store.statement("SELECT count(*) AS n FROM log").get()?.n));
async function turns(number: number): Promise<void> {
  for (let left = number; left > 0; left -= 1) await turn();
}

describe("a moment of the store", () => {
  test("is one commit, however many turns of the event loop its operations need", async () => {
    const before = store.commits;
    await store.run(async () => {
      await add(1);
      await turns(20);
      await add(2);
      await turns(20);
      expect(store.commits).toBe(before);
    });
    expect([store.commits - before, store.splits]).toEqual([1, 0]);
  });

  test("is seen by nobody before it is there as a whole", async () => {
    const seen = new Set<number>();
    let isOver = false;
    const moment = store.run(async () => {
      await add(1);
      await turns(10);
      await add(2);
    });
    void moment.finally(() => {
      isOver = true;
    });
    while (!isOver) {
      seen.add(await count());
      await turn();
    }
    expect([...seen].every((rows) => rows === 0 || rows === 2)).toBe(true);
  });

  test("takes others' operations along, which answer with it", async () => {
    const before = store.commits;
    const told: string[] = [];
    const moment = store.run(async () => {
      await add(1);
      await turns(10);
      told.push("end of the moment");
    });
    await turns(3);
    const other = add(2).then(() => told.push("other"));
    await Promise.all([moment, other]);
    expect(told).toEqual(["end of the moment", "other"]);
    expect(store.commits - before).toBe(1);
  });

  test("that begins while a group waits for another one is in the next commit", async () => {
    const pause = Promise.withResolvers<void>();
    const first = store.run(async () => {
      await add(1);
      await pause.promise;
      await add(2);
    });
    await turns(5);
    let hasBegun = false;
    const second = store.run(async () => {
      hasBegun = true;
      await add(3);
    });
    await turns(5);
    expect(hasBegun).toBe(false);
    pause.resolve();
    await first;
    expect(await count()).toBe(2);
    await second;
    expect([await count(), store.splits]).toEqual([3, 0]);
  });

  test("one behind the other without a pause, the store commits all the same", async () => {
    let isOver = false;
    let moments = 0;
    const chain = async (first: number) => {
      for (let n = first; !isOver; n += 2) {
        await store.run(async () => {
          await add(n);
          await turns(3);
        });
        moments += 1;
      }
    };
    const chains = [chain(1), chain(2)];
    for (let n = -1; n > -20; n -= 1) await add(n);
    isOver = true;
    await Promise.all(chains);
    expect([await count(), store.splits]).toEqual([moments + 19, 0]);
  });

  test("that waits for somebody who waits for its own commit is split after its patience, and nothing is lost", async () => {
    await store.close();
    await open({ momentPatienceMs: 20 });
    const outside = Promise.withResolvers<void>();
    const other = outside.promise.then(() => add(2));
    await store.run(async () => {
      await add(1);
      outside.resolve();
      await other;
      await add(3);
    });
    expect([await count(), store.splits]).toEqual([3, 1]);
  });

  test("that throws after it has written lets the others go on", async () => {
    const refused = store.run(async () => {
      await add(1);
      await turns(5);
      throw new Error("refused");
    });
    await turns(2);
    const next = store.run(() => add(2));
    await expect(refused).rejects.toThrow("refused");
    await next;
    expect([await count(), store.splits]).toEqual([2, 0]);
  });

  test("has transactions, and operations behind them, in the same commit", async () => {
    const db = new Kysely<Tables>({ dialect: storeDialect(store) });
    const before = store.commits;
    await store.run(async () => {
      await db.transaction().execute(async (transaction) => {
        await transaction.insertInto("log").values({ n: 1, text: "" }).execute();
        await transaction.insertInto("log").values({ n: 2, text: "" }).execute();
      });
      await turns(5);
      await add(3);
    });
    expect([await count(), store.commits - before, store.splits]).toEqual([3, 1, 0]);
  });

  test("is over before the log is folded, and that before the next one", async () => {
    await store.close();
    await open({ longLog: 64 * 1024 });
    const text = "x".repeat(3_000);
    let n = 0;
    const next = () => {
      n += 1;
      return n;
    };
    const chain = async () => {
      while (store.checkpoints.restarts < 4)
        await store.run(async () => {
          await add(next(), text);
          await turns(2);
          await add(next(), text);
        });
    };
    await Promise.all([chain(), chain(), chain()]);
    expect([await count(), store.splits, store.checkpoints.failure]).toEqual([n, 0, undefined]);
  });

  test("G12 whose group is lost to a full disk holds up nobody", async () => {
    await store.write(() => store.statement("PRAGMA max_page_count = 4").get());
    const lost = store.run(async () => {
      await add(1);
      await turns(5);
      await add(2, "x".repeat(100_000));
    });
    await turns(2);
    const behind = store.run(() => add(3));
    await expect(lost).rejects.toMatchObject({ type: "store_unavailable" });
    await behind;
    expect([await count(), store.splits]).toEqual([1, 0]);
  });

  test("a flush commits what a moment has done so far: it is how a crash point finds a half", async () => {
    const reached = Promise.withResolvers<void>();
    const moment = store.run(async () => {
      await add(1);
      await store.flush();
      expect(await store.read(() => 1)).toBe(1);
      reached.resolve();
      await turns(10);
      await add(2);
    });
    await reached.promise;
    await waitFor("the half is durable", async () => (await count()) === 1);
    await moment;
    expect(await count()).toBe(2);
  });
});
