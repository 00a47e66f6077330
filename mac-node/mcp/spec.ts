// What an MCP server is to the machine that hosts it, wherever it was named, and what a machine gives its host.
import type { HostedMcp } from "../../contracts/mcp.ts";
import type { Tool } from "../../contracts/tools.ts";
import type { Machine } from "../calls/command-line.ts";
import type { Guarded } from "../calls/guarded-now.ts";
import type { SecretSource } from "../secrets/call-secrets.ts";

type OfAnyKind = {
  /** What a tool of it is here, by the name it has there; `execute` unless said. */
  tools?: Record<string, Tool["risk"] | "off"> | undefined;
  seconds?: number | undefined;
  /** Of the environment, which it may be given: all, or those that are meant for servers that admins add. */
  variables?: "all" | "open" | undefined;
};
export type ProgramSpec = OfAnyKind & {
  command: string;
  args?: string[] | undefined;
  env?: Record<string, string> | undefined;
  /** The work folder unless said. */
  cwd?: string | undefined;
  sandbox?: boolean | undefined;
};
export type AddressSpec = OfAnyKind & {
  url: string;
  headers?: Record<string, string> | undefined;
  /** The older transport of two requests (MCP 2024-11-05). */
  sse?: boolean | undefined;
  /** Its address may be one of the machine's own network. */
  near?: boolean | undefined;
};
export type McpSpec = ProgramSpec | AddressSpec;

/** What the machine gives whoever hosts MCP servers on it. */
export type McpGround = {
  /** The machine's own name, which it keeps. */
  place: string;
  machine: Machine;
  guarded(): Promise<Guarded>;
  workFolder: string;
  secrets: SecretSource | undefined;
  isFrozen(): boolean;
  /** Names that no tool of a server may have: of this machine's own tools, and of ours that it has not. */
  taken: ReadonlySet<string>;
  /** Told when the tools, or what is wrong with a server, are others. */
  changed(): void;
  warn(error: Error, what: string): void;
};

export interface McpHosting {
  /** Of all servers, as they are known now. */
  tools(): Tool[];
  /** In words; asked behind `tools`. */
  problems(): { file: string; problem: string }[];
  /** For admins, where they look after them; `look`: after it has looked anew at what it is to host. */
  view?(look: boolean): Promise<HostedMcp>;
  stop(): Promise<void>;
}
