// What is said of each server of a cluster, and of the audit trail in it.
import type { verifyAudit } from "../../../lib/audit/chain.ts";
import type { MongoState } from "../../../lib/cluster/mongo/inspect-mongo.ts";
import type { NatsState } from "../../../lib/cluster/nats/inspect-nats.ts";
import type { PostgresState } from "../../../lib/cluster/postgres/inspect-postgres.ts";
import type { Texts } from "../../terminal/texts.ts";
import { type Finding, failure, ok, warning } from "../finding.ts";
import { KNOWN_MIGRATIONS } from "./known-migrations.ts";
import type { Found } from "./within-time.ts";

type Verdict = Awaited<ReturnType<typeof verifyAudit>>;

const LEAST_PAYLOAD = 8 * 1024 * 1024;
/** Of one more process with all that it may open. */
const FEW_CONNECTIONS = 11;
const SHOWN = 5;

export function natsFindings(found: Found<NatsState>, texts: Texts): Finding[] {
  const words = texts.doctorCluster;
  if ("problem" in found) return [away("NATS", found.problem, texts)];
  const { version, maxPayload, hasJetStream } = found.state;
  if (!hasJetStream)
    return [failure("NATS", words.noJetStream(version), words.noJetStreamFix, "no_jetstream")];
  if (maxPayload < LEAST_PAYLOAD)
    return [failure("NATS", words.smallPayload(version, maxPayload), words.smallPayloadFix, "small_payload")];
  return [ok("NATS", words.natsFine(version))];
}

export function postgresFindings(found: Found<PostgresState>, texts: Texts): Finding[] {
  const words = texts.doctorCluster;
  if ("problem" in found) return [away("PostgreSQL", found.problem, texts)];
  const { version, connections, migrations, deadLetters } = found.state;
  const { free, most } = connections;
  return [
    free < FEW_CONNECTIONS
      ? warning(
          "PostgreSQL",
          words.fewConnections(version, free, most),
          words.fewConnectionsFix,
          "few_connections",
        )
      : ok("PostgreSQL", words.postgresFine(version, free, most)),
    schemaFinding(migrations, texts),
    deadLetters.length > 0
      ? warning(
          "waiting work",
          words.deadLetters(deadLetters.length, queuesOf(deadLetters)),
          words.deadLettersFix,
          "dead",
        )
      : ok("waiting work", words.noDeadLetters),
  ];
}

/** @param found undefined where there is none, which is nothing to say */
export function replicaFindings(found: Found<string | undefined> | undefined, texts: Texts): Finding[] {
  const words = texts.doctorCluster;
  if (!found) return [];
  const problem = "problem" in found ? found.problem : found.state;
  if (problem === undefined) return [ok("replica", words.replicaFine)];
  return [warning("replica", words.replicaAway(texts.said(problem)), words.replicaFix, "away")];
}

const queuesOf = (letters: PostgresState["deadLetters"]) =>
  [...new Set(letters.map(({ queue }) => queue))].join(", ");

/** What a newer version has done is not known here; what is missing is done by the next start. */
function schemaFinding(done: PostgresState["migrations"], { doctorCluster: words }: Texts): Finding {
  const unknown = Object.entries(done).flatMap(([service, steps]) =>
    steps.filter((step) => !KNOWN_MIGRATIONS[service]?.includes(step)).map((step) => `${service} ${step}`),
  );
  if (unknown.length > 0)
    return failure("tables", words.newerTables(unknown.join(", ")), words.newerTablesFix, "newer");
  const missing = Object.entries(KNOWN_MIGRATIONS).flatMap(([service, steps]) =>
    steps.filter((step) => !done[service]?.includes(step)),
  );
  return ok("tables", missing.length > 0 ? words.olderTables(missing.length) : words.tablesFine);
}

export function mongoFindings(found: Found<MongoState>, texts: Texts): Finding[] {
  if ("problem" in found) return [away("MongoDB", found.problem, texts)];
  return [ok("MongoDB", texts.doctorCluster.mongoFine(found.state.version))];
}

export function redisFindings(found: Found<string | undefined>, texts: Texts): Finding[] {
  const words = texts.doctorCluster;
  const problem = "problem" in found ? found.problem : found.state;
  if (problem === undefined) return [ok("Redis", words.redisFine)];
  return [warning("Redis", words.redisAway(texts.said(problem)), words.redisFix, "away")];
}

/** @param found undefined where there is no such store, which a cluster may do without */
export function objectsFindings(found: Found<string | undefined> | undefined, texts: Texts): Finding[] {
  const words = texts.doctorCluster;
  if (!found) return [ok("objects", words.objectsOff)];
  const problem = "problem" in found ? found.problem : found.state;
  if (problem === undefined) return [ok("objects", words.objectsFine)];
  return [warning("objects", words.objectsAway(texts.said(problem)), words.objectsFix, "away")];
}

export function auditFindings(found: Found<Verdict>, texts: Texts): Finding[] {
  const words = texts.doctorCluster;
  if ("problem" in found)
    return [warning("audit", texts.said(found.problem), words.auditUnreadFix, "unread")];
  const { rows, heads, faults } = found.state;
  if (faults.length === 0) return [ok("audit", words.auditFine(rows, heads.length))];
  const said = faults.slice(0, SHOWN).map(texts.said).join("\n");
  return [failure("audit", `${texts.audit.tampered}\n${said}`, words.auditFix, "tampered")];
}

function away(check: string, problem: string, { doctorCluster, said }: Texts): Finding {
  return failure(check, said(problem), doctorCluster.awayFix, "away");
}
