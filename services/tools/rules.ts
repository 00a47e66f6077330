// The users' policy rules, remembered answers included: one row a rule, in the order the user gave them.
import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";
import { LRUCache } from "lru-cache";
import type { SessionId, UserId } from "../../contracts/ids.ts";
import { MAX_RULES, type PolicyRule } from "../../contracts/tools.ts";
import { canonicalJson } from "../../lib/canonical-json.ts";

export type ToolsTables = { policy_rules: { user_id: string; position: number; rule: string } };

export const MIGRATIONS: Record<string, Migration> = {
  "2026-11-24-policy-rules": {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable("policy_rules")
        .addColumn("user_id", "text", (column) => column.notNull())
        .addColumn("position", "integer", (column) => column.notNull())
        .addColumn("rule", "text", (column) => column.notNull())
        .addPrimaryKeyConstraint("policy_rules_key", ["user_id", "position"])
        .execute();
    },
  },
};

/** Rules kept in memory for the users of the day: every call of every run reads them. */
const CACHED_USERS = 2_000;

export class Rules {
  readonly #db: Kysely<ToolsTables>;
  readonly #cache = new LRUCache<string, PolicyRule[]>({ max: CACHED_USERS });
  /** Grows with each change: what was read before a change is not kept after it. */
  #changes = 0;

  constructor(db: Kysely<ToolsTables>) {
    this.#db = db;
  }

  async of(user: UserId): Promise<PolicyRule[]> {
    const known = this.#cache.get(user);
    if (known) return known;
    const changes = this.#changes;
    const rows = await this.#db
      .selectFrom("policy_rules")
      .select("rule")
      .where("user_id", "=", user)
      .orderBy("position")
      .execute();
    const rules = rows.map((row) => JSON.parse(row.rule) as PolicyRule);
    if (changes === this.#changes) this.#cache.set(user, rules);
    return rules;
  }

  /** Replaces all rules of the user. */
  async replace(user: UserId, rules: PolicyRule[]): Promise<void> {
    await this.#db.transaction().execute(async (transaction) => {
      await transaction.deleteFrom("policy_rules").where("user_id", "=", user).execute();
      const rows = rules.map((rule, position) => ({ user_id: user, position, rule: canonicalJson(rule) }));
      if (rows.length > 0) await transaction.insertInto("policy_rules").values(rows).execute();
    });
    this.#forget(user);
  }

  /**
   * Adds a remembered answer; one that is there already is not added again. Of a list that is full the oldest remembered
   * "allow" goes: that is asked again, while what was denied stays denied. Where none can go, the answer holds for its call
   * only.
   * @returns whether it was added, and the rule that went for it
   */
  async add(user: UserId, rule: PolicyRule): Promise<{ added: boolean; dropped?: PolicyRule }> {
    const text = canonicalJson(rule);
    const done = await this.#db.transaction().execute(async (transaction) => {
      const rows = await transaction
        .selectFrom("policy_rules")
        .select(["position", "rule"])
        .where("user_id", "=", user)
        .orderBy("position")
        .execute();
      if (rows.some((row) => row.rule === text)) return { added: false };
      const oldest = rows.find((row) => isRememberedAllow(JSON.parse(row.rule) as PolicyRule));
      const isFull = rows.length >= MAX_RULES;
      if (isFull && !oldest) return { added: false };
      if (isFull && oldest)
        await transaction
          .deleteFrom("policy_rules")
          .where("user_id", "=", user)
          .where("position", "=", oldest.position)
          .execute();
      const position = Number(rows.at(-1)?.position ?? -1) + 1;
      await transaction.insertInto("policy_rules").values({ user_id: user, position, rule: text }).execute();
      return { added: true, ...(isFull && oldest ? { dropped: JSON.parse(oldest.rule) as PolicyRule } : {}) };
    });
    this.#forget(user);
    return done;
  }

  /** Removes what was remembered for a session that is gone. @returns how many rules went */
  async forgetSession(user: UserId, session: SessionId): Promise<number> {
    // Without any there is nothing to write.
    if ((await this.of(user)).every((rule) => rule.session_id !== session)) return 0;
    const gone = await this.#db.transaction().execute(async (transaction) => {
      const rows = await transaction
        .selectFrom("policy_rules")
        .select(["position", "rule"])
        .where("user_id", "=", user)
        .execute();
      const positions = rows
        .filter((row) => (JSON.parse(row.rule) as PolicyRule).session_id === session)
        .map(({ position }) => position);
      if (positions.length > 0)
        await transaction
          .deleteFrom("policy_rules")
          .where("user_id", "=", user)
          .where("position", "in", positions)
          .execute();
      return positions.length;
    });
    this.#forget(user);
    return gone;
  }

  #forget(user: UserId): void {
    this.#changes += 1;
    this.#cache.delete(user);
  }
}

function isRememberedAllow({ decision, args_hash, session_id }: PolicyRule): boolean {
  return decision === "allow" && (args_hash !== undefined || session_id !== undefined);
}
