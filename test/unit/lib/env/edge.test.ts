// The variables of the edge, and what is said of those that do not fit.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { edgeSettingsOf, KEYS_OF } from "../../../../lib/env/edge.ts";
import { readEnvironment } from "../../../../lib/env.ts";

let home = "";
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "macjarvis-env-"));
});
afterEach(() => rmSync(home, { recursive: true }));

const read = (more: Record<string, string>) => readEnvironment({ MACJARVIS_HOME: home, ...more });
function faults(more: Record<string, string>): string {
  try {
    read(more);
    return "";
  } catch (thrown) {
    return (thrown as Error).message;
  }
}
function putKeys(folder: string, files: readonly string[] = [...KEYS_OF.tools, ...KEYS_OF.nodes]): void {
  mkdirSync(folder, { recursive: true });
  for (const file of files) writeFileSync(join(folder, file), "x");
}
const HERE = "nats://127.0.0.1:4223";

describe("the edge", () => {
  test("is none without EDGE_URL, whatever else is set", () => {
    expect(edgeSettingsOf(read({}))).toBeUndefined();
    expect(edgeSettingsOf(read({ EDGE_PUBLIC_URL: "tls://a.example:1", EDGE_KEYS: home }))).toBeUndefined();
  });

  test("is told to Macs as hubs have it, and its keys are in the data folder, unless said otherwise", () => {
    putKeys(join(home, "edge"));
    expect(edgeSettingsOf(read({ EDGE_URL: HERE }))).toEqual({
      ...{ url: HERE, publicUrl: HERE, keysFolder: join(home, "edge") },
    });
    const EDGE_KEYS = join(home, "elsewhere");
    putKeys(EDGE_KEYS);
    const EDGE_PUBLIC_URL = "wss://edge.example.com/bus";
    expect(edgeSettingsOf(read({ EDGE_URL: HERE, EDGE_PUBLIC_URL, EDGE_KEYS }))).toEqual({
      ...{ url: HERE, publicUrl: EDGE_PUBLIC_URL, keysFolder: EDGE_KEYS },
    });
  });

  test.each([
    "tls://edge.example.com:4223",
    "nats://localhost:4223",
    "nats://[::1]:4223",
    "tls://10.0.0.1:4223,tls://10.0.0.2:4223",
  ])("EDGE_URL may be %s", (EDGE_URL) => {
    putKeys(join(home, "edge"));
    expect(faults({ EDGE_URL })).toBe("");
  });

  test.each([
    ["nats://10.0.0.1:4223", /would be reached in plain text.*tls:\/\//],
    [`${HERE},nats://edge.example.com`, /would be reached in plain text/],
    ["nats://edge.example.com", /would be reached in plain text/],
    ["http://127.0.0.1", /must be nats:\/\/ or tls:\/\/ addresses/],
    ["wss://edge.example.com", /must be nats:\/\/ or tls:\/\/ addresses/],
    ["127.0.0.1:4223", /must be nats:\/\/ or tls:\/\/ addresses/],
    ["tls://", /must be nats:\/\/ or tls:\/\/ addresses/],
    [",", /must be nats:\/\/ or tls:\/\/ addresses/],
    ["tls://hub:s3cret@edge.example.com", /has a user or password in it.*hub\.creds/],
  ])("EDGE_URL=%s is refused in words, without its secrets", (EDGE_URL, words) => {
    putKeys(join(home, "edge"));
    const said = faults({ EDGE_URL });
    expect(said).toMatch(words);
    expect(said).not.toContain("s3cret");
  });

  test.each([
    ["nats://edge.example.com", /would be reached in plain text/],
    ["ws://10.0.0.1", /would be reached in plain text/],
    ["wss://edge.example.com,tls://edge.example.com:4223", /must be tls:\/\/ or wss:\/\/ addresses/],
    ["https://edge.example.com", /must be tls:\/\/ or wss:\/\/ addresses/],
  ])("EDGE_PUBLIC_URL=%s is refused in words", (EDGE_PUBLIC_URL, words) => {
    expect(faults({ EDGE_PUBLIC_URL })).toMatch(words);
  });

  test("without keys is a fault that names the command which makes them", () => {
    expect(faults({ EDGE_URL: HERE })).toMatch(
      /EDGE_KEYS: there are no keys of the edge in .*\/edge\. Make them with: npm run doctor -- nats init/,
    );
  });

  const CLUSTER = {
    ...{ NATS_URL: "nats://127.0.0.1:4222", POSTGRES_URL: "postgres://mj@127.0.0.1/mj" },
    ...{ MONGO_URL: "mongodb://127.0.0.1/mj", REDIS_URL: "redis://127.0.0.1", JWT_SECRET: "s".repeat(32) },
    EDGE_URL: HERE,
  };

  test.each([
    ["api,users", [], ""],
    ["tools", KEYS_OF.tools, ""],
    ["nodes", KEYS_OF.nodes, ""],
    ["tools", ["hub.creds"], "lacks grants.seed. Copy that"],
    [
      "nodes",
      KEYS_OF.tools,
      "lacks operator-signing.seed, system.creds, edge-account.pub, edge-signing.seed",
    ],
  ])("a process with SERVICES=%s needs its own keys only", (SERVICES, files, words) => {
    putKeys(join(home, "edge"), files);
    const said = faults({ ...CLUSTER, SERVICES });
    if (words === "") expect(said).toBe("");
    else expect(said).toContain(words);
  });
});
