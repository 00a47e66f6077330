// What can go wrong between a hub and a Mac, each mended again by itself. A fault answers whether it has come to what it is about.
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { JOURNAL_CRASH_POINTS } from "../../../../mac-node/journal/crash-points.ts";
import { CALL_CRASH_POINTS } from "../../../../services/tools/crash-points.ts";
import type { Tampering } from "../tamperer.ts";
import type { Series } from "./series.ts";

type Fault = (series: Series) => Promise<boolean>;

/** Longer than what a fault waits for needs; a fault that has not met it by then is tried again later. */
const PATIENCE_MS = 60_000;
/** Shorter than nats-server takes to give a Mac up that stands still, so that requests wait in its sockets when their time is over. */
const SHORT_DEADLINE_S = 3;
const PAST_DEADLINES_MS = 6_000;

/** @returns whether it came to be */
async function met(look: () => boolean | Promise<boolean>, patienceMs = PATIENCE_MS): Promise<boolean> {
  for (const until = performance.now() + patienceMs; performance.now() < until; await sleep(20))
    if (await look()) return true;
  return false;
}

const always =
  (work: (series: Series) => Promise<unknown>): Fault =>
  async (series) => {
    await work(series);
    return true;
  };

const OF_NETWORKS: Record<string, Fault> = {
  "the connection of the Macs is cut": always(async ({ macs }) => macs.macsWay.cut()),
  "nothing comes through for a while, and nobody notices": always(async (series) => {
    const { macsWay } = series.macs;
    const which = series.random();
    macsWay.swallow(which < 0.3 ? "both" : which < 0.65 ? "client" : "server");
    await sleep(series.between(50, 1_500));
    macsWay.cut();
    await macsWay.heal();
  }),
  "the network of the Macs is away": always(async (series) => {
    const { macsWay } = series.macs;
    macsWay.cut();
    macsWay.refuse();
    await sleep(series.between(50, 2_000));
    await macsWay.heal();
  }),
  "the network of the Macs is slow": always(async (series) => {
    const { macsWay } = series.macs;
    macsWay.delay(series.between(20, 400));
    await sleep(series.between(200, 1_000));
    macsWay.delay(0);
  }),
  "the connection of the hub is cut": always(async ({ macs }) => macs.hubsWay.cut()),
  "nats-server is killed": always(async ({ macs }) => {
    await macs.edge.kill();
    await macs.edge.restart();
  }),
};

const TAMPERINGS: Tampering[] = [
  "an answer comes twice",
  "an answer comes late",
  "an answer never comes",
  "an answer is garbage",
  "an answer has 50 MB",
  "a request comes twice",
];

const tampered =
  (how: Tampering): Fault =>
  ({ macs }) => {
    const isDone = macs.tamperer.tamper(how);
    return met(isDone).finally(() => macs.tamperer.calm());
  };

const OF_THE_MAC: Record<string, Fault> = {
  "the Mac's program vanishes": async (series) => {
    const { program } = series.mac;
    const runs = await met(() => series.runs());
    await program.kill();
    await sleep(series.between(0, 500));
    program.restart();
    return runs;
  },
  "the Mac stands still": always(async (series) => {
    const { program } = series.mac;
    program.freeze();
    await sleep(series.between(100, 3_000));
    program.thaw();
  }),
  "the Mac stands still past the deadline of its calls": async (series) => {
    const { user, tamperer } = series.macs;
    const shorten = () => user.call("PUT", "/admin/config", { run_deadline_s: SHORT_DEADLINE_S });
    if (!(await met(async () => (await shorten().catch(() => undefined))?.status === 200))) return false;
    const { size } = tamperer.deadlines;
    // Some are under way with the short time.
    const sent = await met(() => tamperer.deadlines.size > size + 2);
    series.mac.program.freeze();
    await sleep(PAST_DEADLINES_MS);
    series.mac.program.thaw();
    await met(
      async () => (await user.call("PUT", "/admin/config", {}).catch(() => undefined))?.status === 200,
    );
    return sent;
  },
  "the Mac's program is restarted in order": always(async ({ mac }) => {
    await mac.program.stop();
    mac.program.restart();
  }),
};

const OF_THE_SERVER: Record<string, Fault> = {
  "the hub is killed between sending and the answer": async (series) => {
    const runs = await met(() => series.runs());
    await series.macs.stack.restart();
    return runs;
  },
  "the server is restarted in order": always(async ({ macs }) => {
    await macs.stack.server.kill("SIGTERM");
    await macs.stack.restart();
  }),
};

const markerOf = (folder: string, point: string) => join(folder, `crashed-at-${point}`);

/** One point after the other, each in a process of its own. */
const macDiesAt =
  (points: string[]): Fault =>
  async (series) => {
    const { mac, macs } = series;
    let diedAtAll = true;
    for (const point of points) {
      const marker = markerOf(mac.folder.path, point);
      rmSync(marker, { force: true });
      await mac.program.kill();
      mac.program.restart({ CRASH_AT: point });
      // A call is only asked about when its run has another owner.
      if (point.startsWith("fenced.") && (await met(() => series.runs()))) await macs.stack.restart();
      diedAtAll &&= await met(() => existsSync(marker));
    }
    await mac.program.kill();
    mac.program.restart();
    return diedAtAll;
  };

/** Around the journal of the agent, and on the way to the Mac and back. */
const SERVER_POINTS = ["tool.sent", "tool.audited", "tool.answered", "finish.message", ...CALL_CRASH_POINTS];

const serverDiesAt =
  (points: string[]): Fault =>
  async (series) => {
    const { mac, macs } = series;
    const { stack } = macs;
    let diedAtAll = true;
    for (const point of points) {
      const marker = markerOf(stack.server.home, point);
      rmSync(marker, { force: true });
      if (point.startsWith("queue.")) await mac.program.kill();
      if (point === "hub.fenced") await met(() => series.runs());
      // It may die before it has said that it is there.
      await stack.restart({ CRASH_AT: point }).catch(() => undefined);
      if (point === "queue.taken") await met(() => series.waits());
      if (point !== "queue.entered" && !mac.program.isThere) mac.program.restart();
      diedAtAll &&= await met(() => existsSync(marker));
    }
    await stack.restart({ CRASH_AT: "" });
    if (!mac.program.isThere) mac.program.restart();
    return diedAtAll;
  };

let others = 0;

const OF_OTHER_MACS: Record<string, Fault> = {
  async "a Mac is revoked in its calls"(series) {
    const { macs } = series;
    const mac = await macs.pair(`revoked-${others++}`);
    series.keep(mac, [mac.folder.path]);
    await macs.online(mac);
    const calls = [0, 1, 2].map(() => series.call(mac, series.between(0.5, 1.5)));
    const runs = await met(() => series.runs(mac));
    const more = [0, 1, 2].map(() => series.call(mac, 0));
    await macs.user.call("DELETE", `/nodes/${mac.id}`);
    await Promise.all([...calls, ...more, series.call(mac, 0)]);
    await mac.program.kill();
    return runs;
  },
  async "two processes have one key"(series) {
    const { macs } = series;
    const mac = await macs.pair(`twin-${others++}`);
    await macs.online(mac);
    await series.call(mac, 0);
    const calls = [0, 1, 2].map(() => series.call(mac, series.between(1, 2)));
    const runs = await met(() => series.runs(mac));
    const copy = await mac.copy();
    series.keep(mac, [mac.folder.path, copy.folder.path], true);
    // Half of the time the copy is there before the other one vanishes.
    if (series.random() < 0.5) await met(() => copy.program.said !== "");
    await mac.program.kill();
    const more = [0, 1].map(() => series.call(mac, 0));
    if (series.random() < 0.5) mac.program.restart();
    await Promise.all([...calls, ...more]);
    await Promise.all([mac.program.kill(), copy.program.kill()]);
    return runs;
  },
};

/** Of a row of points the process is started once for each, and once more. */
const IN_A_ROW = 4;

function inRows(points: readonly string[], words: string, make: (row: string[]) => Fault) {
  const rows = Map.groupBy(points.entries(), ([place]) => Math.floor(place / IN_A_ROW));
  return Object.fromEntries(
    [...rows.values()]
      .map((row) => row.map(([, point]) => point))
      .map((row) => [`${words} ${row.join(", ")}`, make(row)]),
  );
}

export const FAULTS: Record<string, Fault> = {
  ...OF_NETWORKS,
  ...Object.fromEntries(TAMPERINGS.map((how) => [how, tampered(how)])),
  ...OF_THE_MAC,
  ...OF_THE_SERVER,
  ...OF_OTHER_MACS,
  ...inRows(JOURNAL_CRASH_POINTS, "the Mac dies at", macDiesAt),
  ...inRows(SERVER_POINTS, "the server dies at", serverDiesAt),
};
