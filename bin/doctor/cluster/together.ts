// What only several servers of a cluster together show: who is there, whose clock is wrong, and what nobody works on. A server that is
// away leaves its part out.
import { clockFaults } from "../../../lib/cluster/clocks.ts";
import type { MongoState } from "../../../lib/cluster/mongo/inspect-mongo.ts";
import type { NatsState } from "../../../lib/cluster/nats/inspect-nats.ts";
import type { PostgresState } from "../../../lib/cluster/postgres/inspect-postgres.ts";
import { SERVICES } from "../../../lib/env/cluster.ts";
import type { Texts } from "../../terminal/texts.ts";
import { type Finding, ok, warning } from "../finding.ts";

type Seen = {
  nats: NatsState | undefined;
  postgres: PostgresState | undefined;
  mongo: MongoState | undefined;
};

const SHOWN = 5;

export function processFindings({ nats, mongo }: Seen, { doctorCluster: words }: Texts): Finding[] {
  if (!nats) return [];
  const { present } = nats;
  if (present.length === 0) return [warning("processes", words.nobodyThere, words.nobodyThereFix, "none")];
  const told = present.map(({ id, version, services }) => words.process(id, version, services.join(",")));
  const versions = new Set(present.map(({ version }) => version));
  const missing = SERVICES.filter((name) => !present.some(({ services }) => services.includes(name)));
  // Those that died in the last hour are known, too: only who is here and silent is one that hangs.
  const hanging = mongo?.owners.silent.filter((owner) => present.some(({ id }) => id === owner)) ?? [];
  return [
    ok("processes", told.join("\n")),
    ...(versions.size > 1
      ? [warning("processes", words.versions([...versions].join(", ")), words.versionsFix, "versions")]
      : []),
    ...(missing.length > 0
      ? [
          warning(
            "processes",
            words.missing(missing.join(", ")),
            words.missingFix(missing.join(",")),
            "missing",
          ),
        ]
      : []),
    ...hanging.map((id) => warning("processes", words.hanging(id), words.hangingFix, "hanging")),
  ];
}

export function clockFindings({ nats, postgres, mongo }: Seen, { doctorCluster, said }: Texts): Finding[] {
  const clocks = [
    ...(postgres ? [{ of: "PostgreSQL", aheadMs: postgres.aheadMs }] : []),
    ...(mongo ? [{ of: "MongoDB", aheadMs: mongo.aheadMs }] : []),
    ...(nats?.present ?? []).map(({ id, aheadMs }) => ({ of: `the process ${id}`, aheadMs })),
  ];
  if (clocks.length === 0) return [];
  const faults = clockFaults(clocks);
  if (faults.length === 0) return [ok("clocks", doctorCluster.clocksFine(clocks.length))];
  return [warning("clocks", faults.map(said).join("\n"), doctorCluster.clocksFix, "apart")];
}

export function runFindings({ mongo }: Seen, { doctorCluster: words }: Texts): Finding[] {
  if (!mongo) return [];
  const { openRuns, owners } = mongo;
  const lost = openRuns.filter(({ owner }) => owner !== null && !owners.beating.includes(owner));
  if (lost.length === 0) return [ok("runs", words.runsFine(openRuns.length))];
  const shown = lost.slice(0, SHOWN).map(({ id }) => id);
  return [warning("runs", words.lostRuns(lost.length, shown.join(", ")), words.lostRunsFix, "without_owner")];
}

/** A run that is worked holds its quota for as long as it takes. */
export function holdFindings({ postgres, mongo }: Seen, { doctorCluster: words }: Texts): Finding[] {
  if (!postgres || !mongo) return [];
  const open = new Set(mongo.openRuns.map(({ id }) => id));
  const left = postgres.heldRuns.filter((id) => !open.has(id));
  if (left.length === 0) return [ok("holds", words.holdsFine)];
  return [
    warning("holds", words.heldRuns(left.length, left.slice(0, SHOWN).join(", ")), words.heldRunsFix, "left"),
  ];
}
