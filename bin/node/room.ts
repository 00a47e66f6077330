// What every command of `npm run node` works with.
import type { NodeEnvironment } from "../../lib/env.ts";
import type { AskServer } from "../../mac-node/program/ask-server.ts";
import type { NodeFolder } from "../../mac-node/program/folder.ts";
import type { Serve } from "../../mac-node/program/serving.ts";
import type { Colours } from "../terminal/colours.ts";
import type { Texts } from "../terminal/texts.ts";

export type Room = {
  folder: NodeFolder;
  env: NodeEnvironment;
  texts: Texts;
  colours: Colours;
  ask: AskServer;
  /** Loads the bus: only what serves needs it. */
  openServe(): Promise<Serve>;
  /** A line of the answer; text that others have made is cleaned before. */
  say(line: string): void;
  /** A line beside the answer. */
  note(line: string): void;
};

/** As programs end: 0 done, 1 not done. */
export type ExitCode = 0 | 1;
