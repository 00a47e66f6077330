// Tools of the server itself: they run in a process of the `tools` service and touch no machine. What one is given is all it can do.
import type { z } from "zod";
import type { Scope } from "./access.ts";
import type { Delegated, DelegatedTask, TASK_STATES } from "./delegated-tasks.ts";
import type { CallId, RunId, UserId } from "./ids.ts";
import type { Memory, MemoryType } from "./memory.ts";
import type { Tool, ToolResult } from "./tools.ts";

/** What of the server's settings a server tool can depend on. */
export type ServerSetup = {
  /** Where it searches the web; undefined where no provider is set up. */
  search: SearchProvider | undefined;
};

export type SearchHit = { title: string; url: string; snippet: string; published?: string };
/** One search provider with its key. */
export type SearchProvider = {
  name: string;
  /** Where a query is sent, in the spelling of contracts/hosts.ts. */
  host: string;
  /** @throws Error that says in words what is wrong; never with the key */
  search(query: { query: string; limit: number }, signal: AbortSignal): Promise<SearchHit[]>;
};

/** What a server tool is given while one call runs. No file system, no processes. */
export type ServerToolContext = {
  /** Aborted on cancel and at the deadline. A tool stops with everything it started. */
  signal: AbortSignal;
  /** Absolute time, epoch milliseconds, after which the call is over. */
  deadlineAt: number;
  /** Whether this call may send to the host: what it was asked about, and what the user's rules allow. */
  mayReach(host: string): boolean;
  /** Sends a piece of output to whoever watches the run; bounded. */
  output(stream: "stdout" | "stderr", text: string): void;
  /** Which call it is, and for whom. A call that a user makes directly has a run id that belongs to no run. */
  call: { call_id: CallId; run_id: RunId; user_id: UserId };
  doors: ServerDoors;
};

/** To what is remembered about the call's user. */
export type MemoryDoor = {
  /** The note, or the one that says the same already; undefined where there is no room for one more. */
  add(note: { type: MemoryType; content: string }): Promise<Memory | undefined>;
  /** Undefined where there is no note of that id. */
  edit(id: string, note: { type?: MemoryType | undefined; content: string }): Promise<Memory | undefined>;
  remove(id: string): Promise<boolean>;
  /** The notes that have words of the query, the best first; without any words all, the newest first. */
  find(query: string, type?: MemoryType): Promise<Memory[]>;
};

/** To the tasks of the call's run. */
export type TasksDoor = {
  /** @throws what refuses a run */
  delegate(task: { task: string; context?: string }): Promise<Delegated>;
  list(wanted: { status?: (typeof TASK_STATES)[number]; limit: number }): Promise<DelegatedTask[]>;
};

/** To the model of the call's run, within what the run may spend. */
export type ModelDoor = {
  /** Tokens it takes, question and answer together. */
  window(): Promise<number>;
  /** @param text data. @throws ToolFailure when it does not answer, or nothing may be spent any more */
  ask(instruction: string, text: string, maxOutputTokens: number): Promise<{ text: string; isCut: boolean }>;
};

/** To the one machine of the call's user that file tools of its run would go to. */
export type MachineDoor = {
  /** Whether it has a tool of that name. @throws ToolFailure where there is no machine */
  has(name: string): Promise<boolean>;
  /**
   * Runs a tool there; the user was asked about the whole call.
   * @param suffix tells the calls of one call apart: the same one again is the same call
   */
  call(name: string, args: Record<string, unknown>, suffix: string): Promise<ToolResult>;
};

/** What leads out of a server tool: to what is the call's user's, and nothing else. */
export type ServerDoors = ServerSetup & {
  memory: MemoryDoor;
  tasks: TasksDoor;
  model: ModelDoor;
  machine: MachineDoor;
};

/** The default export of `plugins/server-tools/<category>/<name>.ts`. There are built-in ones only. */
export type ServerTool<Schema extends z.ZodType = z.ZodType> = Pick<
  Tool<Schema>,
  "name" | "description" | "category" | "parameters" | "risk" | "idempotent" | "timeoutMs"
> & {
  runsOn: "server";
  /** What a credential needs to be offered it; nothing more than for other tools unless said. */
  scope?: Scope;
  /** It works on a machine of the user: who has none is not offered it. */
  needsMachine?: boolean;
  /** Whether the server has what it takes; always unless said. */
  isOffered?: (setup: ServerSetup) => boolean;
  /** As of `Tool`. */
  egress?: (args: z.output<Schema>, setup: ServerSetup) => string[];
  execute(args: z.output<Schema>, context: ServerToolContext): Promise<ToolResult>;
};
