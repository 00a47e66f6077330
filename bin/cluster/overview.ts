// What runs where, once all of it runs.
import { coloursFor } from "../terminal/colours.ts";
import { inColumns } from "../terminal/columns.ts";
import { quotedForShell } from "../terminal/quoted-for-shell.ts";
import type { Texts } from "../terminal/texts.ts";
import type { KeptProcess } from "./keep-running.ts";
import type { KeptServer } from "./start-servers.ts";

type Told = {
  processes: KeptProcess[];
  servers: KeptServer[];
  /** With the variables for other commands. */
  file: string;
  logs: string;
};

/** When the output is no terminal. */
const USUAL_COLUMNS = 120;

export function overview({ processes, servers, file, logs }: Told, { cluster }: Texts): string {
  const colours = coloursFor(process.stdout);
  const rows = [
    ...servers.map(({ name, url, server }) => [name, "", String(server?.pid ?? "–"), withoutSecrets(url)]),
    ...processes.map(({ member, pid, url }) => [
      member.name,
      member.services.join(", "),
      String(pid ?? "–"),
      url,
    ]),
  ];
  const table = inColumns(cluster.heads, rows, process.stdout.columns ?? USUAL_COLUMNS, colours);
  return [
    "",
    ...table.map((line) => `  ${line}`),
    "",
    ...cluster.next(quotedForShell(file), quotedForShell(logs)).map((line) => `  ${line}`),
    "",
  ].join("\n");
}

/** Of an address that somebody has set: neither its password nor its options. */
function withoutSecrets(url: string): string {
  return url.replace(/\/\/[^/@]*@/, "//").replace(/\?.*$/, "");
}
