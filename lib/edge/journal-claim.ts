// What a process of a Mac says of the journal that it writes: which one it is, and the how manieth process on it. One that was started on the
// journal of another one knows what that one has run; one on a copy does not. Signed with a key that lies in the journal's folder.
import { z } from "zod";
import { isSignedBy, type Signer } from "./keys/signatures.ts";

/** `key`: the journal's own public key; `start`: greater than that of every process before it. */
export const journalPlace = z.strictObject({ key: z.string().max(60), start: z.int().min(1) });
export type JournalPlace = z.infer<typeof journalPlace>;
const signedPlace = journalPlace.extend({ signature: z.string().max(100) });
type Claim = z.infer<typeof signedPlace>;

/** What is signed says what it is, and for which process. */
const textOf = (nodeId: string, instance: string, start: number) =>
  `macjarvis-journal:${nodeId}:${instance}:${start}`;

export function claimJournal(signer: Signer, nodeId: string, instance: string, start: number): Claim {
  return { key: signer.publicKey, start, signature: signer.sign(textOf(nodeId, instance, start)) };
}

/** Undefined for what this process has not signed with the journal's key. Never throws. */
export function readJournalClaim(said: unknown, nodeId: string, instance: string): JournalPlace | undefined {
  const parsed = signedPlace.safeParse(said);
  if (!parsed.success) return undefined;
  const { key, start, signature } = parsed.data;
  return isSignedBy(key, textOf(nodeId, instance, start), signature) ? { key, start } : undefined;
}

/** Whether whatever the one process has written in its journal the other one has read when it began. */
export function succeeds(later: JournalPlace | undefined, earlier: JournalPlace | undefined): boolean {
  return later !== undefined && later.key === earlier?.key && later.start > earlier.start;
}
