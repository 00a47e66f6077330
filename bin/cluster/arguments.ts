// The command line of `npm run cluster`: settings of the processes are environment variables, as of `npm start`.
import { join } from "node:path";
import { folderOf, USUAL_HOME } from "../../lib/home-folder.ts";
import { parseOptions } from "../terminal/parse-options.ts";
import type { Texts } from "../terminal/texts.ts";

const OPTIONS = {
  gateways: { type: "string" },
  agents: { type: "string" },
  data: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

export type ClusterArguments = {
  gateways: number;
  agents: number;
  /** Of our processes and their keys; no tool may look into it. */
  data: string;
  help: boolean;
};

const USUAL = 2;
const MOST = 9;

/** @throws Error in words */
export function readArguments(argv: string[], texts: Texts): ClusterArguments {
  const { values, positionals } = parseOptions(argv, OPTIONS, texts, texts.cluster.badOption);
  if (positionals[0] !== undefined) throw new Error(texts.cluster.noArguments(positionals[0]));
  const count = (name: "gateways" | "agents") => {
    const given = values[name] ?? String(USUAL);
    if (!/^[1-9]$/.test(given)) throw new Error(texts.cluster.notCount(`--${name}`, MOST));
    return Number(given);
  };
  return {
    gateways: count("gateways"),
    agents: count("agents"),
    data: values.data === undefined ? usualData() : folderOf(values.data),
    help: values.help === true,
  };
}

/** PostgreSQL is another user's when root starts it, who cannot go through root's home. */
function usualData(): string {
  return process.getuid?.() === 0 ? "/var/lib/macjarvis-cluster" : join(USUAL_HOME, "cluster");
}
