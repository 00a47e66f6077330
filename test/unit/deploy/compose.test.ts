import { describe, expect, test } from "@jest/globals";
import { makeClient, PATIENCE } from "../../../lib/cluster/mongo/mongo-url.ts";
import { targetOf } from "../../../lib/cluster/nats/nats-address.ts";
import { readPostgresUrl } from "../../../lib/cluster/postgres/postgres-url.ts";
import { readRedisUrl } from "../../../lib/cluster/redis/redis-url.ts";
import { readS3Url } from "../../../lib/cluster/s3/s3-url.ts";
import { SERVICES } from "../../../lib/env/cluster.ts";
import { readEnvironment } from "../../../lib/env.ts";
import { VARIABLES } from "../../../lib/settings/default-settings.ts";
import { compose, documentsOf, environmentOf, textOf } from "../../support/deploy-files.ts";

const { services, networks } = compose();
const all = Object.entries(services);
const ours = all.flatMap(([name, service]) => {
  const environment = environmentOf(service);
  return environment ? [{ name, service, environment }] : [];
});

/** Takes the addresses as the start does; throws what it would be refused with. */
async function readAddresses(environment: Record<string, string | undefined>): Promise<void> {
  const { NATS_URL = "", POSTGRES_URL = "", MONGO_URL = "", REDIS_URL = "" } = environment;
  expect(targetOf({ url: NATS_URL })).toMatchObject({ tls: {}, ignoreClusterUpdates: false });
  expect(readPostgresUrl(POSTGRES_URL, "POSTGRES_URL").ssl).toBeTruthy();
  await makeClient({ url: MONGO_URL, name: "test", connections: 1, patience: PATIENCE }).close();
  expect(readRedisUrl(REDIS_URL).isTls).toBe(true);
  if (environment.S3_URL) expect(readS3Url(environment.S3_URL).endpoint).toMatch(/^https:/);
}

describe("docker-compose.yml", () => {
  test.each(ours)(
    "$name has an environment that the program takes, every address over TLS",
    async ({ environment }) => {
      const read = readEnvironment(environment);
      expect(read.cluster).toBeDefined();
      expect(read.ALLOWED_HOSTS.length).toBeGreaterThan(0);
      await readAddresses(environment);
    },
  );

  test("what the environment says of a setting that admins change is the same in every process", () => {
    for (const name of Object.values(VARIABLES)) {
      const given = new Set(ours.map(({ service }) => service.environment?.[name]));
      expect([name, given.size]).toEqual([name, 1]);
    }
  });

  test.each(["full", "small"])("in the profile %s every service runs, and the node once", (profile) => {
    const run = ours
      .filter(({ service }) => service.profiles.includes(profile))
      .flatMap(({ environment }) => environment.SERVICES?.split(",") ?? []);
    expect([...new Set(run)].toSorted()).toEqual([...SERVICES].toSorted());
    expect(run.filter((name) => name === "node")).toHaveLength(1);
  });

  test.each(ours)(
    "$name writes to its volumes and nowhere else, has no rights, and time to drain",
    ({ service }) => {
      expect(service).toMatchObject({ read_only: true, cap_drop: ["ALL"], stop_grace_period: "30s" });
    },
  );

  test("everything is of a profile, is started again, gains no rights, and is of a pinned version", () => {
    for (const [name, service] of all) {
      expect([name, service.profiles?.length ?? 0]).not.toEqual([name, 0]);
      expect(service.security_opt).toEqual(["no-new-privileges:true"]);
      expect([name, service.image]).toEqual([name, expect.stringMatching(/:(local|v?\d[\w.-]*)$/)]);
      const isStep = /certificates|initiate/.test(name);
      expect([name, service.restart === "unless-stopped"]).toEqual([name, !isStep]);
    }
  });

  test("nobody reaches a store from outside: only nginx and Grafana have a port, on loopback unless somebody says else", () => {
    const open = all.flatMap(([name, { ports = [] }]) => ports.map((port) => [name, port]));
    expect(open).toEqual([
      ["nginx", "$" + "{LISTEN:-127.0.0.1}:$" + "{HTTPS_PORT:-8443}:8443"],
      ["grafana", "127.0.0.1:$" + "{GRAFANA_PORT:-3001}:3000"],
    ]);
    expect(networks.inner).toEqual({ internal: true });
    for (const [name, { networks: joined, image = "" }] of all)
      if (/^(nats|postgres|redis|mongo|chrislusf)/.test(image))
        expect([name, Array.isArray(joined) ? joined : Object.keys(joined ?? {})]).toEqual([name, ["inner"]]);
  });

  test("no password has a default, and .env.example names each without a value", () => {
    const text = textOf("docker-compose.yml");
    const secrets = [...text.matchAll(/\$\{(\w*(?:PASSWORD|SECRET|OBJECTS_KEY))([^}]*)\}/g)];
    expect(secrets.length).toBeGreaterThan(8);
    for (const [whole, , how] of secrets)
      expect([whole, /^(:\?set it in \.env, see \.env\.example)?$/.test(how ?? "")]).toEqual([whole, true]);
    const required = [...new Set(secrets.filter(([, , how]) => how !== "").map(([, name]) => name))];
    const example = textOf(".env.example");
    for (const name of required) expect(example).toMatch(new RegExp(`^${name}=$`, "m"));
    expect([...new Set(secrets.map(([, name]) => name))].toSorted()).toEqual(required.toSorted());
  });

  test("Prometheus looks at every process of the profile full, under a name that the process answers to", () => {
    type Scrapes = { scrape_configs: { static_configs: { targets: string[] }[] }[] };
    const [{ scrape_configs } = { scrape_configs: [] }] = documentsOf<Scrapes>(
      "deploy/prometheus/prometheus.yml",
    );
    const targets = scrape_configs.flatMap(({ static_configs }) =>
      static_configs.flatMap((one) => one.targets),
    );
    const full = ours.filter(({ service }) => service.profiles.includes("full"));
    expect(targets.toSorted()).toEqual(full.map(({ name }) => `${name}:9464`).toSorted());
    for (const { name, environment } of full)
      expect(readEnvironment(environment).ALLOWED_HOSTS).toContain(name);
  });
});

test("the addresses of deploy/kubernetes/secrets.example.yaml are of a form that the program takes, and its secret is none", async () => {
  type Secret = { kind: string; metadata: { name: string }; stringData: Record<string, string> };
  const secrets = documentsOf<Secret>("deploy/kubernetes/secrets.example.yaml");
  const named = (wanted: string) =>
    secrets.find(({ kind, metadata }) => kind === "Secret" && metadata.name === wanted);
  const example = named("macjarvis");
  for (const role of ["gateway", "agent", "core", "node"])
    await readAddresses({ ...example?.stringData, ...named(`macjarvis-nats-${role}`)?.stringData });
  expect(example?.stringData.S3_URL).toBeDefined();
  const whole = { ...example?.stringData, ...named("macjarvis-nats-core")?.stringData };
  expect(() => readEnvironment(whole)).toThrow(/JWT_SECRET: each secret needs at least 32/);
});
