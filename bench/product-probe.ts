// Loaded into a product that run.ts starts with `NODE_OPTIONS=--import`: counts the commits of its store and profiles it, on
// request of the parent, without a line for it in the product.
import { writeFileSync } from "node:fs";
import { Session } from "node:inspector/promises";
import { DatabaseSync, StatementSync } from "node:sqlite";
import { isMainThread } from "node:worker_threads";

export type ProbeRequest =
  | { type: "commits" }
  | { type: "profile.start" }
  | { type: "profile.stop"; file: string };
/** Since the process began: transactions that were committed, single writes outside of one included. */
export type ProbeAnswer =
  | { type: "commits"; commits: number }
  | { type: "profile.started" }
  | { type: "profile.stopped" };

const SAMPLE_US = 250;
let commits = 0;
const databaseOf = new WeakMap<StatementSync, DatabaseSync>();

if (isMainThread && process.send) {
  countCommits();
  const session = new Session();
  process.on("message", (request: ProbeRequest) => {
    void answer(session, request).then((reply) => process.send?.(reply));
  });
  // The control channel alone shall not keep the product alive.
  process.channel?.unref();
}

async function answer(session: Session, request: ProbeRequest): Promise<ProbeAnswer> {
  if (request.type === "commits") return { type: "commits", commits };
  if (request.type === "profile.start") {
    session.connect();
    await session.post("Profiler.enable");
    await session.post("Profiler.setSamplingInterval", { interval: SAMPLE_US });
    await session.post("Profiler.start");
    return { type: "profile.started" };
  }
  const { profile } = await session.post("Profiler.stop");
  session.disconnect();
  writeFileSync(request.file, JSON.stringify(profile));
  return { type: "profile.stopped" };
}

function countCommits(): void {
  const { exec, prepare } = DatabaseSync.prototype;
  DatabaseSync.prototype.exec = function (this: DatabaseSync, sql: string) {
    count(this, sql);
    return exec.call(this, sql);
  };
  DatabaseSync.prototype.prepare = function (this: DatabaseSync, ...given: Parameters<typeof prepare>) {
    const statement = prepare.apply(this, given);
    databaseOf.set(statement, this);
    return statement;
  };
  for (const name of ["run", "get", "all"] as const) {
    const original = StatementSync.prototype[name] as (...given: unknown[]) => unknown;
    StatementSync.prototype[name] = function (this: StatementSync, ...given: unknown[]) {
      count(databaseOf.get(this), this.sourceSQL);
      return original.apply(this, given);
    } as never;
  }
}

function count(database: DatabaseSync | undefined, sql: string): void {
  if (/^\s*(commit|end)\b/i.test(sql)) commits += 1;
  else if (database?.isTransaction === false && /^\s*(insert|update|delete|replace)\b/i.test(sql))
    commits += 1;
}
