// The product as a cluster: what `npm run cluster` runs, with the servers, so that the CPU time of all of them is counted.
import { chmod, readFile } from "node:fs/promises";
import { join } from "node:path";
import { makeHome, removeHome } from "./homes.ts";
import { ROOT, start } from "./processes.ts";
import { type Product, productEnvironment, whenReady } from "./product.ts";
import { writeTools } from "./tools.ts";
import { registerUsers } from "./users.ts";

export type ClusterOptions = {
  upstreamPort: number;
  users: number;
  gateways?: number;
  agents?: number;
  edge?: Edge;
};
/** Where Macs join. */
export type Edge = { url: string; keysFolder: string };
export type ClusterProduct = Product & {
  /** The addresses of its servers, as NATS_URL, POSTGRES_URL and so on. */
  addresses: Record<string, string>;
};

/** @throws Error with what it printed when it does not become ready */
export async function startClusterProduct(options: ClusterOptions): Promise<ClusterProduct> {
  const { upstreamPort, gateways = 1, agents = 1, edge } = options;
  const folder = await makeHome();
  // PostgreSQL may be another user's.
  await chmod(folder, 0o711);
  const data = join(folder, "data");
  const { MACJARVIS_HOME: _own, ...env } = productEnvironment(data, upstreamPort);
  await writeTools(data);
  const counts = ["--gateways", String(gateways), "--agents", String(agents)];
  const started = start(
    [process.execPath, join(ROOT, "bin/cluster.ts"), "--data", data, ...counts],
    "system",
    { ...env, HOST_TOOLS: "all", ...(edge ? { EDGE_URL: edge.url, EDGE_KEYS: edge.keysFolder } : {}) },
  );
  const stop = async () => {
    await started.stop();
    await removeHome(folder);
  };
  try {
    const url = await whenReady(started);
    const urls = [...new Set(started.output().match(/http:\/\/127\.0\.0\.1:\d+/g))];
    const users = await registerUsers(urls, join(data, "core"), options.users);
    const addresses = await addressesIn(join(data, "env"));
    const target = () => users.target();
    return { name: "macjarvis", pid: started.pid, target, stop, started, url, home: data, addresses };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function addressesIn(file: string): Promise<Record<string, string>> {
  const lines = (await readFile(file, "utf8")).matchAll(/^export (\w+)='?(.*?)'?$/gm);
  return Object.fromEntries([...lines].map(([, name = "", value = ""]) => [name, value]));
}
