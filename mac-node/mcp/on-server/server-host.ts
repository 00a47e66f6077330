// The MCP servers of a machine of the core: those of its `mcp.json`, and those that admins have added. A program is started in the sandbox, an
// address is one of the internet, and of the tools only those are there whose definition was accepted.
import { basename } from "node:path";
import type { Tool as ListedTool } from "@modelcontextprotocol/sdk/types.js";
import {
  type AddedMcpServer,
  EVERYWHERE,
  type HostedMcp,
  type HostedMcpServer,
  type McpDefinition,
  type McpFileServer,
} from "../../../contracts/mcp.ts";
import type { Tool } from "../../../contracts/tools.ts";
import { type Defined, definitionsOf } from "../../../lib/mcp/definitions.ts";
import { publicFetch } from "../../../lib/net/public-fetch.ts";
import { maskSecrets } from "../../../lib/system/mask-secrets.ts";
import { untrusted } from "../../../lib/tools/untrusted-text.ts";
import { McpHost } from "../mcp-host.ts";
import type { McpGround, McpSpec } from "../spec.ts";
import { serverPrefix, serverToolName } from "../tool-names.ts";
import { fillSpec } from "./fill-spec.ts";
import type { McpFile } from "./read-mcp-file.ts";

export type ServerHostSettings = McpGround & {
  file(): McpFile;
  variable(name: string): string | undefined;
  isHarmless(name: string): boolean;
  /** Which of these definitions are accepted. @throws Error */
  judge(asked: {
    place: string;
    name: string;
    tools: { sha256: string; definition: McpDefinition }[];
  }): Promise<string[]>;
};

type Named = { place: string; spec: McpSpec; isOff: boolean };
type Judged = { defined: Defined<ListedTool>[]; accepted: ReadonlySet<string> };

/** Variables that servers added over the API may be given (contracts/mcp.ts). */
const OPEN_VARIABLE = /^MCP_/;

export class ServerHost {
  readonly #settings: ServerHostSettings;
  readonly #host: McpHost;
  readonly #judged = new Map<string, Judged>();
  #added: readonly AddedMcpServer[] = [];
  #read:
    | { file: McpFile; added: readonly AddedMcpServer[]; named: Map<string, Named>; faults: string[] }
    | undefined;

  constructor(settings: ServerHostSettings) {
    this.#settings = settings;
    this.#host = new McpHost({
      ...settings,
      warn: (error, what) => settings.warn(new Error(maskSecrets(error.message)), what),
      wanted: () => this.#wanted(),
      fill: (spec) =>
        fillSpec(spec, {
          variable: (name) =>
            spec.variables === "all" || OPEN_VARIABLE.test(name) ? settings.variable(name) : undefined,
          isHarmless: settings.isHarmless,
          roots: settings.machine.roots,
        }),
      way: ({ near }) => publicFetch(near ? "near" : "public"),
      words: { nameOf: serverToolName, shown: (text) => untrusted("what an MCP server has answered", text) },
      admit: (server, listed) => this.#admit(server, listed),
    });
  }

  /** What admins have added is this now. */
  setAdded(added: readonly AddedMcpServer[]): void {
    this.#added = added;
    this.#host.look();
  }

  /** What is accepted may be other than it was. */
  judgeAgain(): Promise<void> {
    return this.#host.admitAgain();
  }

  tools(): Tool[] {
    return this.#host.tools();
  }

  problems(): { file: string; problem: string }[] {
    const own = this.#now().faults.map((problem) => ({ file: "mcp.json", problem }));
    return [...own, ...this.#host.problems()].map(({ file, problem }) => ({
      file,
      problem: maskSecrets(problem),
    }));
  }

  view(): HostedMcp {
    const { named, faults } = this.#now();
    const problems = new Map(this.problems().map(({ file, problem }) => [file, problem]));
    const servers = [...named].map(([name, one]) =>
      this.#viewOf(name, one, problems.get(`mcp:${name}`) ?? null),
    );
    return { servers, faults };
  }

  stop(): Promise<void> {
    return this.#host.stop();
  }

  #viewOf(name: string, { place, spec, isOff }: Named, problem: string | null): HostedMcpServer {
    const server = this.#host.server(name);
    const { defined = [], accepted = new Set() } = this.#judged.get(name) ?? {};
    const running = server?.isReady ? "ready" : problem === null ? "starting" : "failed";
    return {
      ...{ name, place, kind: "url" in spec ? "http" : "stdio", target: targetOf(spec) },
      state: isOff ? "disabled" : running,
      problem,
      tools: defined.map(({ definition, sha256 }) => ({
        ...{ sha256, definition },
        tool: accepted.has(definition.name) ? serverToolName(name, definition.name) : null,
      })),
    };
  }

  #wanted(): Record<string, McpSpec> {
    const { named } = this.#now();
    for (const name of this.#judged.keys()) if (!named.has(name)) this.#judged.delete(name);
    return Object.fromEntries(
      [...named].flatMap(([name, { spec, isOff }]) => (isOff ? [] : [[name, spec] as const])),
    );
  }

  /** The file wins: whoever has the machine has written it. */
  #now(): { named: Map<string, Named>; faults: string[] } {
    const file = this.#settings.file();
    const added = this.#added;
    if (this.#read?.file === file && this.#read.added === added) return this.#read;
    const servers = file.servers ?? fileServersOf(this.#read?.named);
    const faults = [...file.faults];
    const named = new Map<string, Named>();
    const prefixes = new Map<string, string>();
    const add = (name: string, one: Named) => {
      const other = prefixes.get(serverPrefix(name));
      if (other === undefined) {
        prefixes.set(serverPrefix(name), name);
        named.set(name, one);
      } else if (named.get(other)?.place === EVERYWHERE || one.place !== EVERYWHERE)
        faults.push(
          `the server "${name}" is not started: its tools would be called like those of "${other}"`,
        );
      else
        faults.push(
          `the server "${name}" that was added over the API is not started: mcp.json has "${other}"`,
        );
    };
    for (const [name, server] of servers instanceof Map ? servers : [])
      add(name, "spec" in server ? server : { place: this.#settings.place, ...specOf(server, "all") });
    for (const { name, ...server } of added) add(name, { place: EVERYWHERE, ...specOf(server, "open") });
    this.#read = { file, added, named, faults };
    return this.#read;
  }

  async #admit(server: string, listed: readonly ListedTool[]): Promise<readonly ListedTool[]> {
    const place = this.#now().named.get(server)?.place;
    if (place === undefined || listed.length === 0) return [];
    const defined = definitionsOf(listed);
    const tools = defined.map(({ sha256, definition }) => ({ sha256, definition }));
    const accepted = new Set(await this.#settings.judge({ place, name: server, tools }));
    this.#judged.set(server, { defined, accepted });
    return defined.filter(({ definition }) => accepted.has(definition.name)).map((one) => one.listed);
  }
}

/** While the file cannot be read what it said last stays. */
function fileServersOf(named: Map<string, Named> = new Map()): Map<string, Named> {
  return new Map([...named].filter(([, { place }]) => place !== EVERYWHERE));
}

type Said = Omit<AddedMcpServer, "name"> & Pick<McpFileServer, "disabled" | "private_network">;

function specOf(server: Said, variables: "all" | "open"): { spec: McpSpec; isOff: boolean } {
  const { command, args, env, cwd, url = "", type, headers, seconds } = server;
  const isOff = server.disabled === true;
  if (command !== undefined)
    return { spec: { command, args, env, cwd, seconds, variables, sandbox: true }, isOff };
  const [sse, near] = [type === "sse", server.private_network === true];
  return { spec: { url, headers, seconds, variables, sse, near }, isOff };
}

/** Neither arguments nor the path of an address: both may hold a secret. */
function targetOf(spec: McpSpec): string {
  if (!("url" in spec)) return maskSecrets(basename(spec.command)).slice(0, 100);
  const url = URL.parse(spec.url);
  return url ? url.host : "an address of the environment";
}
