// What Biome's import rules cannot say: services keep out of each other's folders, each outside technology has one door.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { loadTools } from "../../lib/tools/tool-plugins.ts";
import { loadServerTools } from "../../services/tools/server/load-tools.ts";

const ROOT = join(import.meta.dirname, "../..");
const FOLDERS = ["contracts", "lib", "mixins", "services", "mac-node", "plugins", "bin"];

type Source = { path: string; text: string; imports: string[] };

const SOURCES: Source[] = FOLDERS.flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => read(join(folder, name))),
);

/** Imports of ours as paths from the root, those of others by their name. */
function read(path: string): Source {
  const text = readFileSync(join(ROOT, path), "utf8");
  const imports = [...text.matchAll(/(?:\bfrom|\bimport\(?)\s*"([^"]+)"/g)].map(([, name = ""]) =>
    name.startsWith(".") ? relative(ROOT, join(ROOT, dirname(path), name)) : name,
  );
  return { path, text, imports };
}

/** `users` for services/users.service.ts and all in services/users/; undefined for what is no service's. */
const serviceOf = (path: string) => /^services\/(\w+)/.exec(path)?.[1];

describe("the architecture", () => {
  test("the sources and their imports are read", () => {
    expect(SOURCES.length).toBeGreaterThan(200);
    const agent = SOURCES.find(({ path }) => path === "services/agent.service.ts");
    expect(agent?.imports).toEqual(
      expect.arrayContaining(["services/agent/ownership/sweep.ts", "lib/log.ts"]),
    );
  });

  test("a service imports nothing of another service", () => {
    const foreign = SOURCES.filter(({ path }) => serviceOf(path)).flatMap(({ path, imports }) =>
      imports
        .filter((name) => serviceOf(name) && serviceOf(name) !== serviceOf(path))
        .map((name) => `${path} imports ${name}`),
    );
    expect(foreign).toEqual([]);
  });

  test("services and the node find their ports through mixins only", () => {
    const past = SOURCES.filter(({ path }) => /^(services|mac-node)\//.test(path)).flatMap(
      ({ path, text, imports }) => [
        ...imports
          .filter((name) => name.startsWith("lib/embedded/"))
          .map((name) => `${path} imports ${name}`),
        ...(/\bcore\.ports\b/.test(text) ? [`${path} reads core.ports`] : []),
      ],
    );
    // Asks whether everything answers that the process has opened, which is more than the gateway's own.
    expect(past).toEqual(["services/api.service.ts reads core.ports"]);
  });

  test("what the rooms of the agent share imports none of them", () => {
    const rooms = SOURCES.filter(({ path }) => /^services\/agent\/[^/]+\.ts$/.test(path)).flatMap(
      ({ path, imports }) =>
        imports
          .filter((name) => /^services\/agent\/[^/]+\//.test(name))
          .map((name) => `${path} imports ${name}`),
    );
    expect(rooms).toEqual([]);
  });

  test("prompts are pure functions over data: nothing of a prompt reads a store, calls a service or asks a model", () => {
    const impure = SOURCES.filter(({ path }) => path.startsWith("services/agent/prompt/")).flatMap(
      ({ path, imports, text }) =>
        [
          ...imports.filter((name) =>
            /^(services\/agent\/(context|callers|loop|moments|model)|lib\/(broker|ports|embedded))/.test(
              name,
            ),
          ),
          ...(/\bawait\b/.test(text) ? ["await"] : []),
        ].map((found) => `${path}: ${found}`),
    );
    expect(impure).toEqual([]);
  });

  test("services reach models through the registry of plugins, tools and machines through calls only", () => {
    const reached = SOURCES.filter(({ path }) => serviceOf(path)).flatMap(({ path, imports }) =>
      imports
        .filter((name) => /^(plugins\/(server-)?tools|mac-node|bin)\//.test(name))
        .map((name) => `${path} imports ${name}`),
    );
    expect(reached).toEqual([]);
    const users = SOURCES.filter(({ imports }) => imports.some((name) => name.startsWith("plugins/models/")));
    const places = users.map(({ path }) => path.split("/").slice(0, 2).join("/"));
    expect([...new Set(places)].toSorted()).toEqual([
      "bin/doctor",
      "bin/start",
      "plugins/models",
      "services/agent",
      "services/agent.service.ts",
    ]);
  });

  test.each([
    [
      "HTTP",
      /createServer.* from "node:https?2?"/s,
      /^(services\/api\/open-server|bin\/start\/metrics-server)\.ts$/,
    ],
    ["moleculer-web", / from "moleculer-web"/, /^services\/api\.service\.ts$/],
    ["the SDKs of vendors", /(from|import\() ?"(openai|@anthropic-ai\/sdk)["/]/, /^plugins\/models\//],
    ["undici", / from "undici"/, /^(plugins\/models|lib\/net)\//],
    ["SQLite", / from "node:sqlite"/, /^lib\/embedded\//],
    ["PostgreSQL", / from "pg"/, /^lib\/cluster\/postgres\//],
    ["NATS", / from "(nats|@nats-io\/[^"]+)"/, /^(lib\/cluster\/(nats|bus)|lib\/edge|mac-node\/edge)\//],
    ["NATS' keys", /(from |import\()"@nats-io\/nkeys"/, /^lib\/edge\/keys\//],
    ["MongoDB", / from "(mongodb|moleculer-db-adapter-mongo)"/, /^lib\/cluster\/mongo\//],
    ["S3", / from "@aws-sdk\/[^"]+"/, /^lib\/cluster\/s3\//],
    ["Redis", / from "ioredis"/, /^lib\/cluster\/redis\//],
    ["OpenTelemetry", / from "@opentelemetry\/[^"]+"/, /^lib\/tracing\/(open-tracing|bounded-export)\.ts$/],
  ])("%s has its door", (_what, use, door) => {
    // What starts servers on this machine knows each of them; nothing of the product goes through it.
    const users = SOURCES.filter(({ path, text }) => use.test(text) && !path.startsWith("bin/cluster/"));
    expect(users.length).toBeGreaterThan(0);
    expect(users.map(({ path }) => path).filter((path) => !door.test(path))).toEqual([]);
  });

  test("G30 a built-in tool whose code can open a connection says where it sends, so that it is asked", async () => {
    const opens = /^(node:)?(net|http|https|http2|tls|dgram|dns|dns\/promises)$|^undici$/;
    const byPath = new Map(SOURCES.map((source) => [source.path, source]));
    const reaches = (path: string, seen = new Set<string>()): boolean => {
      if (seen.has(path)) return false;
      seen.add(path);
      const source = byPath.get(path);
      // `network_info` and the like look at addresses: a type, or whether a text is one.
      const uses = source?.text.match(
        /\b(fetch|connect|createConnection|createSocket|lookup|resolve4|request)\(/,
      );
      return (
        (source?.imports ?? []).some((name) => opens.test(name) && uses) ||
        /\b(globalThis\.fetch|new WebSocket|new EventSource)\b/.test(source?.text ?? "") ||
        (source?.imports ?? []).some((name) => reaches(name, seen))
      );
    };
    const { tools } = await loadTools({ pluginFolder: "/nowhere", platform: "linux" });
    const all = [...tools, ...(await loadServerTools())];
    const files = SOURCES.filter(({ path }) => /^plugins\/(server-)?tools\/[^/]+\/[^/]+\.ts$/.test(path));
    const senders = files.filter(({ path }) => reaches(path)).map(({ path }) => path);
    expect(senders).toContain("plugins/tools/network/check-website-status.ts");
    expect(senders).toContain("plugins/server-tools/web/web-fetch.ts");
    const silent = senders.filter((path) => {
      const name = path.split("/").at(-1)?.replace(/\.ts$/, "").replaceAll("-", "_");
      return all.find((tool) => tool.name === name)?.egress === undefined;
    });
    expect(silent).toEqual([]);
  });

  test("the environment is read in lib/env.ts, and handed to it by the programs of bin", () => {
    const readers = SOURCES.filter(({ text }) => text.includes("process.env")).map(({ path }) => path);
    expect(readers.toSorted()).toEqual([
      "bin/audit.ts",
      "bin/chat.ts",
      "bin/cluster.ts",
      "bin/cluster/servers/find-server.ts",
      "bin/console.ts",
      "bin/doctor.ts",
      "bin/migrate.ts",
      "bin/node.ts",
      "bin/repl.ts",
      "bin/start.ts",
      "bin/user.ts",
      "lib/env.ts",
    ]);
  });
});
