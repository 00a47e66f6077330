// The users' policy rules, remembered answers included: one row a rule, in the order the user gave them.
import type { Kysely } from "kysely";
import { LRUCache } from "lru-cache";
import type { CallId, SessionId, UserId } from "../../../contracts/ids.ts";
import { MAX_RULES, type PolicyRule, type Remembered } from "../../../contracts/policy.ts";
import { canonicalJson } from "../../../lib/canonical-json.ts";
import { holdLock } from "../../../lib/sql.ts";
import type { ToolsTables } from "../tables.ts";

/** Rules kept in memory for the users of the day: every call of every run reads them. */
const CACHED_USERS = 2_000;
/** The longest that a change by another process goes unnoticed when the word of it is lost: a rule is a permission. */
const CACHED_MS = 5_000;

/** All that is decided about a user's rules in a transaction is decided one after the other, in however many processes. */
const lockRules = (transaction: Kysely<ToolsTables>, user: UserId) => holdLock(transaction, `policy ${user}`);

type ShownRow = { rule: PolicyRule; shownArgs: string | null; remembered: Partial<Remembered> };

/** The rules of all users, the cache in front of them included. */
export class Rules {
  readonly #db: Kysely<ToolsTables>;
  readonly #tell: (user: UserId) => void;
  readonly #cache: LRUCache<string, PolicyRule[]>;
  /** Grows with each change: what was read before a change is not kept after it. */
  #changes = 0;

  /**
   * @param tell tells the other processes that a user's rules have changed, so that they forget them
   * @param now monotonic milliseconds
   */
  constructor(
    db: Kysely<ToolsTables>,
    tell: (user: UserId) => void = () => undefined,
    now = () => performance.now(),
  ) {
    this.#db = db;
    this.#tell = tell;
    this.#cache = new LRUCache({ max: CACHED_USERS, ttl: CACHED_MS, ttlResolution: 0, perf: { now } });
  }

  /** The user's rules in their order; kept in memory for a moment, or until one changes. */
  async of(user: UserId): Promise<PolicyRule[]> {
    const known = this.#cache.get(user);
    if (known) return known;
    const changes = this.#changes;
    const rows = await rowsOf(this.#db, user);
    const rules = rows.map((row) => JSON.parse(row.rule) as PolicyRule);
    if (changes === this.#changes) this.#cache.set(user, rules);
    return rules;
  }

  /**
   * As `of`, each with the arguments it was made for, where those are known, and the answer that made it. Not for every call: it always
   * asks the store.
   */
  async shown(user: UserId): Promise<ShownRow[]> {
    const rows = await rowsOf(this.#db, user);
    return rows.map(({ rule, shown_args, remembered_at: at, remembered_from: from }) => ({
      rule: JSON.parse(rule) as PolicyRule,
      shownArgs: shown_args,
      remembered: at === null || from === null ? {} : { remembered_at: at, remembered_from: from },
    }));
  }

  /**
   * Replaces all rules of the user. Arguments that were shown with a rule stay with one for the same arguments, and that it was remembered
   * with one that is the same.
   */
  async replace(user: UserId, rules: PolicyRule[]): Promise<void> {
    await this.#db.transaction().execute(async (transaction) => {
      await lockRules(transaction, user);
      const before = await rowsOf(transaction, user);
      const shown = new Map(
        before.map((row) => [(JSON.parse(row.rule) as PolicyRule).args_hash, row.shown_args]),
      );
      const same = new Map(before.map((row) => [row.rule, row]));
      await transaction.deleteFrom("policy_rules").where("user_id", "=", user).execute();
      const rows = rules.map((rule, position) => {
        const text = canonicalJson(rule);
        const { remembered_at = null, remembered_from = null } = same.get(text) ?? {};
        const shown_args = rule.args_hash === undefined ? null : (shown.get(rule.args_hash) ?? null);
        return { user_id: user, position, rule: text, shown_args, remembered_at, remembered_from };
      });
      if (rows.length > 0) await transaction.insertInto("policy_rules").values(rows).execute();
    });
    this.#changed(user);
  }

  /**
   * Adds a remembered answer; one that is there already is not added again. Of a list that is full the oldest remembered
   * "allow" goes: that is asked again, while what was denied stays denied. Where none can go, the answer holds for its call
   * only.
   * @param from the call that was asked about
   * @param shownArgs the arguments that the rule's `args_hash` stands for, as they may be shown
   * @returns whether it was added, and the rule that went for it
   */
  async add(
    user: UserId,
    rule: PolicyRule,
    from: CallId,
    shownArgs: string | null = null,
  ): Promise<{ added: boolean; dropped?: PolicyRule }> {
    const text = canonicalJson(rule);
    const done = await this.#db.transaction().execute(async (transaction) => {
      await lockRules(transaction, user);
      const rows = await rowsOf(transaction, user);
      if (rows.some((row) => row.rule === text)) return { added: false };
      const oldest = rows.find(isRememberedAllow);
      const isFull = rows.length >= MAX_RULES;
      if (isFull && !oldest) return { added: false };
      if (isFull && oldest)
        await transaction
          .deleteFrom("policy_rules")
          .where("user_id", "=", user)
          .where("position", "=", oldest.position)
          .execute();
      const position = Number(rows.at(-1)?.position ?? -1) + 1;
      const remembered = { remembered_at: new Date().toISOString(), remembered_from: from };
      const row = { user_id: user, position, rule: text, shown_args: shownArgs, ...remembered };
      await transaction.insertInto("policy_rules").values(row).execute();
      return { added: true, ...(isFull && oldest ? { dropped: JSON.parse(oldest.rule) as PolicyRule } : {}) };
    });
    this.#changed(user);
    return done;
  }

  /** Removes what was remembered for a session that is gone. @returns how many rules went */
  async forgetSession(user: UserId, session: SessionId): Promise<number> {
    // Without any there is nothing to write.
    if ((await this.of(user)).every((rule) => rule.session_id !== session)) return 0;
    const gone = await this.#db.transaction().execute(async (transaction) => {
      await lockRules(transaction, user);
      const positions = (await rowsOf(transaction, user))
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
    this.#changed(user);
    return gone;
  }

  /** Somebody has changed them: what is being read now is not kept either. */
  forget(user: UserId): void {
    this.#changes += 1;
    this.#cache.delete(user);
  }

  #changed(user: UserId): void {
    this.forget(user);
    this.#tell(user);
  }
}

/** Rules of before the time was kept are known by what only an answer makes. */
function isRememberedAllow({ rule, remembered_at }: ToolsTables["policy_rules"]): boolean {
  const { decision, args_hash, session_id } = JSON.parse(rule) as PolicyRule;
  const isRemembered = remembered_at !== null || args_hash !== undefined || session_id !== undefined;
  return decision === "allow" && isRemembered;
}

function rowsOf(db: Kysely<ToolsTables>, user: UserId): Promise<ToolsTables["policy_rules"][]> {
  return db.selectFrom("policy_rules").selectAll().where("user_id", "=", user).orderBy("position").execute();
}
