// A digest of what a store has, by which two copies are compared: the number of its items, and the sum of the hashes of each (SHA-256,
// modulo 2^256), so that their order does not matter, which no two databases have in common.
import { hash } from "node:crypto";
import { canonicalJson } from "../../lib/canonical-json.ts";

const MODULUS = 1n << 256n;

export class ContentDigest {
  count = 0;
  #sum = 0n;

  /** @param item as JSON; the order of its keys does not matter */
  add(item: unknown): void {
    this.addHash(hash("sha256", canonicalJson(item)));
  }

  /** @param itemHash SHA-256 in hex */
  addHash(itemHash: string): void {
    this.count += 1;
    this.#sum = (this.#sum + BigInt(`0x${itemHash}`)) % MODULUS;
  }

  /** 64 hex digits. */
  get hex(): string {
    return this.#sum.toString(16).padStart(64, "0");
  }
}
