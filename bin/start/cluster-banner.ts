// What a process of a cluster prints once it runs: its services, where it is reached, and the servers it works on, without secrets.

import type { ServiceName } from "../../lib/env/cluster.ts";
import type { Environment } from "../../lib/env.ts";
import { coloursFor } from "../terminal/colours.ts";
import { widthOf } from "../terminal/fit-line.ts";
import type { Texts } from "../terminal/texts.ts";
import { reachableUrl } from "./facts.ts";

type Told = {
  env: Environment;
  /** Of the gateway, where this process has it. */
  url: string | undefined;
  services: readonly ServiceName[];
  problems: string[];
  metricsUrl: string | undefined;
};

export function clusterBanner({ env, url, services, problems, metricsUrl }: Told, texts: Texts): string {
  const { start, said } = texts;
  const colours = coloursFor(process.stdout);
  const { nats = "", postgres = "", mongo = "", redis = "" } = env.cluster ?? {};
  const rows: [string, string][] = [
    [start.rows.services, services.join(", ")],
    ...(url === undefined ? [] : [[start.rows.url, colours.cyan(reachableUrl(url))] as [string, string]]),
    [start.rows.data, env.MACJARVIS_HOME],
    [start.rows.servers, [nats, postgres, mongo, redis].map(withoutSecrets).join("  ")],
    ...(metricsUrl === undefined ? [] : [[start.rows.metrics, metricsUrl] as [string, string]]),
  ];
  const width = Math.max(...rows.map(([name]) => widthOf(name))) + 2;
  const lines = [
    "",
    `  ${colours.bold(colours.green(start.running))}`,
    "",
    ...rows.map(([name, text]) => `  ${colours.dim(name + " ".repeat(width - widthOf(name)))}${text}`),
    ...(problems.length > 0 ? [""] : []),
    ...problems.map((problem) => `  ${colours.bold(colours.red("!!"))} ${start.notReady(said(problem))}`),
    "",
  ];
  return `${lines.join("\n")}\n`;
}

/** Hosts of an address: what stands before an `@`, and what follows a `?`, is nobody's business. */
function withoutSecrets(url: string): string {
  return url
    .replace(/\/\/[^/]*@/g, "//")
    .replace(/,[^,/]*@/g, ",")
    .replace(/\?.*$/, "");
}
