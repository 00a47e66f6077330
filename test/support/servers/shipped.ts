// Servers with the configuration that docker-compose.yml gives them: its files with this machine's ports, folders and certificates.
import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findServer } from "../../../bin/cluster/servers/find-server.ts";
import { firstAnswer } from "../../../bin/cluster/servers/first-answer.ts";
import { freePort, isFree } from "../../../bin/cluster/servers/free-port.ts";
import type { LocalServer } from "../../../bin/cluster/servers/local-server.ts";
import { type Place, startProgram } from "../../../bin/cluster/servers/start-program.ts";
import { ROOT, textOf } from "../deploy-files.ts";

/** A folder for each server, and `public`; whoever asks removes it. */
export function makeCertificates(): { folder: string; authority: string; authorityFile: string } {
  const folder = mkdtempSync(join(tmpdir(), "macjarvis-shipped-"));
  execFileSync(join(ROOT, "deploy/compose/make-certificates.sh"), [folder], { stdio: "ignore" });
  // PostgreSQL is somebody else and has to come through.
  chmodSync(folder, 0o755);
  const authorityFile = join(folder, "public/ca.pem");
  return { folder, authorityFile, authority: readFileSync(authorityFile, "utf8") };
}

/** Words of a file of deploy/compose, each changed into what follows it; one that is not there is a fault of the test. */
function changed(path: string, changes: [from: string, to: string][]): string {
  return changes.reduce(
    (text, [from, to]) => {
      if (!text.includes(from)) throw new Error(`${path} does not say ${from}`);
      return text.replaceAll(from, to);
    },
    textOf(`deploy/compose/${path}`),
  );
}

type Nats = { certificates: string; password: string };

/** A kind of process, and who looks after NATS: users of deploy/compose/nats/roles.conf. */
export type NatsRole = "gateway" | "agent" | "core" | "node" | "admin";
const ROLES: NatsRole[] = ["gateway", "agent", "core", "node", "admin"];

/** The address of a server as a user of it has it; in these tests all have one password. */
export function asRole(role: NatsRole, { NATS_URL = "" }: Record<string, string>) {
  return { NATS_URL: NATS_URL.replaceAll("//admin:", `//${role}:`) };
}

/** The passwords as docker-compose.yml gives them to nats-server. */
const passwordsOf = (password: string) =>
  Object.fromEntries(ROLES.map((role) => [`NATS_${role.toUpperCase()}_PASSWORD`, `"${password}"`]));

/** The three of the profile full; their addresses are the admin's. */
export async function startShippedNats({ certificates, password }: Nats): Promise<LocalServer[]> {
  const { folder: programs, version } = findServer("nats");
  const routes = await Promise.all([1, 2, 3].map(() => freePort()));
  const start = (route: number, index: number) =>
    startProgram({
      name: "nats",
      version,
      file: join(programs, "nats-server"),
      args: ({ folder }) => [...["-c", join(folder, "cluster.conf"), "--name", `nats-${index + 1}`]],
      env: passwordsOf(password),
      url: ({ port }) => `tls://admin:${password}@localhost:${port}`,
      async prepare({ folder, port }) {
        const tls: [string, string] = ['"/tls/', `"${certificates}/nats/`];
        const server = changed("nats/server.conf", [
          tls,
          ["0.0.0.0:4222", `127.0.0.1:${port}`],
          ['http: "127.0.0.1:8222"', ""],
          ['"/data"', JSON.stringify(join(folder, "data"))],
        ]);
        const cluster = changed("nats/cluster.conf", [
          tls,
          ["0.0.0.0:6222", `127.0.0.1:${route}`],
          ...routes.map((other, at): [string, string] => [`nats-${at + 1}:6222`, `localhost:${other}`]),
        ]);
        await writeFile(join(folder, "roles.conf"), textOf("deploy/compose/nats/roles.conf"));
        await writeFile(join(folder, "server.conf"), server);
        await writeFile(join(folder, "cluster.conf"), cluster);
      },
      serves: async ({ port }) => (await firstAnswer(port, "")).startsWith("INFO"),
      endsBy: "SIGTERM",
    });
  return Promise.all(routes.map(start));
}

export async function startShippedRedis(certificates: string, password: string): Promise<LocalServer> {
  const { folder: programs, version } = findServer("redis");
  return startProgram({
    name: "redis",
    version,
    file: join(programs, "redis-server"),
    args: ({ folder }) => [join(folder, "redis.conf"), "--requirepass", password],
    url: ({ port }) => `rediss://:${password}@localhost:${port}`,
    prepare: ({ folder, port }) =>
      writeFile(
        join(folder, "redis.conf"),
        changed("redis/redis.conf", [
          [" /tls/", ` ${certificates}/redis/`],
          ["tls-port 6379", `tls-port ${port}\nbind 127.0.0.1`],
          ["dir /data", `dir ${folder}`],
        ]),
      ),
    serves: listens,
    endsBy: "SIGTERM",
  });
}

/** @param gateways the two of them, as `host:port` */
export async function startShippedNginx(
  certificates: string,
  gateways: [string, string],
): Promise<LocalServer> {
  const { folder: programs, version } = findServer("nginx");
  const configuration = ({ folder }: Place) => join(folder, "nginx.conf");
  return startProgram({
    name: "nginx",
    version,
    file: join(programs, "nginx"),
    // The image's workers are the user that its first process is.
    args: (place) => [
      ...["-c", configuration(place), "-p", place.folder, "-e", join(place.folder, "log")],
      ...["-g", `daemon off;${process.getuid?.() === 0 ? " user root;" : ""}`],
    ],
    url: ({ port }) => `https://localhost:${port}`,
    prepare: (place) =>
      writeFile(
        configuration(place),
        changed("nginx/nginx.conf", [
          [" /tmp/", ` ${place.folder}/`],
          [" /tls/", ` ${certificates}/nginx/`],
          ["listen 8443 ssl", `listen 127.0.0.1:${place.port} ssl`],
          ["gateway-1:3000", gateways[0]],
          ["gateway-2:3000", gateways[1]],
          ["access_log /dev/stdout", `access_log ${place.folder}/access.log`],
          ["error_log /dev/stderr", `error_log ${place.folder}/log`],
        ]),
      ),
    serves: listens,
    endsBy: "SIGTERM",
  });
}

/** One that speaks TLS only has no first word in clear. */
const listens = async ({ port }: Place) => !(await isFree(port));
