// What following a run takes: the server, the screen, the person's keys or the pipe that answers for them.

import type { StreamOptions } from "../../lib/client/run-stream.ts";
import type { Screen } from "../terminal/screen.ts";
import type { Server } from "../terminal/server.ts";
import type { NodeNames, StandingAnswer } from "./approvals.ts";
import type { Input } from "./keys.ts";

export type Room = {
  server: Server;
  screen: Screen;
  nodes: NodeNames;
  answer: StandingAnswer;
  input: Input;
  /** Answers that a pipe has given before. */
  answers?: string[];
  stream?: Pick<StreamOptions, "pauses" | "giveUpMs">;
};
