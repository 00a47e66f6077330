// The audit trail over HTTP: an admin pages through it, narrows it down, and has it verified.
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Client, register } from "../support/client.ts";
import { type Stack, startStack } from "../support/stack.ts";

type Entry = {
  writer: string;
  seq: number;
  at: string;
  subject: string;
  entry: string;
  user_id: string;
  details: unknown;
};
type Page = { entries: Entry[]; looked_at: number; looked_to: string | null; next_cursor: string | null };
type Verdict = {
  rows: number;
  fault_count: number;
  faults: string[];
  heads: { writer: string; seq: number; hash: string }[];
  next_cursor: string | null;
};

let stack: Stack;
let admin: Client;
let user: Awaited<ReturnType<typeof register>>;
beforeAll(async () => {
  stack = await startStack();
  admin = new Client(stack.server.url, await stack.server.ownerKey());
  user = await register(stack.server.url);
  for (let index = 0; index < 5; index += 1) await user.chat({ message: `number ${index}` });
  await user.call("POST", "/tools/list_directory/execute", { args: { path: stack.workspace } });
  await admin.call("PATCH", `/admin/users/${user.id}`, { plan: "pro" });
});
afterAll(() => stack.stop());

/** All pages, as they come. */
async function read(query: Record<string, string> = {}): Promise<Entry[]> {
  const entries: Entry[] = [];
  let cursor: string | undefined;
  do {
    const search = new URLSearchParams({ ...query, ...(cursor ? { cursor } : {}) });
    const { status, body } = await admin.call<Page>("GET", `/admin/audit?${search}`);
    expect(status).toBe(200);
    if (query.limit) expect(body.entries.length).toBeLessThanOrEqual(Number(query.limit));
    entries.push(...body.entries);
    cursor = body.next_cursor ?? undefined;
  } while (cursor);
  return entries;
}
const kinds = (entries: Entry[]) => entries.map(({ entry }) => entry.split(" ")[0]);

describe("GET /admin/audit", () => {
  test("gives every entry once, newest first, whatever the size of a page", async () => {
    const all = await read();
    expect(all.length).toBeGreaterThan(15);
    expect(all.map(({ at }) => at)).toEqual(
      all
        .map(({ at }) => at)
        .toSorted()
        .toReversed(),
    );
    const places = (entries: Entry[]) => entries.map(({ writer, seq }) => `${writer} ${seq}`);
    expect(new Set(places(all)).size).toBe(all.length);
    for (const limit of ["1", "3", "200"]) expect(places(await read({ limit }))).toEqual(places(all));
  });

  test("is narrowed down by whom, what, where, when and words", async () => {
    const of = await read({ user: user.id });
    expect(of.some(({ entry }) => entry.startsWith("account.registered"))).toBe(true);
    for (const { user_id, details } of of)
      expect(user_id === user.id || JSON.stringify(details).includes(user.id)).toBe(true);
    expect(kinds(await read({ kind: "run.accepted", user: user.id }))).toEqual(Array(5).fill("run.accepted"));
    expect(new Set(kinds(await read({ kind: "call" })))).toEqual(new Set(["call.sent", "call.ended"]));
    expect(await read({ kind: "cal" })).toEqual([]);
    const nodes = await user.call<{ nodes: { id: string }[] }>("GET", "/nodes");
    const onNode = await read({ node: nodes.body.nodes[0]?.id ?? "" });
    expect(kinds(onNode)).toContain("call.sent");
    expect(kinds(await read({ q: "LIST_directory" }))).toContain("call.sent");
    const run = of.find(({ entry }) => entry === "run.accepted");
    const ofRun = await read({ subject: run?.subject ?? "" });
    expect(new Set(ofRun.map(({ subject }) => subject))).toEqual(new Set([run?.subject]));
    const middle = of[Math.floor(of.length / 2)]?.at ?? "";
    expect((await read({ from: middle })).every(({ at }) => at >= middle)).toBe(true);
    expect((await read({ to: middle })).every(({ at }) => at <= middle)).toBe(true);
    const both = [...(await read({ to: middle })), ...(await read({ from: middle }))];
    expect(new Set(both.map(({ writer, seq }) => `${writer} ${seq}`)).size).toBe((await read()).length);
    expect(await read({ to: "2020-01-01T00:00:00Z" })).toEqual([]);
    expect(await read({ from: "2999-01-01T00:00:00Z" })).toEqual([]);
  });

  test("takes no cursor of its own making, and no filter that it has not", async () => {
    const cursors = ["x", "bm90IGpzb24", Buffer.from('[["a","b"]]').toString("base64url"), "W10x"];
    for (const query of [
      ...cursors.map((cursor) => `cursor=${cursor}`),
      "limit=201",
      "from=yesterday",
      "sql=1",
    ])
      expect((await admin.call("GET", `/admin/audit?${query}`)).status).toBe(422);
  });
});

async function verify(more: object = {}): Promise<Verdict[]> {
  const parts: Verdict[] = [];
  let cursor: string | null = null;
  do {
    const given: object = { ...more, ...(cursor ? { cursor } : {}) };
    const { status, body }: { status: number; body: Verdict } = await admin.call<Verdict>(
      "POST",
      "/admin/audit/verify",
      given,
    );
    expect(status).toBe(200);
    parts.push(body);
    cursor = body.next_cursor;
  } while (cursor);
  return parts;
}

describe("POST /admin/audit/verify", () => {
  test("finds nothing in what is as it was written, and a head that was kept is led to", async () => {
    const [first] = await verify();
    expect(first).toMatchObject({ fault_count: 0, faults: [], next_cursor: null });
    expect(first?.rows).toBe((await read()).length);
    await user.chat({ message: "one more" });
    expect((await verify({ heads: first?.heads })).map(({ fault_count }) => fault_count)).toEqual([0]);
    const [head] = first?.heads ?? [];
    const cut = await verify({ heads: [{ ...head, seq: 1_000_000 }] });
    expect(cut[0]?.faults.join()).toContain("its end was cut off");
    const other = await verify({ heads: [{ ...head, hash: "0".repeat(64) }] });
    expect(other[0]?.faults.join()).toContain("written anew");
    expect((await admin.call("POST", "/admin/audit/verify", { cursor: "x" })).status).toBe(422);
  });

  test("goes on where it stopped, and names what was changed in whichever part", async () => {
    await stack.sql("CREATE TABLE IF NOT EXISTS untouched AS SELECT * FROM audit");
    // Rows that no server has written, more than two parts have.
    await stack.sql(`WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 12000)
      INSERT INTO audit SELECT 'zz', x, '2020-01-01T00:00:00.000Z', 'run_' || x, 'run.accepted', 'usr_x', '{}', 'h', '' FROM n`);
    const parts = await verify();
    expect(parts.length).toBe(3);
    expect(parts[0]?.next_cursor).not.toBeNull();
    expect(parts.reduce((sum, { rows }) => sum + rows, 0)).toBe(12_000 + (await untouched()) + 1);
    expect(parts.reduce((sum, { fault_count }) => sum + fault_count, 0)).toBe(12_000);
    for (const { faults } of parts) expect(faults.length).toBeLessThanOrEqual(100);
    // What lies far back is found a bounded look at a time.
    const { body } = await admin.call<Page>(
      "GET",
      "/admin/audit?q=run_17&limit=200&user=usr_x&from=2020-01-01T00:00:00Z",
    );
    expect(body.looked_at).toBeLessThanOrEqual(5_000);
    expect(body.next_cursor).not.toBeNull();
    expect(await read({ subject: "run_17" })).toHaveLength(1);
    await stack.sql("DELETE FROM audit WHERE writer = 'zz'");
    await stack.sql(
      "INSERT INTO audit SELECT writer, 3.5, at, 'odd', entry, user_id, details, hash, seal FROM audit WHERE seq = 3",
    );
    await stack.sql(
      "INSERT INTO audit SELECT x'00', seq, at, 'blob', entry, user_id, details, hash, seal FROM audit WHERE seq = 3",
    );
    const [odd] = await verify();
    expect(odd?.faults).toEqual([
      expect.stringMatching(/X'00' row 3 is no row that can be read/),
      expect.stringMatching(/row 3.5 is no row that can be read/),
    ]);
    await stack.sql("DELETE FROM audit WHERE subject IN ('odd', 'blob')");
    await stack.sql("UPDATE audit SET details = '{}' WHERE seq = 3");
    const [changed] = await verify();
    expect(changed).toMatchObject({ fault_count: 1, faults: [expect.stringMatching(/row 3 .*was changed/)] });
  });
});

const untouched = async () => Number((await stack.sql("SELECT count(*) AS n FROM untouched"))[0]?.n);
