// Does what one line asks for, and prints the answer: a table for people, JSON with --json; what went wrong goes beside it.
import type { Screen } from "../terminal/screen.ts";
import { helpOf } from "./help.ts";
import { NotUnderstood, readCommand } from "./read-command.ts";
import type { Room } from "./room.ts";
import { wordsOf } from "./words-of.ts";

/** Asks the person. @returns whether `answer` was typed. @throws Error where nobody can be asked */
export type Confirm = (question: string, answer: string) => Promise<boolean>;
/** 0 done; 1 not done, or found not to be well; 2 not understood. */
export type ExitCode = 0 | 1 | 2;

type Terminal = { screen: Screen; confirm: Confirm };

/** Never throws. */
export async function runLine(room: Room, words: string[], { screen, confirm }: Terminal): Promise<ExitCode> {
  const { texts, colours } = screen;
  try {
    const wanted = readCommand(words, texts);
    if (wanted.type === "help") {
      screen.write(helpOf(wanted.of, texts));
      return 0;
    }
    const agree = async (question: string, answer: string) => {
      if (wanted.yes || (await confirm(question, answer))) return;
      throw new Error(texts.user.notDone);
    };
    const given = { words: wanted.words, options: wanted.options, texts, agree };
    const { json, show, failed = false } = await wanted.command.run(room, given);
    if (wanted.json) screen.write(`${JSON.stringify(json, null, 2)}\n`);
    else show(screen);
    return failed ? 1 : 0;
  } catch (thrown) {
    screen.tell(thrown instanceof NotUnderstood ? thrown.message : wordsOf(thrown, texts), colours.red);
    return thrown instanceof NotUnderstood ? 2 : 1;
  }
}
