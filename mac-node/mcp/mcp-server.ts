// One server of the Model Context Protocol that this machine hosts: started, asked for its tools, started again when it ends, and
// asked to run them. What goes wrong with it is told in words and stays its own trouble.
import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "@modelcontextprotocol/sdk/client/index.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import type { CallToolResult, Tool as ListedTool } from "@modelcontextprotocol/sdk/types.js";
import { headOf } from "../../lib/cut-text.ts";
import { toError } from "../../lib/errors.ts";
import { NOT_SENT } from "../../lib/net/not-sent.ts";
import { OUTCOME_UNKNOWN } from "../../lib/tools/calls/failure.ts";
import { ToolFailure } from "../../lib/tools/tool-failure.ts";

/** `lastWords`: what a process has said before it ended. `release` is called when the transport is closed. */
export type OpenTransport = { transport: Transport; lastWords?: () => string; release?: () => Promise<void> };

export type McpServerSettings = {
  name: string;
  /** A new way to it. @throws Error in words */
  open(): Promise<OpenTransport>;
  /** Takes out of what it says, and of what is said about it, what nobody may see. */
  mask<Value>(value: Value): Value;
  /** A text of the server as a result shows it. */
  shown(text: string): string;
  /** Which of the tools that it lists are its tools; all unless given. @throws Error in words when nobody can say now */
  admit?(listed: readonly ListedTool[]): Promise<readonly ListedTool[]>;
  /** Its tools, or what is wrong with it, are others now. */
  changed(): void;
  warn(error: Error, what: string): void;
};

const START_MS = 30_000;
const LIST_MS = 15_000;
/** A call waits so long for a server that is being started. */
const READY_MS = 20_000;
const MOST_TOOLS = 100;
const MOST_PAGES = 20;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;
/** One that has run for so long has not failed at its start. */
const GOOD_MS = 60_000;
/** A server may say all the time that its tools are others. */
const LIST_AGAIN_MS = 1_000;

export class McpServer {
  readonly #settings: McpServerSettings;
  readonly #stopper = new AbortController();
  readonly #running: Promise<void>;
  #client: Client | undefined;
  #ready = Promise.withResolvers<void>();
  #listed: readonly ListedTool[] = [];
  #tools: readonly ListedTool[] = [];
  #admission = 0;
  #leftOut = 0;
  #problem: string | undefined;
  #end: (() => void) | undefined;
  #isListing = false;

  constructor(settings: McpServerSettings) {
    this.#settings = settings;
    this.#running = this.#run();
  }

  /** Those that were admitted of its last list, also while it is started again. */
  get tools(): readonly ListedTool[] {
    return this.#tools;
  }

  /** All of its last list. */
  get listed(): readonly ListedTool[] {
    return this.#listed;
  }

  get isReady(): boolean {
    return this.#client !== undefined;
  }

  /** In words; undefined when all is well. */
  get problem(): string | undefined {
    if (this.#problem !== undefined) return this.#problem;
    return this.#leftOut > 0 ? `it has more than ${MOST_TOOLS} tools: the others are left out` : undefined;
  }

  /**
   * @param signal aborted: the server is told so (`notifications/cancelled`)
   * @throws ToolFailure `mcp_unavailable`: nothing was done; `mcp_error`: the server says so; `outcome_unknown`
   */
  async call(
    name: string,
    args: Record<string, unknown>,
    { signal, timeoutMs }: { signal: AbortSignal; timeoutMs: number },
  ): Promise<CallToolResult> {
    const client = this.#client ?? (await this.#whenReady(signal));
    const { CallToolResultSchema } = await import("@modelcontextprotocol/sdk/types.js");
    try {
      const asked = { method: "tools/call" as const, params: { name, arguments: args } };
      const said = await client.request(asked, CallToolResultSchema, { signal, timeout: timeoutMs });
      return this.#settings.mask(said);
    } catch (thrown) {
      throw this.#failureOf(thrown, this.#client !== client, signal);
    }
  }

  /** Of a call that was sent. */
  #failureOf(thrown: unknown, hasEnded: boolean, signal: AbortSignal): ToolFailure {
    const server = `The MCP server "${this.#settings.name}"`;
    if (signal.aborted)
      return unknown(`${server} had not answered when this call was ended; nobody knows how far it got.`);
    if (hasEnded)
      return unknown(`${server} ended while this ran; nobody knows how far it got. It is started again.`);
    const { name: kind } = toError(thrown);
    const { code } = thrown as { code?: unknown };
    if (UNREADABLE.includes(kind))
      return unknown(
        `${server} has answered what cannot be understood; what it was asked to do may be done all the same.`,
      );
    if (kind === SAID && code === NOT_ANSWERED)
      return unknown(`${server} has not answered in time; nobody knows how far it got.`);
    const words = this.#settings.shown(this.#wordsOf(thrown));
    if (kind === SAID) return new ToolFailure("mcp_error", `${server} has failed: ${words}`);
    // No word of the server's, but of the way to it: the next call finds a new one.
    this.restart();
    if (kind === NOT_SENT)
      return new ToolFailure("mcp_unavailable", `${server} is not there: ${words}. Nothing was done.`);
    if (typeof code === "number" && code >= 400 && code < 500)
      return new ToolFailure("mcp_error", `${server} has refused the call: ${words}`);
    return unknown(`${server} was lost while this ran; nobody knows how far it got: ${words}`);
  }

  /** What it has listed is judged anew. Never throws: what cannot be told now stays as it is. */
  async admitAgain(): Promise<void> {
    await this.#admit().catch((thrown: unknown) => this.#warn(this.#wordsOf(thrown), CANNOT_JUDGE));
  }

  /** Ends it, and what it works on; it is started again unless it is stopped. */
  restart(): void {
    this.#end?.();
  }

  async stop(): Promise<void> {
    this.#stopper.abort();
    this.#end?.();
    await this.#running;
  }

  async #whenReady(signal: AbortSignal): Promise<Client> {
    const limit = AbortSignal.any([signal, this.#stopper.signal, AbortSignal.timeout(READY_MS)]);
    const given = Promise.withResolvers<void>();
    const giveUp = () => given.resolve();
    limit.addEventListener("abort", giveUp, { once: true });
    if (limit.aborted) giveUp();
    await Promise.race([this.#ready.promise, given.promise]);
    limit.removeEventListener("abort", giveUp);
    signal.throwIfAborted();
    if (this.#client) return this.#client;
    const why = this.#problem === undefined ? "it is being started" : this.#problem;
    throw new ToolFailure(
      "mcp_unavailable",
      `The MCP server "${this.#settings.name}" is not there: ${why}. Nothing was done.`,
    );
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopper;
    let failures = 0;
    while (!signal.aborted) {
      const began = performance.now();
      const why = await this.#runOnce().catch((thrown: unknown) => toError(thrown).message);
      if (signal.aborted) break;
      failures = performance.now() - began > GOOD_MS ? 0 : failures + 1;
      const waitMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(10, failures - 1));
      this.#say(`${why}; it is started again`);
      await sleep(failures === 0 ? FIRST_WAIT_MS : waitMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Answers why it has ended. @throws what kept it from being started */
  async #runOnce(): Promise<string> {
    const { name, open } = this.#settings;
    const { transport, lastWords, release } = await open();
    const { Client } = await import("@modelcontextprotocol/sdk/client/index.js");
    const { ToolListChangedNotificationSchema } = await import("@modelcontextprotocol/sdk/types.js");
    const client = new Client({ name: "macjarvis", version: "1" }, { capabilities: {} });
    const ended = Promise.withResolvers<void>();
    client.onclose = () => {
      // Before what it worked on is told.
      if (this.#client === client) this.#client = undefined;
      ended.resolve();
    };
    let isOdd = false;
    client.onerror = (error) => {
      // Some print their whole log among the messages: the first line tells it.
      if (!isOdd) this.#warn(this.#wordsOf(error), `the MCP server "${name}" says what cannot be understood`);
      isOdd = true;
    };
    client.setNotificationHandler(ToolListChangedNotificationSchema, () => void this.#listAgain(client));
    this.#end = () => void client.close().catch(() => undefined);
    const said = () => (lastWords?.() ? ` (${lastWords()})` : "");
    try {
      await client.connect(transport, { timeout: START_MS });
      await this.#list(client);
      this.#client = client;
      this.#ready.resolve();
      await ended.promise;
      return `it has ended${said()}`;
    } catch (thrown) {
      throw new Error(`it cannot be started: ${this.#wordsOf(thrown)}${said()}`);
    } finally {
      this.#client = undefined;
      this.#end = undefined;
      this.#ready = Promise.withResolvers<void>();
      await client.close().catch(() => undefined);
      await transport.close().catch(() => undefined);
      await release?.().catch(() => undefined);
    }
  }

  /** Of one that has no tools at all nothing is asked. */
  async #list(client: Client): Promise<void> {
    const { ListToolsResultSchema } = await import("@modelcontextprotocol/sdk/types.js");
    const tools: ListedTool[] = [];
    let cursor: string | undefined;
    let hasMore = client.getServerCapabilities()?.tools !== undefined;
    for (let page = 0; hasMore && page < MOST_PAGES && tools.length <= MOST_TOOLS; page += 1) {
      const asked = {
        method: "tools/list" as const,
        ...(cursor === undefined ? {} : { params: { cursor } }),
      };
      const part = await client.request(asked, ListToolsResultSchema, { timeout: LIST_MS });
      tools.push(...part.tools.slice(0, MOST_TOOLS + 1));
      cursor = part.nextCursor;
      hasMore = cursor !== undefined;
    }
    this.#leftOut = Math.max(0, tools.length - MOST_TOOLS) + (hasMore ? 1 : 0);
    this.#listed = this.#settings.mask(tools.slice(0, MOST_TOOLS));
    await this.#admit();
    this.#problem = undefined;
    this.#settings.changed();
  }

  async #admit(): Promise<void> {
    this.#admission += 1;
    const mine = this.#admission;
    const listed = this.#listed;
    const tools = (await this.#settings.admit?.(listed)) ?? listed;
    // What was listed or judged later counts.
    if (mine !== this.#admission) return;
    this.#tools = tools;
    this.#settings.changed();
  }

  async #listAgain(client: Client): Promise<void> {
    if (this.#isListing) return;
    this.#isListing = true;
    await sleep(LIST_AGAIN_MS, undefined, { ref: false });
    this.#isListing = false;
    if (this.#client !== client) return;
    await this.#list(client).catch((thrown: unknown) =>
      this.#say(`it does not list its tools: ${this.#wordsOf(thrown)}`),
    );
  }

  #say(said: string): void {
    const problem = headOf(said, LONGEST_PROBLEM);
    if (this.#problem === problem) return;
    this.#problem = problem;
    this.#warn(problem, `trouble with the MCP server "${this.#settings.name}"`);
    this.#settings.changed();
  }

  #warn(words: string, what: string): void {
    this.#settings.warn(new Error(words), what);
  }

  /** What somebody else's error says, in a line. */
  #wordsOf(thrown: unknown): string {
    const words = this.#settings
      .mask(toError(thrown).message)
      .replaceAll(/\s+/g, " ")
      .replace(/^MCP error -?\d+: /, "");
    return headOf(words, LONGEST_WORDS);
  }
}

const LONGEST_WORDS = 500;
/** A hub reads no description of a Mac with a longer one (contracts/mac-description.ts). */
const LONGEST_PROBLEM = 1_000;
/** Errors by their names: what a server has said, and what is no answer. */
const SAID = "McpError";
/** Of the SDK itself, among the codes of servers. */
const NOT_ANSWERED = -32_001;
const CANNOT_JUDGE = "it cannot be told which tools of MCP servers are accepted";
const unknown = (message: string) => new ToolFailure(OUTCOME_UNKNOWN, message);
const UNREADABLE = ["ZodError", "$ZodError"];
