// Name servers and search domains, on Linux and on macOS: what dns_info shows.
import { readFile } from "node:fs/promises";
import type { ToolContext } from "../../../../contracts/tools.ts";
import { AppError } from "../../../../lib/errors.ts";
import { parseScutilDns } from "./mac-dns.ts";
import type { Dns } from "./resolver.ts";

/** systemd-resolved listens here and asks others, whom it writes down. */
const STUB = "127.0.0.53";
const FILES = { system: "/etc/resolv.conf", behindStub: "/run/systemd/resolve/resolv.conf" };
const SCUTIL_TIMEOUT_MS = 5_000;

/** Without servers both lists are empty. Throws `internal` when macOS' scutil fails. */
export async function readDns(
  { run }: Pick<ToolContext, "run">,
  platform: NodeJS.Platform = process.platform,
  files: typeof FILES = FILES,
): Promise<Dns> {
  if (platform === "darwin") {
    const { exit_code, stdout } = await run(["/usr/sbin/scutil", "--dns"], { timeoutMs: SCUTIL_TIMEOUT_MS });
    if (exit_code !== 0)
      throw new AppError("internal", "The command scutil did not tell the name servers; try again.");
    return parseScutilDns(stdout);
  }
  const said = parseResolvConf(await textOf(files.system));
  if (!said.resolvers[0]?.servers.includes(STUB)) return said;
  const behind = parseResolvConf(await textOf(files.behindStub));
  return behind.resolvers.length > 0 ? behind : said;
}

const textOf = (path: string) => readFile(path, "utf8").catch(() => "");

/** The file's format is resolv.conf(5): the last `search` or `domain` counts. */
export function parseResolvConf(text: string): Dns {
  const servers: string[] = [];
  let search_domains: string[] = [];
  for (const line of text.split("\n")) {
    const [name, ...values] = line
      .replace(/[#;].*$/, "")
      .trim()
      .split(/\s+/);
    if (name === "nameserver" && values[0] !== undefined) servers.push(values[0]);
    if (name === "search" || name === "domain") search_domains = values.filter((each) => each !== ".");
  }
  return {
    resolvers: servers.length > 0 ? [{ servers, domain: null, interface: null }] : [],
    search_domains,
  };
}
