// Ids of tool calls as a vendor gets them back: its own where it takes them, else nine letters and digits, which all of them
// take (Mistral no others). Made from what was there, so that the same history always looks the same to a vendor's cache.
import { createHash } from "node:crypto";

/** Mistral's rule; servers of its models have it too. */
export const NINE = /^[a-zA-Z0-9]{9}$/;
const LENGTH = 9;
const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/** An id that this program has given, for a call whose model gave none or of a time when the model's were not kept. */
const OURS = /^call_[0-9a-hjkmnp-tv-z]{26}(_\d{3}){2}$/;

/** Gives each call of one request an id of its own. */
export class CallIds {
  readonly #allowed: RegExp;
  readonly #given = new Set<string>();

  /** @param allowed what the vendor takes */
  constructor(allowed: RegExp) {
    this.#allowed = allowed;
  }

  /** @param wanted the id that the model gave; may be empty, misspelt, or taken by an earlier call */
  give(wanted: string): string {
    const isFree = this.#allowed.test(wanted) && !OURS.test(wanted) && !this.#given.has(wanted);
    const id = isFree ? wanted : this.#make(wanted);
    this.#given.add(id);
    return id;
  }

  #make(wanted: string): string {
    for (let attempt = 0; ; attempt += 1) {
      const bytes = createHash("sha256").update(`${attempt}:${wanted}`).digest();
      const id = [...bytes.subarray(0, LENGTH)].map((byte) => ALPHABET[byte % ALPHABET.length]).join("");
      if (!this.#given.has(id)) return id;
    }
  }
}
