// The log of a Mac that serves: lines of JSON in a file, which is put aside when it has grown; three of them are kept.
import { appendFileSync, existsSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";

const MOST_BYTES = 5_242_880;
const KEPT = 3;

export class LogFile {
  readonly #path: string;
  readonly #mostBytes: number;
  #bytes: number;

  /** @param folder that is there */
  constructor(folder: string, mostBytes: number = MOST_BYTES) {
    this.#path = logPath(folder);
    this.#mostBytes = mostBytes;
    this.#bytes = statSync(this.#path, { throwIfNoEntry: false })?.size ?? 0;
  }

  /** A disk that is full ends no serving: the line is lost then. */
  write(line: string): void {
    try {
      if (this.#bytes > this.#mostBytes) this.#putAside();
      appendFileSync(this.#path, line, { mode: 0o600 });
      this.#bytes += Buffer.byteLength(line);
    } catch {
      this.#bytes = statSync(this.#path, { throwIfNoEntry: false })?.size ?? 0;
    }
  }

  #putAside(): void {
    for (let number = KEPT - 1; number > 0; number -= 1) {
      const from = number === 1 ? this.#path : `${this.#path}.${number - 1}`;
      if (existsSync(from)) renameSync(from, `${this.#path}.${number}`);
    }
    this.#bytes = 0;
  }
}

export function logPath(folder: string): string {
  return join(folder, "node.log");
}
