// What goes wrong: each kind of fault, how often it is drawn, whom it hits, how long it lasts, and how it is done and healed.
import { setTimeout as sleep } from "node:timers/promises";
import { type Member, SERVERS, type ServerName } from "./member.ts";
import type { Stage } from "./stage.ts";

export type Fault = {
  /** Since the storm began. */
  atMs: number;
  kind: FaultKind;
  /** A process, or a server. */
  target: string;
  /** Of the process's ways to the servers, the one that is hit; undefined for all of them. */
  way?: ServerName;
  forMs: number;
  /** From 0 to 1, for what a kind leaves open. */
  degree: number;
};

type Kind = {
  weight: number;
  hits: "process" | "way" | readonly ServerName[];
  /** Least and most. */
  lastsMs: readonly [number, number];
  inflict(stage: Stage, fault: Fault): Promise<void>;
};

export const FAULT_KINDS = {
  "kill -9": {
    weight: 8,
    hits: "process",
    lastsMs: [0, 3_000],
    inflict: (stage, { target, forMs }) => memberOf(stage, target).kill(forMs),
  },
  "stand still": {
    weight: 3,
    hits: "process",
    lastsMs: [5_000, 30_000],
    inflict: (stage, { target, forMs }) => memberOf(stage, target).freeze(forMs),
  },
  "connections cut": {
    weight: 4,
    hits: "way",
    lastsMs: [0, 0],
    async inflict(stage, fault) {
      for (const proxy of waysOf(stage, fault)) proxy.cut();
    },
  },
  "slow network": {
    weight: 2,
    hits: "way",
    lastsMs: [2_000, 10_000],
    async inflict(stage, fault) {
      const ways = waysOf(stage, fault);
      for (const proxy of ways) proxy.delay(20 + fault.degree * 400);
      await sleep(fault.forMs);
      for (const proxy of ways) await proxy.heal();
    },
  },
  "half-open": {
    weight: 3,
    hits: "way",
    lastsMs: [3_000, 20_000],
    inflict: (stage, fault) => swallow(stage, fault, fault.degree < 0.5 ? "server" : "client"),
  },
  "cut apart": {
    weight: 3,
    hits: "process",
    lastsMs: [3_000, 25_000],
    inflict: (stage, fault) => swallow(stage, fault, "both"),
  },
  "server killed": {
    weight: 3,
    hits: ["nats", "postgres", "mongo", "redis"],
    lastsMs: [0, 3_000],
    async inflict({ cluster }, { target, forMs }) {
      const server = cluster.servers[target as ServerName];
      await server.kill();
      await sleep(forMs);
      await server.restart();
    },
  },
  "server restarted": {
    weight: 2,
    hits: ["nats", "postgres", "mongo", "redis"],
    lastsMs: [0, 0],
    inflict: ({ cluster }, { target }) => cluster.servers[target as ServerName].restart(),
  },
  "server stands still": {
    weight: 2,
    hits: ["nats", "postgres", "mongo", "redis"],
    lastsMs: [2_000, 12_000],
    async inflict({ cluster }, { target, forMs }) {
      const server = cluster.servers[target as ServerName];
      await server.pause();
      await sleep(forMs);
      server.resume();
    },
  },
  "server slow for all": {
    weight: 2,
    hits: ["postgres", "mongo"],
    lastsMs: [3_000, 10_000],
    async inflict({ members }, { target, forMs, degree }) {
      const ways = members.map(({ proxies }) => proxies[target as ServerName]);
      for (const proxy of ways) proxy.delay(20 + degree * 250);
      await sleep(forMs);
      for (const proxy of ways) await proxy.heal();
    },
  },
  "Redis flushed": {
    weight: 1,
    hits: ["redis"],
    lastsMs: [0, 0],
    async inflict({ cluster }) {
      const { firstAnswer } = await import("../../../bin/cluster/servers/first-answer.ts");
      await firstAnswer(cluster.servers.redis.port, "FLUSHALL\r\n");
    },
  },
} as const satisfies Record<string, Kind>;

export type FaultKind = keyof typeof FAULT_KINDS;

export const kindOf = (name: FaultKind): Kind => FAULT_KINDS[name];

function memberOf({ members }: Stage, name: string): Member {
  const member = members.find((one) => one.name === name);
  if (!member) throw new Error(`there is no process ${name}`);
  return member;
}

function waysOf(stage: Stage, { target, way }: Fault) {
  const { proxies } = memberOf(stage, target);
  return way === undefined ? SERVERS.map((name) => proxies[name]) : [proxies[way]];
}

/** Nothing arrives there any more and nobody is told; at last such connections are broken, as a router would. */
async function swallow(stage: Stage, fault: Fault, to: "server" | "client" | "both"): Promise<void> {
  const ways = waysOf(stage, fault);
  for (const proxy of ways) proxy.swallow(to);
  await sleep(fault.forMs);
  for (const proxy of ways) {
    proxy.cut();
    await proxy.heal();
  }
}
