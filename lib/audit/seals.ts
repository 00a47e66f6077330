// Seals of audit rows: a MAC (HMAC-SHA256) over each row's hash with a key that is not in the database. Whoever can write rows
// but not read the key cannot make one that verification takes for the server's (G31, docs/audit.md).
import { createHmac, createSecretKey, hash, type KeyObject, randomBytes } from "node:crypto";
import { join } from "node:path";
import type { AuditHead, AuditRow } from "../ports/audit.ts";
import { readSecretFile, writeSecretFile } from "../secret-file.ts";

/** `after`: the end of the chain when the key was made; rows up to there are sealed by an older key, or by none. */
export type SealKey = { id: string; key: KeyObject; after: Omit<AuditHead, "writer"> };

const KEY_BYTES = 32;
const LINE = /^([\w-]{43}) (\d+) ([0-9a-f]{64})$/;

/** The file of the keys in a data folder: a line each, the last one seals. */
export function sealKeysPath(home: string): string {
  return join(home, "audit-key");
}

/** Undefined when there is no file. @throws Error in words when it holds something else */
export function readSealKeys(home: string): SealKey[] | undefined {
  const path = sealKeysPath(home);
  return readSecretFile(path)
    ?.split("\n")
    .map((line) => {
      const [, key, seq, after = ""] = LINE.exec(line.trim()) ?? [];
      if (!key) throw new Error(`${path} is no key file of the audit trail: restore it from a backup.`);
      return keyOf(Buffer.from(key, "base64url"), { seq: Number(seq), hash: after });
    });
}

/** Makes the first key of a trail that may have rows already. */
export function makeSealKey(home: string, after: SealKey["after"]): SealKey[] {
  const key = randomBytes(KEY_BYTES);
  writeSecretFile(sealKeysPath(home), `${key.toString("base64url")} ${after.seq} ${after.hash}`);
  return [keyOf(key, { seq: after.seq, hash: after.hash })];
}

function keyOf(key: Buffer, after: SealKey["after"]): SealKey {
  // As an object: a MAC by bytes makes one each time, which costs six times as much.
  return { id: hash("sha256", key).slice(0, 16), key: createSecretKey(key), after };
}

/** The keys of one trail, oldest first: the last one seals, all of them verify (HMAC-SHA256, RFC 2104). */
export class Seals {
  readonly #keys: SealKey[];
  readonly #writer: string;

  /** @param writer the one whose rows may be older than the first key */
  constructor(keys: SealKey[], writer: string) {
    this.#keys = keys;
    this.#writer = writer;
  }

  /** Seals the row that has this hash. */
  sealOf(rowHash: string): string {
    const key = this.#keys.at(-1);
    if (!key) throw new Error("there is no key to seal with");
    return sealBy(key, rowHash);
  }

  /** Where the chain was when each key was made: it must still lead through there. */
  get anchors(): AuditHead[] {
    return this.#keys
      .filter(({ after }) => after.seq > 0)
      .map(({ after }) => ({ writer: this.#writer, ...after }));
  }

  /** What is wrong with a row whose hash fits, in words behind its name; undefined when this server wrote it. */
  faultOf({ writer, seq, hash: rowHash, seal }: AuditRow): string | undefined {
    if (seal === "") {
      const isOlder = writer === this.#writer && seq <= (this.#keys[0]?.after.seq ?? 0);
      return isOlder ? undefined : "has no seal: this server did not write it";
    }
    const key = this.#keys.find(({ id }) => seal.startsWith(`${id}.`));
    if (!key)
      return "is sealed with a key that is not in audit-key: this server did not write it, or the key was replaced";
    return seal === sealBy(key, rowHash)
      ? undefined
      : "has a seal that does not fit: this server did not write it";
  }
}

function sealBy({ id, key }: SealKey, rowHash: string): string {
  return `${id}.${createHmac("sha256", key).update(rowHash).digest("hex")}`;
}
