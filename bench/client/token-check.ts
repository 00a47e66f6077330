// Follows the numbered tokens of one answer: nothing lost, doubled, reordered or changed; tells when each was sent and came.
import { readToken, type Token } from "../measure/script.ts";

export class TokenCheck {
  /** The first thing that was wrong, in words. */
  fault: string | undefined;
  #next = 0;
  #rest = "";
  readonly #expected: number;
  readonly #onToken: (token: Token) => void;

  constructor(expected: number, onToken: (token: Token) => void) {
    this.#expected = expected;
    this.#onToken = onToken;
  }

  /** Takes the next piece of the answer's text, wherever it was cut. */
  feed(text: string): void {
    const all = this.#rest + text;
    let from = 0;
    for (let end = all.indexOf(" "); end >= 0; end = all.indexOf(" ", from)) {
      this.#take(all.slice(from, end));
      from = end + 1;
    }
    this.#rest = all.slice(from);
  }

  end(): void {
    if (this.#rest !== "") this.fault ??= `the text ends with ${JSON.stringify(this.#rest)}`;
    if (this.#next !== this.#expected) this.fault ??= `${this.#next} of ${this.#expected} tokens came`;
  }

  #take(text: string): void {
    const token = readToken(text);
    if (!token) {
      this.fault ??= `${JSON.stringify(text.slice(0, 40))} is no token`;
      return;
    }
    if (token.number !== this.#next) this.fault ??= `token ${token.number} came where ${this.#next} was due`;
    this.#next = token.number + 1;
    this.#onToken(token);
  }
}
