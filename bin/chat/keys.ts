// The keyboard while a run goes on: Ctrl-C, and single keys that answer a question. Takes the terminal out of line mode, so
// that Ctrl-C is a key for us and no signal for npm.
export type Keyboard = {
  /** False where nobody can be asked: input is a pipe or a file. */
  readonly canAsk: boolean;
  /** Waits for one of these characters (lower case); undefined when the signal aborts. */
  ask(choices: string, signal: AbortSignal): Promise<string | undefined>;
  close(): void;
};

type Input = {
  isTTY?: boolean;
  setRawMode?(isRaw: boolean): unknown;
  on(event: "data", listener: (bytes: Buffer | string) => void): unknown;
  off(event: "data", listener: (bytes: Buffer | string) => void): unknown;
  resume(): unknown;
  pause(): unknown;
};

const CTRL_C = "\x03";

/** @param onInterrupt Ctrl-C, or SIGINT sent to the process */
export function openKeyboard(input: Input, onInterrupt: () => void): Keyboard {
  const canAsk = input.isTTY === true;
  const question = new OpenQuestion();
  const onData = (bytes: Buffer | string) => {
    const keys = String(bytes);
    // An arrow or a function key comes as a sequence: none of its letters is an answer.
    if (keys.startsWith("\x1b")) return;
    for (const key of keys.toLowerCase()) {
      if (key === CTRL_C) onInterrupt();
      else question.press(key);
    }
  };
  process.on("SIGINT", onInterrupt);
  if (canAsk) {
    input.setRawMode?.(true);
    input.on("data", onData);
    input.resume();
  }
  return {
    canAsk,
    ask: (choices, signal) => question.ask(choices, signal),
    close() {
      process.off("SIGINT", onInterrupt);
      if (!canAsk) return;
      input.off("data", onData);
      input.setRawMode?.(false);
      input.pause();
    },
  };
}

/** The question that waits for a key; what is typed while there is none is nobody's answer. */
class OpenQuestion {
  #waiting: { choices: string; answer: (key: string | undefined) => void } | undefined;

  press(key: string): void {
    if (this.#waiting?.choices.includes(key)) this.#waiting.answer(key);
  }

  ask(choices: string, signal: AbortSignal): Promise<string | undefined> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve(undefined);
      const answer = (key: string | undefined) => {
        this.#waiting = undefined;
        signal.removeEventListener("abort", onAbort);
        resolve(key);
      };
      const onAbort = () => answer(undefined);
      signal.addEventListener("abort", onAbort);
      this.#waiting = { choices, answer };
    });
  }
}
