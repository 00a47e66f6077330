// What the commands of the REPL work with, and what a command is.
import type { ServiceBroker } from "moleculer";
import type { ActionName, ParamsOf, ResultOf } from "../../contracts/actions.ts";
import type { OpenAudit } from "../../lib/embedded/open-audit.ts";
import type { Screen } from "../terminal/screen.ts";
import type { Texts } from "../terminal/texts.ts";

/** Calls an action as the administrator at this terminal. @param options.nodeID the process that is to answer */
export type Ask = <Name extends ActionName>(
  name: Name,
  params: ParamsOf<Name>,
  options?: { nodeID?: string },
) => Promise<ResultOf<Name>>;

export type Room = {
  broker: ServiceBroker;
  ask: Ask;
  /** The audit trail of this installation, opened for one look. @throws Error in words */
  openTrail(): OpenAudit;
};

/** What was typed behind the name of a command. */
export type Given = {
  /** As many as the command takes; what may be left out can be missing. */
  words: string[];
  options: Record<string, string | boolean | undefined>;
  texts: Texts;
  /**
   * Before something is destroyed, or much is given away. @param answer what has to be typed
   * @throws Error when it was not, or where nobody can be asked
   */
  agree(question: string, answer: string): Promise<void>;
};

/** What a command found or did: for programs, and for people. */
export type Answer = {
  json: unknown;
  show(screen: Screen): void;
  /** It looked for something that must be well, and it is not. */
  failed?: boolean;
};

export type Command = {
  /** As it is typed, in lower case. */
  name: string;
  /** Names of what follows, which are told when it is missing. `?` behind one: it may be left out; `…`: any number of them. */
  takes?: readonly string[];
  /** Options of this command, each with a value behind it, or `true` for a word alone. */
  options?: Readonly<Record<string, "value" | "flag">>;
  run(room: Room, given: Given): Promise<Answer>;
};
