// The key of this Mac: an nkey of a NATS user, made here. Its seed never leaves the machine; everything it says to the server
// outside of the bus is signed with it.
import { makeKey as makeUserKey, Signer } from "../../lib/edge/keys/signatures.ts";
import { readSecretFile } from "../../lib/secret-file.ts";
import { NodeProblem } from "./problem.ts";
import { writeText } from "./stored.ts";

export type NodeKey = {
  publicKey: string;
  /** As it is kept. */
  seed: Uint8Array;
  /** @returns the signature in base64url without padding */
  sign(message: string): string;
};

export async function makeKey(): Promise<NodeKey> {
  return keyOf(makeUserKey("user").seed);
}

export function writeKey(path: string, { seed }: NodeKey): void {
  writeText(path, Buffer.from(seed).toString("ascii"));
}

/** @throws NodeProblem `damaged` when there is no key in the file */
export async function readKey(path: string): Promise<NodeKey> {
  const text = readSecretFile(path);
  try {
    return keyOf(text ?? "");
  } catch (thrown) {
    const why = text === undefined ? "there is no such file" : "it holds no key";
    throw new NodeProblem({ kind: "damaged", path, why }, { cause: thrown });
  }
}

function keyOf(seed: string): NodeKey {
  const signer = new Signer(seed);
  return {
    publicKey: signer.publicKey,
    seed: Buffer.from(seed, "ascii"),
    sign: (message) => signer.sign(message),
  };
}
