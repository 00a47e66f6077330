// The words of a command line that may be names of files, found without running anything. It need not read a command as a
// shell does: a word too many costs a look at the disk, so it is read in two ways, with quotes as quotes and as mere dividers.
import { basename, join } from "node:path";

export type CommandWords = {
  /** Each once. */
  words: string[];
  /** What stands behind an interpreter, so that it is run whatever it is. */
  operands: Set<string>;
};

const DIVIDERS = /[\s;&|()<>`]+/;
const ALL_DIVIDERS = /[\s;&|()<>`"']+/;
const INTERPRETERS =
  /^(?:\.|source|bash|sh|zsh|dash|ksh|fish|env|exec|node|deno|bun|tsx?|python[\d.]*|pypy3?|ruby|perl|php|lua|Rscript|tclsh|wish|expect|osascript|swift|java|go|awk|gawk|sed|make|sqlite3|psql|mysql)$/;

/** What a program runs without its being named. */
const IMPLIED: Record<string, string[]> = {
  make: ["GNUmakefile", "makefile", "Makefile"],
  npm: ["package.json"],
  yarn: ["package.json"],
  pnpm: ["package.json"],
  bun: ["package.json"],
  just: ["justfile", "Justfile", ".justfile"],
  rake: ["Rakefile", "rakefile"],
};

/** @param home what `~` and `$HOME` mean in the command */
export function commandWords(command: string, home: string): CommandWords {
  const words = new Set<string>();
  const operands = new Set<string>();
  for (const list of [quotedWords(command), command.split(ALL_DIVIDERS)]) {
    for (const [index, word] of list.entries()) {
      for (const name of [word, word.slice(word.indexOf("=") + 1)]) words.add(expanded(name, home));
      const program = basename(word);
      for (const file of IMPLIED[program] ?? []) {
        words.add(file);
        operands.add(file);
      }
      if (!INTERPRETERS.test(program)) continue;
      const operand = list.slice(index + 1, index + 1 + LOOK_AHEAD).find((next) => !next.startsWith("-"));
      if (operand !== undefined) operands.add(expanded(operand, home));
    }
  }
  words.delete("");
  return { words: [...words], operands };
}

/** Options that may stand between an interpreter and its script. */
const LOOK_AHEAD = 10;

function expanded(word: string, home: string): string {
  const found = /^(?:~|\$HOME|\$\{HOME\})(?=\/|$)/.exec(word);
  return found ? join(home, word.slice(found[0].length)) : word;
}

/** Words as a shell divides them: what is quoted or escaped belongs to its word. */
function quotedWords(command: string): string[] {
  const words: string[] = [];
  let word = "";
  let quote = "";
  for (let at = 0; at < command.length; at += 1) {
    const character = command[at] ?? "";
    if (character === "\\" && quote !== "'") {
      at += 1;
      word += command[at] ?? "";
    } else if (character === quote) quote = "";
    else if (quote === "" && (character === "'" || character === '"')) quote = character;
    else if (quote === "" && DIVIDERS.test(character)) {
      words.push(word);
      word = "";
    } else word += character;
  }
  return [...words, word].filter((each) => each !== "");
}
