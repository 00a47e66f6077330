// `npm start -- --repl`: the prompt in the process that serves. Leaving it leaves the server running.

import type { RunningServer } from "../start/start-server.ts";
import { Screen } from "../terminal/screen.ts";
import type { Texts } from "../terminal/texts.ts";
import { COMMANDS } from "./commands.ts";
import { runPrompt } from "./prompt.ts";
import { roomOf } from "./room-of.ts";

/** Answers when the person has left it. */
export async function runInProcess({ broker, openTrail }: RunningServer, texts: Texts): Promise<void> {
  const screen = new Screen(process.stdout, process.stderr, texts);
  screen.note(texts.repl.welcome(COMMANDS.length));
  // The terminal is read key by key now, so that Ctrl-C comes here and not as a signal.
  const onInterrupt = () => process.kill(process.pid, "SIGINT");
  await runPrompt(roomOf(broker, openTrail), { screen, onInterrupt });
  screen.note(texts.repl.serverGoesOn);
}
