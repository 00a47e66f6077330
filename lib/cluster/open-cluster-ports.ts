// The ports of a process of the cluster, each on the server that has it. NATS carries the bus and is opened by every process, the
// others, and their code, only where they are needed: drivers are large.
import type { Kysely } from "kysely";
import type { Seals } from "../audit/chain.ts";
import type { ServiceName } from "../env/cluster.ts";
import type { Log } from "../log.ts";
import type { Metrics } from "../metrics.ts";
import type { AuditHead, AuditRows } from "../ports/audit.ts";
import type { Migrations, Ports, ProcessPorts } from "../ports/ports.ts";
import type { BusObjects } from "./bus/large-parts.ts";
import type { ClockOf } from "./clocks.ts";
import type { ClusterUrls } from "./cluster-urls.ts";
import { clusterMoments } from "./moments.ts";
import type { Nats } from "./nats/open-nats.ts";
import { clusterObjects } from "./s3/cluster-objects.ts";

export type ClusterOptions = {
  urls: ClusterUrls;
  /** Ports that the services of this process declare. */
  needs: ReadonlySet<keyof Ports>;
  /** Those services: only with `agent` runs are written, only with `users` the settings (beside which `config` runs). */
  services: readonly ServiceName[];
  /** Of this process, as the servers show it among their connections. */
  name: string;
  /** Whose chain of the audit trail its rows make; the same after a restart, and no other process's. */
  writer: string;
  /** Signing secrets, oldest first: rows of the audit trail are sealed with them. */
  secrets: string[];
  /** Data folder of this process, where audit-key lies when a server on its own files was moved to this cluster. */
  home: string;
  /** The version of the program. */
  release: string;
  log: Log;
  metrics?: Pick<Metrics, "watch" | "add">;
};

export type ClusterPorts = ProcessPorts & {
  /** The connection that the bus shares. */
  readonly nats: Nats;
  /** Where the bus hands over what is large, where there is such a store. */
  readonly busObjects: BusObjects | undefined;
  /** The end of this process's chain of the audit trail; a process that writes none has no such chain. */
  auditHead?(): Promise<AuditHead>;
  /** The chains of all processes, for reading, with the seals that they must have. @throws Error in words where PostgreSQL is not opened */
  openTrail(): { trail: AuditRows; seals: Seals; close(): Promise<void> };
  /** The cluster's id, which is in its PostgreSQL. @throws Error in words for whoever starts the process */
  clusterId?(): Promise<string>;
  /** By how much the clocks of servers are ahead of this process's, as far as they answer. */
  clocks(): Promise<ClockOf[]>;
};

/** What is opened, and how each part is readied, asked after and closed. */
type Part<Opened extends Partial<Ports>> = {
  ports: Opened;
  ready?(): Promise<void>;
  /** What does not answer now, in words. */
  check?(): Promise<string[]>;
  clock?(): Promise<ClockOf>;
  close(): Promise<void>;
};

const ON_POSTGRES = ["sql", "report", "migrate", "audit", "work"] as const;
const ON_MONGO = ["documents"] as const;
const ON_REDIS = ["counters", "cache", "locks", "presence"] as const;

/** @throws Error in words for whoever starts the process: a server that is away, refuses the password, is too old, … */
export async function openClusterPorts(options: ClusterOptions): Promise<ClusterPorts> {
  const opened = new AsyncDisposableStack();
  try {
    return await open(options, opened);
  } catch (thrown) {
    await opened.disposeAsync();
    throw thrown;
  }
}

async function open(options: ClusterOptions, opened: AsyncDisposableStack): Promise<ClusterPorts> {
  const { needs } = options;
  const keep = <P extends Part<Partial<Ports>>>(part: P): P => {
    opened.defer(() => part.close());
    return part;
  };
  const s3 = await openS3Part(options);
  if (s3) opened.defer(() => s3.close());
  const nats = keep(await openNatsPart(options));
  const { signals } = nats.ports;
  const isNeeded = (names: readonly (keyof Ports)[]) => names.some((name) => needs.has(name));
  const postgres = isNeeded(ON_POSTGRES) ? keep(await openPostgresPart(options, signals)) : undefined;
  const mongo = isNeeded(ON_MONGO) ? keep(await openMongoPart(options)) : undefined;
  const redis = isNeeded(ON_REDIS) ? keep(await openRedisPart(options, signals)) : undefined;
  const parts: Part<Partial<Ports>>[] = [nats, postgres, mongo, redis].filter((part) => part !== undefined);
  const objects = clusterObjects(s3);
  const all = Object.assign({ moments: clusterMoments, objects }, ...parts.map(({ ports }) => ports));
  let closed: Promise<void> | undefined;
  return Object.assign(onlyOpened(all), {
    nats: nats.nats,
    busObjects: s3,
    ...(postgres && needs.has("audit") ? { auditHead: postgres.auditHead } : {}),
    ...(postgres ? { clusterId: postgres.clusterId } : {}),
    openTrail: postgres?.openTrail ?? noTrail,
    async clocks() {
      const asked = await Promise.allSettled(parts.map((part) => part.clock?.()));
      return asked.flatMap((one) => (one.status === "fulfilled" && one.value ? [one.value] : []));
    },
    async ready() {
      await Promise.all(parts.map((part) => part.ready?.()));
    },
    async check() {
      return (await Promise.all(parts.map((part) => part.check?.() ?? []))).flat();
    },
    close() {
      closed ??= opened.disposeAsync();
      return closed;
    },
  });
}

function noTrail(): never {
  throw new Error("this process does not open PostgreSQL, where the audit trail is: ask one that runs users");
}

const ALL_PORTS = [
  ...ON_POSTGRES,
  ...ON_MONGO,
  ...ON_REDIS,
  ...(["moments", "objects", "events", "signals", "outlet", "config"] as const),
] as const;

/** One that was not said to be needed throws when it is asked for: a service fails when it is made, and not at its first use. */
function onlyOpened(opened: Partial<Ports>): Ports {
  for (const name of ALL_PORTS) {
    if (opened[name] !== undefined) continue;
    Object.defineProperty(opened, name, {
      get() {
        throw new Error(`the port "${name}" is not among those that this process opens`);
      },
    });
  }
  return opened as Ports;
}

/** It has no part in whether the process is well: what the bus takes goes by it then. @throws Error in words when the address is none */
async function openS3Part({ urls: { s3 }, log }: ClusterOptions) {
  if (s3 === undefined) return undefined;
  const { s3ForBus } = await import("./s3/bus-objects.ts");
  return s3ForBus(s3, { warn: (words: string) => log.warn({ service: "s3" }, words) } as Pick<Log, "warn">);
}

async function openNatsPart({ urls, name, needs, services, log }: ClusterOptions) {
  const { openNats } = await import("./nats/open-nats.ts");
  const { copiesFor } = await import("./nats/nats-address.ts");
  const { natsSignals } = await import("./nats/signals.ts");
  const { natsOutlet } = await import("./nats/outlet.ts");
  const tell = (words: string) => log.warn({ service: "nats" }, words);
  const { nats: url, natsCredentials: credentialsFile } = urls;
  const nats = await openNats({ url, name, tell, ...(credentialsFile ? { credentialsFile } : {}) });
  const signals = natsSignals(nats);
  const copies = { replicas: copiesFor(url) };
  const open = async () => {
    const { openNatsConfig } = await import("./nats/nats-config.ts");
    const config = await openNatsConfig(nats, { ...copies, isWriter: services.includes("users") });
    if (!needs.has("events")) return { config, events: undefined };
    const { openRunEvents } = await import("./nats/events/open-run-events.ts");
    const isWriter = services.includes("agent");
    return { config, events: await openRunEvents(nats, { tell, ...copies, isWriter }) };
  };
  const { config, events } = await open().catch(async (thrown: unknown) => {
    await nats.close();
    throw thrown;
  });
  return {
    nats,
    ports: { signals, config, outlet: natsOutlet(nats), ...(events ? { events } : {}) },
    async check() {
      const problem = await nats.check();
      return problem === undefined ? [] : [`NATS: ${problem}`];
    },
    async close() {
      await events?.close();
      config.close();
      signals.close();
      await nats.close();
    },
  };
}

async function openPostgresPart(options: ClusterOptions, signals: Ports["signals"]) {
  const { urls, needs, name, writer, secrets, home, log, metrics } = options;
  const { openPostgres } = await import("./postgres/open-postgres.ts");
  const postgres = openPostgres({
    url: urls.postgres,
    ...(urls.postgresReplica ? { replicaUrl: urls.postgresReplica } : {}),
    onReplica: (words) => log.warn({ service: "postgres" }, words),
    name,
    ...(metrics ? { metrics } : {}),
    onLost: (err) => log.debug({ err }, "a connection to PostgreSQL was lost while nobody used it"),
  });
  const work = needs.has("work")
    ? new (await import("./postgres/postgres-work.ts")).PostgresWork(postgres, signals)
    : undefined;
  const { PostgresAudit } = await import("./postgres/postgres-audit.ts");
  const { requireNoOpenMove } = await import("./postgres/move-mark.ts");
  const { clusterIdOf } = await import("./postgres/cluster-id.ts");
  const { readSealKeys, sealsOf, WRITER } = await import("../audit/chain.ts");
  const seals = sealsOf(secrets, writer);
  const readSeals = () => sealsOf(secrets, WRITER, readSealKeys(home));
  const audit = new PostgresAudit(postgres, { writer, seals, readSeals });
  let tables: Promise<unknown> | undefined;
  const whole = () => postgres.ready().then(() => requireNoOpenMove(postgres));
  return {
    ports: {
      sql: <Tables>() => postgres.sql<Tables>() as Kysely<Tables>,
      report: <Tables, T>(read: (db: Kysely<Tables>) => Promise<T>) => postgres.report(read),
      migrate: (service: string, migrations: Migrations) =>
        whole().then(() => postgres.migrate(service, migrations)),
      audit,
      ...(work ? { work } : {}),
    },
    auditHead: () => audit.head(writer),
    clusterId: () => clusterIdOf(postgres),
    clock: async () => ({ of: "PostgreSQL", aheadMs: await postgres.clockAheadMs() }),
    openTrail: () => ({
      trail: audit,
      seals: readSeals(),
      close: async () => undefined,
    }),
    async ready() {
      tables ??= whole().then(() => Promise.all([audit.makeTable(), work?.makeTable()]));
      await tables.catch((thrown: unknown) => {
        tables = undefined;
        throw thrown;
      });
    },
    check: () => postgres.check(),
    async close() {
      await work?.close();
      await postgres.close();
    },
  };
}

async function openMongoPart({ urls, name, log, metrics }: ClusterOptions) {
  const { openMongo } = await import("./mongo/open-mongo.ts");
  const mongo = openMongo({ url: urls.mongo, name, log, ...(metrics ? { metrics } : {}) });
  return {
    ports: { documents: mongo.documents },
    ready: () => mongo.ready(),
    check: () => mongo.check(),
    clock: async () => ({ of: "MongoDB", aheadMs: await mongo.clockAheadMs() }),
    close: () => mongo.close(),
  };
}

/** It has no part in whether the process is well: without Redis everything works, and a metric and the log say so. */
async function openRedisPart({ urls, release, log, metrics }: ClusterOptions, signals: Ports["signals"]) {
  const { openRedisPorts } = await import("./redis/open-redis-ports.ts");
  const redis = await openRedisPorts({
    ...{ url: urls.redis, release, log, signals },
    ...(metrics ? { metrics } : {}),
  });
  const { counters, cache, locks, presence } = redis;
  return { ports: { counters, cache, locks, presence }, close: () => redis.close() };
}
