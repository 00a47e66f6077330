// The key of this Mac: an nkey of a NATS user, made here. Its seed never leaves the machine; everything it says to the server
// outside of the bus is signed with it.
import { readSecretFile } from "../../lib/secret-file.ts";
import { NodeProblem } from "./problem.ts";
import { writeText } from "./stored.ts";

export type NodeKey = {
  publicKey: string;
  /** For NATS, which signs the server's nonce with it. */
  seed: Uint8Array;
  /** @returns the signature in base64url without padding */
  sign(message: string): string;
};

export async function makeKey(): Promise<NodeKey> {
  const { createUser } = await import("@nats-io/nkeys");
  return keyOf(createUser());
}

export function writeKey(path: string, { seed }: NodeKey): void {
  writeText(path, Buffer.from(seed).toString("ascii"));
}

/** @throws NodeProblem `damaged` when there is no key in the file */
export async function readKey(path: string): Promise<NodeKey> {
  const { fromSeed } = await import("@nats-io/nkeys");
  const text = readSecretFile(path);
  try {
    return keyOf(fromSeed(Buffer.from(text ?? "", "ascii")));
  } catch (thrown) {
    const why = text === undefined ? "there is no such file" : "it holds no key";
    throw new NodeProblem({ kind: "damaged", path, why }, { cause: thrown });
  }
}

type KeyPair = { getPublicKey(): string; getSeed(): Uint8Array; sign(input: Uint8Array): Uint8Array };

function keyOf(pair: KeyPair): NodeKey {
  return {
    publicKey: pair.getPublicKey(),
    seed: pair.getSeed(),
    sign: (message) => Buffer.from(pair.sign(Buffer.from(message))).toString("base64url"),
  };
}
