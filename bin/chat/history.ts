// What was typed in earlier chats: one line each in the data folder, for its owner's eyes only.
import { appendFileSync, chmodSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { ensureFolder } from "../../lib/ensure-folder.ts";

const MOST = 500;

export class History {
  readonly #file: string;
  readonly #lines: string[];

  /** @param file need not exist; a folder that cannot be written only costs the memory of the next chat */
  constructor(file: string) {
    this.#file = file;
    const all = readLines(file);
    this.#lines = all.slice(-MOST);
    if (all.length > 2 * MOST)
      this.#try(() => writeFileSync(file, `${this.#lines.join("\n")}\n`, { mode: 0o600 }));
  }

  /** Newest first, as readline wants it. */
  get newestFirst(): string[] {
    return this.#lines.toReversed();
  }

  add(text: string): void {
    const line = text.replaceAll(/\s*\n\s*/g, " ").trim();
    if (line === "" || line === this.#lines.at(-1)) return;
    this.#lines.push(line);
    if (this.#lines.length > MOST) this.#lines.shift();
    this.#try(() => {
      ensureFolder(dirname(this.#file));
      appendFileSync(this.#file, `${line}\n`, { mode: 0o600 });
      chmodSync(this.#file, 0o600);
    });
  }

  #try(write: () => void): void {
    try {
      write();
    } catch {
      // A chat without a memory is better than no chat.
    }
  }
}

function readLines(file: string): string[] {
  try {
    return readFileSync(file, "utf8")
      .split("\n")
      .filter((line) => line !== "");
  } catch {
    return [];
  }
}
