// A client whose monitor does not look any more, as one was seen under chaos: the process gets another one.
import { expect } from "@jest/globals";
import type { MongoClient } from "mongodb";
import { LastingClient } from "../../lib/cluster/mongo/lasting-client.ts";
import { makeClient } from "../../lib/cluster/mongo/mongo-url.ts";
import { recordingLog } from "../support/recording-log.ts";
import { otherDatabase } from "../support/servers/given-mongo.ts";
import { notOurMongo } from "../support/servers/mongo.ts";
import { testUnless } from "../support/unless.ts";
import { QUICK, useMongo } from "../support/use-mongo.ts";
import { waitFor } from "../support/wait-for.ts";

const { server } = useMongo();

type Inside = { topology: { s: { servers: Map<string, { monitor: { monitorId: { stop(): void } } }> } } };

/** Longer than a server needs to come back and to be seen, on a machine with too much to do. */
const RENEW_MS = 15_000;

/** Its driver looks no more. */
function blind(client: MongoClient): void {
  for (const { monitor } of (client as unknown as Inside).topology.s.servers.values())
    monitor.monitorId.stop();
}

testUnless(notOurMongo)(
  "a client that does not come back when the server does is made anew, and one that does is kept",
  async () => {
    const url = otherDatabase(server().url);
    const log = recordingLog();
    const make = () => makeClient({ url, name: "test", connections: 5, patience: QUICK });
    const lasting = new LastingClient({ url, make, log, renewMs: RENEW_MS });
    const answers = () =>
      lasting.db.command({ ping: 1 }).then(
        () => true,
        () => false,
      );
    await lasting.client.connect();
    const first = lasting.client;
    const losses = () => log.lines.filter((line) => line.includes("has no primary")).length;
    // Something is under way when the server dies: by that its end is known.
    const restart = async () => {
      const before = losses();
      for (let tries = 0; losses() === before && tries < 20; tries += 1) {
        const asked = Array.from({ length: 5 }, answers);
        await server().kill();
        await Promise.all([...asked, answers()]);
        if (losses() === before) await server().restart();
      }
      await server().restart();
      await waitFor("it is there again", answers);
    };
    try {
      await restart();
      expect(lasting.client === first).toBe(true);
      blind(first);
      await restart();
      expect(lasting.client === first).toBe(false);
    } finally {
      await lasting.close();
    }
  },
);
