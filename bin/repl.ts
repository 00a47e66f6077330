// `npm run repl`: joins a cluster as an administration node, for one command or for a prompt.
import { readEnvironment } from "../lib/env.ts";
import { openLog } from "../lib/log.ts";
import { COMMANDS } from "./repl/commands.ts";
import { helpOf } from "./repl/help.ts";
import { joinCluster } from "./repl/join-cluster.ts";
import { runPrompt } from "./repl/prompt.ts";
import { NotUnderstood, readCommand } from "./repl/read-command.ts";
import { type ExitCode, runLine } from "./repl/run-line.ts";
import { splitLine } from "./repl/split-line.ts";
import { wordsOf } from "./repl/words-of.ts";
import { coloursFor } from "./terminal/colours.ts";
import { Screen } from "./terminal/screen.ts";
import { ownTexts } from "./terminal/texts.ts";
import { confirm } from "./user/confirm.ts";

const STANDARD_ERROR = 2;

const texts = ownTexts();

function tell(words: string): void {
  process.stderr.write(`${coloursFor(process.stderr).red(words)}\n`);
}

/** One argument is a whole line; several are its words. */
function wordsIn(argv: string[]): string[] {
  const words = argv.length === 1 ? splitLine(argv[0] ?? "") : argv;
  if (words === undefined) throw new NotUnderstood(texts.repl.openQuote);
  return words;
}

async function main(words: string[]): Promise<ExitCode> {
  // What is not understood joins nothing.
  const wanted = words.length > 0 ? readCommand(words, texts) : undefined;
  if (wanted?.type === "help") {
    process.stdout.write(helpOf(wanted.of, texts));
    return 0;
  }
  const env = readEnvironment(process.env);
  if (!env.cluster) throw new Error(texts.repl.notACluster);
  // Standard output is for answers.
  const level = env.LOG_LEVEL === "info" ? "warn" : env.LOG_LEVEL;
  const log = await openLog(level, env.LOG_FORMAT ?? (process.stderr.isTTY ? "pretty" : "json"), {
    descriptor: STANDARD_ERROR,
  });
  const onDeaf = ({ message }: Error) => {
    tell(texts.said(message));
    process.exit(1);
  };
  const { room, leave } = await joinCluster(env, env.cluster, { log, onDeaf });
  const screen = new Screen(process.stdout, process.stderr, texts);
  try {
    if (wanted)
      return await runLine(room, words, {
        screen,
        confirm: (question, answer) => confirm(question, answer, texts),
      });
    screen.note(texts.repl.welcome(COMMANDS.length));
    return await runPrompt(room, { screen, onInterrupt: () => screen.note(texts.repl.howToLeave) });
  } finally {
    await leave();
  }
}

// Whoever read our output is gone (`| head`): there is nobody left to tell.
process.stdout.on("error", () => process.exit());
try {
  process.exitCode = await main(wordsIn(process.argv.slice(2)));
} catch (thrown) {
  tell(thrown instanceof NotUnderstood ? thrown.message : wordsOf(thrown, texts));
  process.exitCode = thrown instanceof NotUnderstood ? 2 : 1;
}
process.exit();
