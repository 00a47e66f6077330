// A product that Macs have joined: a cluster, nats-server of the edge, and Macs of one user, each a process of its own.
import { join } from "node:path";
import type { ClusterOptions, ClusterProduct } from "./cluster-product.ts";
import { makeHome, removeHome } from "./homes.ts";
import { type PairedMac, pairMac, untilUsable } from "./mac.ts";
import { startProgram } from "./processes.ts";
import type { System } from "./systems.ts";

export type Macs = {
  product: ClusterProduct;
  edgeUrl: string;
  /** The product, with runs of the Macs' user that name the first Mac. */
  mac: System;
  /** Serves. */
  first: PairedMac;
  /** Is paired and does not serve. */
  second: PairedMac;
  /** As the second, without the tools of benchmarks. */
  plain: PairedMac;
  /** Whose they are. */
  user(): Promise<string>;
  stop(): Promise<void>;
};

export async function startMacs(
  startProduct: (options: Omit<ClusterOptions, "upstreamPort">) => Promise<ClusterProduct>,
): Promise<Macs> {
  await using opened = new AsyncDisposableStack();
  const home = await makeHome();
  opened.defer(() => removeHome(home));
  const keysFolder = join(home, "keys");
  const server = await startProgram("edge-server.ts", [keysFolder], "system");
  opened.defer(() => server.stop());
  const edgeUrl = `nats://127.0.0.1:${server.port}`;
  const product = await startProduct({ users: 2, edge: { url: edgeUrl, keysFolder } });
  opened.defer(() => product.stop());
  // The first user has no Mac: its runs find the cluster's own node.
  const user = async () => (await product.target()).bearers[1] ?? "";
  const pair = async (name: string, tools: boolean) => {
    const mac = await pairMac(product.url, await user(), name, tools);
    opened.defer(() => mac.remove());
    return mac;
  };
  const [first, second, plain] = [
    await pair("first", true),
    await pair("second", true),
    await pair("plain", false),
  ];
  const serving = first.serve();
  opened.defer(() => serving.stop());
  await untilUsable(product.url, await user(), first.id);
  const kept = opened.move();
  return {
    ...{ product, edgeUrl, first, second, plain, user },
    mac: {
      ...{ name: "mac", pid: product.pid, stop: async () => undefined },
      target: async () => ({ ...(await product.target()), bearers: [await user()], node: first.id }),
    },
    stop: () => kept.disposeAsync(),
  };
}
