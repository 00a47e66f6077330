// The keyboard while a run goes on: Ctrl-C, and single keys that answer a question. Takes the terminal out of line mode, so
// that Ctrl-C is a key for us and no signal for npm. Where input is a pipe, its lines answer: `yes | npm run chat -- "…"`.
export type Keyboard = {
  /** False where nobody can be asked: input is a pipe or a file that has ended. */
  readonly canAsk: boolean;
  /** Waits for one of these characters (lower case); `settled` when the signal aborts, `nobody` when input ends or stays silent. */
  ask(choices: string, signal: AbortSignal): Promise<string>;
  close(): void;
};

export type Input = {
  isTTY?: boolean;
  readableEnded?: boolean;
  destroyed?: boolean;
  setRawMode?(isRaw: boolean): unknown;
  on(event: "data" | "end", listener: (bytes: Buffer | string) => void): unknown;
  off(event: "data" | "end", listener: (bytes: Buffer | string) => void): unknown;
  resume(): unknown;
  pause(): unknown;
};

const CTRL_C = "\x03";
const MOST_AHEAD = 100;
/** A program that left its pipe open and never writes must not keep us for ever. */
const SILENT_PIPE_MS = 30_000;
/** What a line of a pipe may say; every other line is not meant for us. */
const WORDS: Record<string, string> = { y: "y", yes: "y", n: "n", no: "n", a: "a", always: "a" };

/** Whether a line of a pipe is an answer to a question. */
export function isAnswer(line: string): boolean {
  return Object.hasOwn(WORDS, line.trim().toLowerCase());
}

/**
 * @param onInterrupt Ctrl-C, or SIGINT sent to the process
 * @param answers lines that the pipe has said before
 */
export function openKeyboard(input: Input, onInterrupt: () => void, answers: string[] = []): Keyboard {
  process.on("SIGINT", onInterrupt);
  const keyboard = input.isTTY === true ? terminalKeys(input, onInterrupt) : pipedAnswers(input, answers);
  return {
    get canAsk() {
      return keyboard.canAsk;
    },
    ask: (choices, signal) => keyboard.ask(choices, signal),
    close() {
      process.off("SIGINT", onInterrupt);
      keyboard.close();
    },
  };
}

function terminalKeys(input: Input, onInterrupt: () => void): Keyboard {
  const question = new OpenQuestion();
  const onData = (bytes: Buffer | string) => {
    const keys = String(bytes);
    // An arrow or a function key comes as a sequence: none of its letters is an answer.
    if (keys.startsWith("\x1b")) return;
    for (const key of keys.toLowerCase()) {
      if (key === CTRL_C) onInterrupt();
      // What is typed while there is no question is nobody's answer.
      else question.press(key);
    }
  };
  input.setRawMode?.(true);
  input.on("data", onData);
  input.resume();
  return {
    canAsk: true,
    ask: (choices, signal) => question.ask(choices, signal),
    close() {
      input.off("data", onData);
      input.setRawMode?.(false);
      input.pause();
    },
  };
}

/** Reads from the beginning, so that the end of a pipe without answers is known before the first question. */
function pipedAnswers(input: Input, answers: string[]): Keyboard {
  const question = new OpenQuestion();
  const ahead: string[] = [];
  let begun = "";
  let hasEnded = input.readableEnded === true || input.destroyed === true;
  const onLine = (line: string) => {
    const key = WORDS[line.trim().toLowerCase()];
    if (key !== undefined && !question.press(key) && ahead.length < MOST_AHEAD) ahead.push(key);
  };
  const onData = (bytes: Buffer | string) => {
    const lines = (begun + String(bytes)).split("\n");
    begun = lines.pop()?.slice(0, 20) ?? "";
    for (const line of lines) onLine(line);
  };
  const onEnd = () => {
    onLine(begun);
    hasEnded = true;
    question.end();
  };
  for (const line of answers) onLine(line);
  input.on("data", onData);
  input.on("end", onEnd);
  input.resume();
  return {
    get canAsk() {
      return !hasEnded || ahead.length > 0;
    },
    async ask(choices, signal) {
      const early = ahead.shift();
      if (early !== undefined) return early;
      if (hasEnded) return "nobody";
      const patience = setTimeout(() => question.end(), SILENT_PIPE_MS);
      return question.ask(choices, signal).finally(() => clearTimeout(patience));
    },
    close() {
      input.off("data", onData);
      input.off("end", onEnd);
      input.pause();
    },
  };
}

/** The question that waits for a key. */
class OpenQuestion {
  #waiting: { choices: string; answer: (key: string) => void } | undefined;

  /** @returns whether it answered something */
  press(key: string): boolean {
    if (!this.#waiting?.choices.includes(key)) return false;
    this.#waiting.answer(key);
    return true;
  }

  /** Nobody is there any more. */
  end(): void {
    this.#waiting?.answer("nobody");
  }

  ask(choices: string, signal: AbortSignal): Promise<string> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve("settled");
      const answer = (key: string) => {
        this.#waiting = undefined;
        signal.removeEventListener("abort", onAbort);
        resolve(key);
      };
      const onAbort = () => answer("settled");
      signal.addEventListener("abort", onAbort);
      this.#waiting = { choices, answer };
    });
  }
}
