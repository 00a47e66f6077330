// Hosts MCP servers on this machine: those that it is told of, while it is not frozen. Their tools stand among its own.
import { randomUUID } from "node:crypto";
import type { Tool as ListedTool } from "@modelcontextprotocol/sdk/types.js";
import type { Tool } from "../../contracts/tools.ts";
import { canonicalJson } from "../../lib/canonical-json.ts";
import { commandLine } from "../calls/command-line.ts";
import { minimalEnvironment } from "../processes/environment.ts";
import { Masker } from "../secrets/masker.ts";
import { boundedFetch } from "./bounded-fetch.ts";
import { inside } from "./inside.ts";
import { McpServer, type OpenTransport } from "./mcp-server.ts";
import { mcpTools, type ToolWords } from "./mcp-tools.ts";
import type { AddressSpec, McpGround, McpHosting, McpSpec, ProgramSpec } from "./spec.ts";
import { StdioTransport } from "./stdio-transport.ts";
import { McpRoom } from "./within-room.ts";

/** What a server is really given: the spec with all that it names put in, and of that what nobody may see. */
export type Filled = { spec: McpSpec; secrets: string[] };
/** A way to an address; `close` drops what it has open. */
export type Way = { fetch: typeof fetch; close(): Promise<void> };

/** In what the hosts of a Mac and of the core differ. */
export type McpHostSettings = McpGround & {
  /** As it is said now; undefined where that cannot be read: then all stays as it is, and no call is taken. */
  wanted(): Readonly<Record<string, McpSpec>> | undefined;
  /** @throws Error in words */
  fill(spec: McpSpec): Promise<Filled>;
  way(spec: AddressSpec): Way;
  words: ToolWords;
  /** Which of the tools that a server lists are its tools; all unless given. @throws Error in words when nobody can say */
  admit?(server: string, listed: readonly ListedTool[]): Promise<readonly ListedTool[]>;
};

type Hosted = {
  key: string;
  spec: McpSpec;
  server: McpServer;
  /** How many of its tools there was no room for. */
  leftOut: number;
};

/** What takes out of all that a server says the secrets that it was given last. */
type Given = { masker: Masker | undefined };

/** As the freezing of a Mac is looked at: what is frozen is at rest within a second. */
const LOOK_MS = 500;

export class McpHost implements McpHosting {
  readonly #settings: McpHostSettings;
  readonly #servers = new Map<string, Hosted>();
  readonly #stopping = new Set<Promise<void>>();
  readonly #timer: NodeJS.Timeout;
  #isStopped = false;

  constructor(settings: McpHostSettings) {
    this.#settings = settings;
    this.#timer = setInterval(() => this.look(), LOOK_MS).unref();
    this.look();
  }

  tools(): Tool[] {
    const taken = new Set(this.#settings.taken);
    const room = new McpRoom();
    return [...this.#servers].flatMap(([name, hosted]) => {
      const all = mcpTools({ name, ...hosted, taken, words: this.#settings.words });
      const tools = room.take(all);
      hosted.leftOut = all.length - tools.length;
      for (const tool of tools) taken.add(tool.name);
      return tools;
    });
  }

  /** By server. */
  problems(): { file: string; problem: string }[] {
    return [...this.#servers].flatMap(([name, { server, leftOut }]) => {
      const room = leftOut > 0 ? `there is no room for ${leftOut} of its tools` : undefined;
      const problem = server.problem ?? room;
      return problem === undefined ? [] : [{ file: `mcp:${name}`, problem }];
    });
  }

  /** One that it hosts; undefined for one that it does not. */
  server(name: string): McpServer | undefined {
    return this.#servers.get(name)?.server;
  }

  /** What of their tools is admitted may be other than it was. Never throws: what cannot be told stays. */
  async admitAgain(): Promise<void> {
    await Promise.all([...this.#servers.values()].map(({ server }) => server.admitAgain()));
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearInterval(this.#timer);
    for (const name of [...this.#servers.keys()]) this.#remove(name);
    await Promise.all(this.#stopping);
  }

  /** At what is wanted now; it also looks by itself. */
  look(): void {
    if (this.#isStopped) return;
    const { wanted, isFrozen, changed } = this.#settings;
    const named = isFrozen() ? {} : wanted();
    if (!named) return;
    const before = this.#servers.size;
    for (const [name, { key }] of this.#servers)
      if (!Object.hasOwn(named, name) || canonicalJson(named[name]) !== key) this.#remove(name);
    for (const [name, spec] of Object.entries(named)) if (!this.#servers.has(name)) this.#add(name, spec);
    // A new one says so itself, when it has tools.
    if (this.#servers.size < before) changed();
  }

  #add(name: string, spec: McpSpec): void {
    const { changed, warn, admit } = this.#settings;
    const given: Given = { masker: undefined };
    const server = new McpServer({
      ...{ name, changed, warn },
      open: () => this.#open(name, spec, given),
      mask: (value) => given.masker?.all(value) ?? value,
      shown: this.#settings.words.shown,
      ...(admit ? { admit: (listed) => admit(name, listed) } : {}),
    });
    this.#servers.set(name, { key: canonicalJson(spec), spec, server, leftOut: 0 });
  }

  #remove(name: string): void {
    const stopping = this.#servers.get(name)?.server.stop() ?? Promise.resolve();
    this.#servers.delete(name);
    this.#stopping.add(stopping);
    void stopping.finally(() => this.#stopping.delete(stopping));
  }

  /** @param given is told of what the server is given */
  async #open(name: string, named: McpSpec, given: Given): Promise<OpenTransport> {
    const { spec, secrets } = await this.#settings.fill(named);
    given.masker = secrets.length > 0 ? new Masker(secrets) : undefined;
    return "url" in spec ? this.#reach(name, spec) : this.#start(name, spec, given.masker);
  }

  async #reach(name: string, spec: AddressSpec): Promise<OpenTransport> {
    const way = this.#settings.way(spec);
    const options = {
      requestInit: { headers: spec.headers ?? {} },
      fetch: boundedFetch(way.fetch, () => this.server(name)?.restart()),
    };
    const url = new URL(spec.url);
    const transport = spec.sse
      ? new (await import("@modelcontextprotocol/sdk/client/sse.js")).SSEClientTransport(url, options)
      : new (
          await import("@modelcontextprotocol/sdk/client/streamableHttp.js")
        ).StreamableHTTPClientTransport(url, options);
    return { transport: transport as OpenTransport["transport"], release: () => way.close() };
  }

  async #start(name: string, spec: ProgramSpec, masker: Masker | undefined): Promise<OpenTransport> {
    const { machine, guarded, workFolder } = this.#settings;
    const { command, args = [], env = {}, cwd = workFolder, sandbox = false } = spec;
    const given = inside({ argv: [command, ...args], env }, sandbox);
    const line = await commandLine(machine, await guarded(), { argv: given.argv, cwd, sandbox });
    const marker = `mcp/${name}/${randomUUID()}/`;
    const base = minimalEnvironment({ platform: machine.platform, home: line.home, marker });
    const transport = new StdioTransport({
      ...{ argv: line.argv, cwd: line.cwd, marker, filter: line.filter, release: line.release },
      env: { ...base, ...given.env, MACJARVIS_COMMAND: marker },
      mask: masker && (() => masker.stream()),
    });
    return { transport: transport as OpenTransport["transport"], lastWords: () => transport.lastWords };
  }
}
