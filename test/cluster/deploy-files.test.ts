// The files of docker-compose.yml and deploy/ by the tools that read them; no container is started.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "@jest/globals";
import { findServer, type ServerName } from "../../bin/cluster/servers/find-server.ts";
import { ROOT, textOf } from "../support/deploy-files.ts";

const folder = mkdtempSync(join(tmpdir(), "macjarvis-deploy-"));
afterAll(() => rmSync(folder, { recursive: true }));

const program = (name: ServerName, file: string) => join(findServer(name).folder, file);
const said = (file: string, args: string[]) =>
  execFileSync(file, args, { cwd: ROOT, encoding: "utf8", env: {}, stdio: ["ignore", "pipe", "pipe"] });

/** .env.example with a value wherever it has none. */
function filledExample(without = ""): string {
  const path = join(folder, `env-${without}`);
  const filled = textOf(".env.example").replaceAll(/^(\w+)=$/gm, (_, name: string) =>
    name === without ? "" : `${name}=x`,
  );
  writeFileSync(path, filled);
  return path;
}

describe("docker-compose", () => {
  const config = (env: string, profile: string) => ["--env-file", env, "--profile", profile, "config"];

  test.each([
    [
      "full",
      ["gateway-2", "agent-2", "core", "node", "nats-3", "mongo-3", "grafana", "vector"],
      ["gateway", "nats", "objects"],
    ],
    [
      "small",
      ["gateway", "agent", "rest", "nats", "mongo", "nginx"],
      ["gateway-1", "nats-1", "prometheus", "objects"],
    ],
    ["objects", ["objects", "certificates"], ["nginx", "postgres"]],
  ])("takes the profile %s, with what belongs to it", (profile, there, absent) => {
    const args = config(filledExample(), profile);
    const services = said(program("compose", "docker-compose"), [...args, "--services"]).split("\n");
    expect(services).toEqual(expect.arrayContaining(there));
    expect(services.filter((name) => absent.includes(name))).toEqual([]);
  });

  test.each([
    "JWT_SECRET",
    "NATS_GATEWAY_PASSWORD",
    "NATS_ADMIN_PASSWORD",
    "POSTGRES_PASSWORD",
    "MONGO_PASSWORD",
    "REDIS_PASSWORD",
    "GRAFANA_PASSWORD",
  ])("starts nothing without %s, and says where it is set", (name) => {
    const file = program("compose", "docker-compose");
    const { status, stderr } = spawnSync(file, [...config(filledExample(name), "small"), "-q"], {
      cwd: ROOT,
      env: {},
      encoding: "utf8",
    });
    expect(status).not.toBe(0);
    expect(stderr).toContain(name);
    expect(stderr).toContain(".env.example");
  });
});

describe("promtool", () => {
  const promtool = () => program("promtool", "promtool");

  test("takes the rules and the configuration that loads them", () => {
    expect(said(promtool(), ["check", "rules", "deploy/alerts/macjarvis.yml"])).toContain("11 rules found");
    const config = said(promtool(), ["check", "config", "deploy/prometheus/prometheus.yml"]);
    expect(config).toContain("1 rule files found");
  });

  test("sees each alert fire on the numbers that it is for, and none on those of a quiet cluster", () => {
    expect(said(promtool(), ["test", "rules", "test/fixtures/alerts.yml"])).toContain("SUCCESS");
  });
});
