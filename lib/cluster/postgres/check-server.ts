// Whether a PostgreSQL server can be worked with: asked at the start, until it is there or has been waited for long enough.
import { type Kysely, sql } from "kysely";
import { toError } from "../../errors.ts";
import { mayComeBack } from "./postgres-error.ts";

/** The oldest that the tests run on. */
const OLDEST = 15;
const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 2_000;

type Facts = { version: number; shown: string; encoding: string; isReadOnly: number };

/**
 * Servers of a cluster start together: one that is away or starting is waited for.
 * @param name of the variable its URL is from
 * @throws Error in words for whoever starts the process
 */
export async function checkServer(db: Kysely<unknown>, name: string, patienceMs: number): Promise<void> {
  const until = performance.now() + patienceMs;
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(LONGEST_WAIT_MS, wait * 2)) {
    try {
      return requireFit(await ask(db), name);
    } catch (thrown) {
      if (!mayComeBack(thrown) || performance.now() + wait > until)
        throw new Error(`PostgreSQL (${name}): ${toError(thrown).message}`, { cause: thrown });
    }
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}

async function ask(db: Kysely<unknown>): Promise<Facts> {
  const { rows } = await sql<Facts>`select
    current_setting('server_version_num')::int as version,
    current_setting('server_version') as shown,
    current_setting('server_encoding') as encoding,
    (pg_is_in_recovery() or current_setting('default_transaction_read_only') = 'on')::int as "isReadOnly"`.execute(
    db,
  );
  const [facts] = rows;
  if (!facts) throw new Error("it answered nothing");
  return facts;
}

function requireFit({ version, shown, encoding, isReadOnly }: Facts, name: string): void {
  const fault =
    version < OLDEST * 10_000
      ? `it is version ${shown}, and ${OLDEST} or newer is needed`
      : encoding !== "UTF8"
        ? `its database is encoded in ${encoding}, and has to be in UTF8`
        : isReadOnly
          ? "it can only be read (a replica?), and this has to be the server that is written to"
          : undefined;
  if (fault) throw new Error(`${fault}. Set ${name} to another one.`);
}
