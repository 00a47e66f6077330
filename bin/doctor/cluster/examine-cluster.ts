// The checks of `npm run doctor` in a cluster: its servers, who is there, and what lies in the stores that should not. Everything is asked
// at once and in bounded time, whatever is away, and nothing is changed.

import { verifyAudit } from "../../../lib/audit/chain.ts";
import { inspectMongo } from "../../../lib/cluster/mongo/inspect-mongo.ts";
import { inspectNats } from "../../../lib/cluster/nats/inspect-nats.ts";
import { inspectPostgres, inspectReplica } from "../../../lib/cluster/postgres/inspect-postgres.ts";
import { openClusterAudit } from "../../../lib/cluster/postgres/open-audit.ts";
import { askRedis } from "../../../lib/cluster/redis/ask-redis.ts";
import { askS3 } from "../../../lib/cluster/s3/ask-s3.ts";
import type { Environment } from "../../../lib/env.ts";
import type { Texts } from "../../terminal/texts.ts";
import type { Finding } from "../finding.ts";
import {
  auditFindings,
  mongoFindings,
  natsFindings,
  objectsFindings,
  postgresFindings,
  redisFindings,
  replicaFindings,
} from "./servers.ts";
import { clockFindings, holdFindings, processFindings, runFindings } from "./together.ts";
import { type Found, withinTime } from "./within-time.ts";

/** A hold of a run that nobody works is given back after 30 s. */
const HELD_FOR_MS = 60_000;

export async function examineCluster(env: Environment, texts: Texts): Promise<Finding[]> {
  if (!env.cluster) return [];
  const {
    nats: natsUrl,
    natsCredentials,
    postgres: postgresUrl,
    postgresReplica: replicaUrl,
    mongo: mongoUrl,
    redis: redisUrl,
    s3: s3Url,
  } = env.cluster;
  const late = texts.doctorCluster.late;
  const [nats, postgres, replica, mongo, redis, s3, audit] = await Promise.all([
    withinTime(inspectNats(natsUrl, natsCredentials), late),
    withinTime(inspectPostgres(postgresUrl, HELD_FOR_MS), late),
    replicaUrl === undefined ? undefined : withinTime(inspectReplica(postgresUrl, replicaUrl), late),
    withinTime(inspectMongo(mongoUrl), late),
    withinTime(askRedis(redisUrl), late),
    s3Url === undefined ? undefined : withinTime(askS3(s3Url), late),
    withinTime(verdictOf(postgresUrl, env.JWT_SECRET ?? [], env.MACJARVIS_HOME), late),
  ]);
  const all = { nats: stateOf(nats), postgres: stateOf(postgres), mongo: stateOf(mongo) };
  return [
    ...natsFindings(nats, texts),
    ...postgresFindings(postgres, texts),
    ...replicaFindings(replica, texts),
    ...mongoFindings(mongo, texts),
    ...redisFindings(redis, texts),
    ...objectsFindings(s3, texts),
    ...processFindings(all, texts),
    ...clockFindings(all, texts),
    ...runFindings(all, texts),
    ...holdFindings(all, texts),
    // One fault of PostgreSQL is said once.
    ...("problem" in postgres ? [] : auditFindings(audit, texts)),
  ];
}

function stateOf<State>(found: Found<State>): State | undefined {
  return "state" in found ? found.state : undefined;
}

async function verdictOf(url: string, secrets: string[], home: string) {
  const { trail, seals, close } = await openClusterAudit(url, secrets, home);
  try {
    return await verifyAudit(trail, [], seals);
  } finally {
    await close();
  }
}
