// PostgreSQL whose statements are told before they are sent and when they were answered, each by its first words; what is thrown
// then is a statement that was not sent, or one whose answer was lost.
import type { Kysely, KyselyPlugin, RootOperationNode } from "kysely";
import type { Postgres } from "../../lib/cluster/postgres/open-postgres.ts";

type Tap = { asked?(words: string): void; answered?(words: string): void };

export function tapped(postgres: Postgres, tap: Tap): Postgres {
  const sent = new WeakMap<object, string>();
  const plugin: KyselyPlugin = {
    transformQuery({ node, queryId }) {
      const words = wordsOf(node);
      sent.set(queryId, words);
      tap.asked?.(words);
      return node;
    },
    async transformResult({ result, queryId }) {
      tap.answered?.(sent.get(queryId) ?? "");
      return result;
    },
  };
  return { ...postgres, sql: <Tables>() => postgres.sql<Tables>().withPlugin(plugin) as Kysely<Tables> };
}

/** Of raw SQL the first three words, of others what Kysely calls them. */
function wordsOf(node: RootOperationNode): string {
  if (node.kind !== "RawNode") return node.kind;
  return node.sqlFragments.join("?").trim().split(/\s+/).slice(0, 3).join(" ");
}
