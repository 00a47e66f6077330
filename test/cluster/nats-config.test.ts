// The configuration on a real NATS: the port's contract, and what happens when the server goes, comes back, or loses the document.
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { Kvm } from "@nats-io/kv";
import type { LocalServer } from "../../bin/cluster/servers/local-server.ts";
import { startNats } from "../../bin/cluster/servers/nats.ts";
import { openNatsConfig } from "../../lib/cluster/nats/nats-config.ts";
import { type Nats, openNats } from "../../lib/cluster/nats/open-nats.ts";
import type { StoredConfig } from "../../lib/ports/config.ts";
import { configContract } from "../support/contracts/config-contract.ts";
import { waitFor } from "../support/wait-for.ts";

let server: LocalServer;
beforeAll(async () => {
  // `deaf` cannot watch: it has the key only by looking at it.
  server = await startNats({
    config:
      'no_auth_user: all\naccounts { A { users: [{ user: all, password: all }, { user: deaf, password: deaf, permissions: { publish: { deny: "$JS.API.CONSUMER.>" } } }], jetstream: enabled } }',
  });
});
afterAll(() => server.stop());

let opened: Nats[] = [];
let buckets = 0;
/** So that what is told is told by the watch. */
const NEVER = 3_600_000;
function newBucket(): string {
  buckets += 1;
  return `config_${buckets}`;
}

async function open(bucket: string, lookMs?: number, user = "all") {
  const nats = await openNats({ url: server.url.replace("//", `//${user}:${user}@`), name: "a test" });
  opened.push(nats);
  return { nats, config: await openNatsConfig(nats, { bucket, ...(lookMs ? { lookMs } : {}) }) };
}
afterEach(async () => {
  await Promise.all(opened.map((nats) => nats.close()));
  opened = [];
});

configContract("NATS", async () => {
  const bucket = newBucket();
  // Both make the bucket at the same moment.
  const [one, two] = await Promise.all([open(bucket, NEVER), open(bucket, NEVER)]);
  const close = async () => {
    one.config.close();
    two.config.close();
  };
  return { config: one.config, other: two.config, close };
});

describe("the configuration in NATS", () => {
  test("goes on with the last value while NATS is away, refuses changes then, and follows again after it", async () => {
    const bucket = newBucket();
    const [here, there] = [await open(bucket), await open(bucket)];
    const told: (StoredConfig | undefined)[] = [];
    const watching = there.config.watch((stored) => told.push(stored));
    await watching.ready;
    const first = await here.config.write(0, { id: "before" });
    await waitFor("the change", () => told.at(-1)?.revision === first);
    await server.kill();
    await waitFor("both know", () => !here.nats.isThere && !there.nats.isThere);
    await expect(here.config.write(first, { id: "meanwhile" })).rejects.toMatchObject({
      type: "store_unavailable",
    });
    await expect(there.config.read()).rejects.toMatchObject({ type: "store_unavailable" });
    expect(told.at(-1)?.document).toEqual({ id: "before" });
    await server.restart();
    await waitFor("both are back", () => here.nats.isThere && there.nats.isThere);
    expect(await waitFor("the value", () => there.config.read().catch(() => undefined))).toMatchObject({
      document: { id: "before" },
    });
    const second = await waitFor("a change", () =>
      here.config.write(first, { id: "after" }).catch(() => undefined),
    );
    await waitFor("it is told", () => told.at(-1)?.revision === second);
    expect(told.map((stored) => (stored?.document as { id: string } | undefined)?.id)).toEqual([
      undefined,
      "before",
      "after",
    ]);
  });

  test("is looked at besides the watch: who does not hear of a value knows it all the same", async () => {
    const bucket = newBucket();
    const [here, there] = [await open(bucket, NEVER), await open(bucket, 20, "deaf")];
    const told: (StoredConfig | undefined)[] = [];
    const watching = there.config.watch((stored) => told.push(stored));
    await watching.ready;
    const revision = await here.config.write(0, { id: "a" });
    await waitFor("it is known", () => told.at(-1)?.revision === revision);
    watching();
  });

  test("that somebody has removed is none, and can be set again", async () => {
    const bucket = newBucket();
    const { nats, config } = await open(bucket, 20);
    const told: (StoredConfig | undefined)[] = [];
    const watching = config.watch((stored) => told.push(stored));
    await watching.ready;
    await config.write(0, { id: "a" });
    await waitFor("the change", () => told.at(-1)?.document);
    await (await new Kvm(nats.connection).open(bucket)).delete("settings");
    await waitFor("its end", () => told.at(-1) === undefined);
    const revision = await config.write(0, { id: "b" });
    await waitFor("the next", () => told.at(-1)?.revision === revision);
    watching();
  });

  test("that is no JSON is told as what cannot be read, and can be replaced", async () => {
    const bucket = newBucket();
    const { nats, config } = await open(bucket);
    const revision = await (await new Kvm(nats.connection).open(bucket)).put("settings", "{");
    expect(await config.read()).toEqual({ revision, document: undefined });
    await config.write(revision, { id: "a" });
  });
});
