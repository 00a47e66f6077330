// The MCP servers of this Mac: those that its policy file names, while it is not frozen. Their tools stand among its own.
import { randomUUID } from "node:crypto";
import type { Tool } from "../../contracts/tools.ts";
import { canonicalJson } from "../../lib/canonical-json.ts";
import { commandLine, type Machine } from "../calls/command-line.ts";
import type { Guarded } from "../calls/guarded-now.ts";
import type { McpServerPolicy } from "../policy/mcp-policy.ts";
import { minimalEnvironment } from "../processes/environment.ts";
import type { SecretSource } from "../secrets/call-secrets.ts";
import { Masker } from "../secrets/masker.ts";
import { namesIn, replaced } from "../secrets/placeholders.ts";
import { boundedFetch } from "./bounded-fetch.ts";
import { McpServer, type OpenTransport } from "./mcp-server.ts";
import { mcpTools } from "./mcp-tools.ts";
import { StdioTransport } from "./stdio-transport.ts";
import { McpRoom } from "./within-room.ts";

export type McpHostSettings = {
  /** As the policy file says now; undefined where it cannot be read: then all stays as it is, and no call is taken. */
  wanted(): Readonly<Record<string, McpServerPolicy>> | undefined;
  isFrozen(): boolean;
  secrets: SecretSource | undefined;
  machine: Machine;
  guarded(): Promise<Guarded>;
  workFolder: string;
  /** Names that no tool of a server may have: of this Mac's own tools, and of ours that it has not. */
  taken: ReadonlySet<string>;
  /** Told when the tools, or what is wrong with a server, are others. */
  changed(): void;
  warn(error: Error, what: string): void;
};

type Hosted = {
  key: string;
  policy: McpServerPolicy;
  server: McpServer;
  /** How many of its tools there was no room for. */
  leftOut: number;
};

/** What takes out of all that a server says the secrets that it was given last. */
type Given = { masker: Masker | undefined };

/** As the freezing of a Mac is looked at: what is frozen is at rest within a second. */
const LOOK_MS = 500;

export class McpHost {
  readonly #settings: McpHostSettings;
  readonly #servers = new Map<string, Hosted>();
  readonly #stopping = new Set<Promise<void>>();
  readonly #timer: NodeJS.Timeout;
  #isStopped = false;

  constructor(settings: McpHostSettings) {
    this.#settings = settings;
    this.#timer = setInterval(() => this.#look(), LOOK_MS).unref();
    this.#look();
  }

  /** Of all servers, as they are known now. */
  tools(): Tool[] {
    const taken = new Set(this.#settings.taken);
    const room = new McpRoom();
    return [...this.#servers].flatMap(([name, hosted]) => {
      const all = mcpTools({ name, ...hosted, taken });
      const tools = room.take(all);
      hosted.leftOut = all.length - tools.length;
      for (const tool of tools) taken.add(tool.name);
      return tools;
    });
  }

  /** By server, in words; asked behind `tools`. */
  problems(): { file: string; problem: string }[] {
    return [...this.#servers].flatMap(([name, { server, leftOut }]) => {
      const room = leftOut > 0 ? `there is no room for ${leftOut} of its tools` : undefined;
      const problem = server.problem ?? room;
      return problem === undefined ? [] : [{ file: `mcp:${name}`, problem }];
    });
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearInterval(this.#timer);
    for (const name of [...this.#servers.keys()]) this.#remove(name);
    await Promise.all(this.#stopping);
  }

  #look(): void {
    if (this.#isStopped) return;
    const { wanted, isFrozen, changed } = this.#settings;
    const named = isFrozen() ? {} : wanted();
    if (!named) return;
    const before = this.#servers.size;
    for (const [name, { key }] of this.#servers)
      if (!Object.hasOwn(named, name) || canonicalJson(named[name]) !== key) this.#remove(name);
    for (const [name, policy] of Object.entries(named)) if (!this.#servers.has(name)) this.#add(name, policy);
    // A new one says so itself, when it has tools.
    if (this.#servers.size < before) changed();
  }

  #add(name: string, policy: McpServerPolicy): void {
    const { changed, warn } = this.#settings;
    const given: Given = { masker: undefined };
    const server = new McpServer({
      ...{ name, changed, warn },
      open: () => this.#open(name, policy, given),
      mask: (value) => given.masker?.all(value) ?? value,
    });
    this.#servers.set(name, { key: canonicalJson(policy), policy, server, leftOut: 0 });
  }

  #remove(name: string): void {
    const stopping = this.#servers.get(name)?.server.stop() ?? Promise.resolve();
    this.#servers.delete(name);
    this.#stopping.add(stopping);
    void stopping.finally(() => this.#stopping.delete(stopping));
  }

  /** @param given is told of what the server is given */
  async #open(name: string, policy: McpServerPolicy, given: Given): Promise<OpenTransport> {
    const values = await this.#secretsOf(policy);
    const masker = values.size > 0 ? new Masker([...values.values()]) : undefined;
    given.masker = masker;
    const filled = (texts: Record<string, string> = {}) =>
      Object.fromEntries(
        Object.entries(texts).map(([key, text]) => [
          key,
          replaced(text, (secret) => values.get(secret) ?? ""),
        ]),
      );
    if ("url" in policy) {
      const { StreamableHTTPClientTransport } = await import(
        "@modelcontextprotocol/sdk/client/streamableHttp.js"
      );
      const transport = new StreamableHTTPClientTransport(new URL(policy.url), {
        requestInit: { headers: filled(policy.headers) },
        fetch: boundedFetch(() => this.#servers.get(name)?.server.restart()),
      });
      return { transport: transport as OpenTransport["transport"] };
    }
    const { command, args = [], env, sandbox = false } = policy;
    const { machine, guarded, workFolder } = this.#settings;
    const asked = { argv: [command, ...args], cwd: workFolder, sandbox };
    const line = await commandLine(machine, await guarded(), asked);
    const marker = `mcp/${name}/${randomUUID()}/`;
    const base = minimalEnvironment({ platform: machine.platform, home: line.home, marker });
    const transport = new StdioTransport({
      ...{ argv: line.argv, cwd: line.cwd, marker, filter: line.filter, release: line.release },
      env: { ...base, ...filled(env), MACJARVIS_COMMAND: marker },
      mask: masker && (() => masker.stream()),
    });
    return { transport: transport as OpenTransport["transport"], lastWords: () => transport.lastWords };
  }

  /** @throws Error in words: one that is not there is no empty one */
  async #secretsOf(policy: McpServerPolicy): Promise<Map<string, string>> {
    const values = new Map<string, string>();
    for (const name of namesIn("url" in policy ? policy.headers : policy.env)) {
      const value = await this.#settings.secrets?.get(name);
      if (value === undefined)
        throw new Error(`this Mac has no secret "${name}" (npm run node -- secret set ${name})`);
      values.set(name, value);
    }
    return values;
  }
}
