// G18 on PostgreSQL: when a refresh token was used, as two processes tell it whose clocks differ.
import { afterAll, afterEach, beforeAll, expect, jest, test } from "@jest/globals";
import type { LocalServer } from "../../bin/cluster/servers/local-server.ts";
import { newDatabase, startPostgres } from "../../bin/cluster/servers/postgres.ts";
import type { FamilyId } from "../../contracts/ids.ts";
import { openPostgres, type Postgres } from "../../lib/cluster/postgres/open-postgres.ts";
import { newId } from "../../lib/ids.ts";
import {
  findRefreshToken,
  insertRefreshToken,
  openFamily,
  useRefreshToken,
} from "../../services/users/store/logins.ts";
import { MIGRATIONS } from "../../services/users/store/migrations.ts";
import type { UsersTables } from "../../services/users/store/tables.ts";
import { aUser } from "../support/test-broker.ts";

let server: LocalServer;
let postgres: Postgres;
beforeAll(async () => {
  server = await startPostgres();
  postgres = openPostgres({ url: await newDatabase(server), name: "users" });
  await postgres.migrate("users", MIGRATIONS);
});
afterEach(() => {
  jest.restoreAllMocks();
});
afterAll(async () => {
  await postgres.close();
  await server.stop();
});

test.each([-60_000, 60_000])(
  "G18 a refresh token is used at the store's time, and its age is by the same, with a clock %i ms away",
  async (away) => {
    const db = postgres.sql<UsersTables>();
    const [family, hash] = [newId<FamilyId>("family"), `hash ${away}`];
    await openFamily(db, { id: family, user: aUser().user_id, program: null });
    await insertRefreshToken(db, family, hash);
    const before = Date.now();
    const spy = jest.spyOn(Date, "now").mockReturnValue(before + away);
    const uses = await Promise.all([useRefreshToken(db, hash), useRefreshToken(db, hash)]);
    expect(uses.toSorted()).toEqual([false, true]);
    const found = await findRefreshToken(db, hash);
    spy.mockRestore();
    const [used, read] = [found?.used_at, found?.read_at].map((time) => Date.parse(String(time))) as [
      number,
      number,
    ];
    // The server runs on this machine.
    for (const time of [used, read]) {
      expect(time).toBeGreaterThanOrEqual(before - 1);
      expect(time).toBeLessThanOrEqual(Date.now() + 1);
    }
    expect(read).toBeGreaterThanOrEqual(used);
  },
);
