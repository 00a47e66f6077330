// Which machines are frozen from the server: each for itself by its owner, or all of them by an admin. Neither lifts the other, nor what
// was frozen at a Mac itself. What is frozen gets no call (services/tools), and its machine is told so that it ends what runs.
import type { NodeId } from "../../../contracts/ids.ts";
import type { AllFrozen, Frozen, FrozenBy, ToldFreeze } from "../../../contracts/nodes.ts";
import { holdLock } from "../../../lib/sql.ts";
import { Known } from "../known.ts";
import type { Database, NodesTables } from "../tables.ts";

type Row = NodesTables["node_freezes"];
/** Stands for all machines. */
export const ALL = "*";

export class Freezes {
  readonly #database: Database;
  /** On the way of every chat; mostly there is none. */
  readonly #rows: Known<Row[]>;

  constructor(database: Database) {
    this.#database = database;
    this.#rows = new Known(() =>
      database.selectFrom("node_freezes").selectAll().where("frozen_at", "is not", null).execute(),
    );
  }

  /** They were changed. */
  forget(): void {
    this.#rows.forget();
  }

  /** @returns what tells of a machine whether it is frozen; `own`: since when it is where it stands */
  async now(): Promise<(node: { id: string }, own?: string) => Frozen | undefined> {
    const rows = await this.#rows.get();
    return ({ id }, own) =>
      frozenOf([
        ["mac", own],
        ["owner", rows.find(({ node_id }) => node_id === id)?.frozen_at],
        ["admin", rows.find(({ node_id }) => node_id === ALL)?.frozen_at],
      ]);
  }

  /** Whether an admin has frozen all of them. */
  async ofAll(): Promise<AllFrozen> {
    const frozen = (await this.now())({ id: ALL });
    return { frozen: frozen !== undefined, frozen_since: frozen?.since ?? null };
  }

  /** Read from the table: of each that was ever frozen or thawed, what it has to be told. */
  async told(ids: NodeId[]): Promise<ToldFreeze[]> {
    const rows = await this.#database.selectFrom("node_freezes").selectAll().execute();
    if (rows.length === 0) return [];
    const byId = new Map(rows.map((row) => [row.node_id, row]));
    return ids.flatMap((node_id) => {
      const about = [byId.get(node_id), byId.get(ALL)].filter((row) => row !== undefined);
      if (about.length === 0) return [];
      const frozen = about.some(({ frozen_at }) => frozen_at !== null);
      return [
        { node_id, frozen, changed_at: Math.max(...about.map(({ changed_at }) => Number(changed_at))) },
      ];
    });
  }

  /**
   * Each change is later than all before it, of whatever machines, however the clocks of servers differ: a machine heeds no older word.
   * @returns whether it was otherwise before
   */
  set(node_id: NodeId | typeof ALL, isFrozen: boolean): Promise<boolean> {
    return this.#database.transaction().execute(async (transaction) => {
      await holdLock<NodesTables>(transaction, "freezes");
      const rows = await transaction.selectFrom("node_freezes").selectAll().execute();
      const known = rows.find((row) => row.node_id === node_id);
      if (((known?.frozen_at ?? null) !== null) === isFrozen) return false;
      const changed_at = Math.max(Date.now(), ...rows.map((row) => Number(row.changed_at) + 1));
      const change = { frozen_at: isFrozen ? new Date().toISOString() : null, changed_at };
      await transaction
        .insertInto("node_freezes")
        .values({ node_id, ...change })
        .onConflict((conflict) => conflict.column("node_id").doUpdateSet(change))
        .execute();
      return true;
    });
  }
}

function frozenOf(freezes: [FrozenBy, string | null | undefined][]): Frozen | undefined {
  const those = freezes.flatMap(([by, since]) => (since ? [{ by, since }] : []));
  const [first] = those.map(({ since }) => since).toSorted();
  return first === undefined ? undefined : { since: first, by: those.map(({ by }) => by) };
}
