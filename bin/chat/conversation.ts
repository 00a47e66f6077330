// What a conversation in the terminal goes on with, and what its slash commands work with.
import type { Screen } from "../terminal/screen.ts";
import type { Server } from "../terminal/server.ts";
import type { NodeNames } from "./approvals.ts";
import type { Input } from "./keys.ts";

/** What the conversation goes on with; without session and model it is a new session with the server's default model. */
export type Conversation = {
  sessionId?: string | undefined;
  model?: string | undefined;
  /** Ids of the list of sessions that was shown last, in its order. */
  listed?: string[];
};

export type CommandRoom = {
  server: Server;
  screen: Screen;
  nodes: NodeNames;
  input: Input;
  conversation: Conversation;
  /** Shows a run that is under way, to its end. */
  follow(runId: string): Promise<void>;
};
